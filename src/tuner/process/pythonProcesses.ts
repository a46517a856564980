import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TrainerSettings } from '../../config/schema';
import { ok, type Result } from '../../core/text/problem';
import type { Program } from '../../protocol/runner';
import { canFork, ForkServer, importedAhead, type Imports, type Joined } from './forkServer';
import { PathMap } from './pathMap';
import { pythonFile } from './pythonInterpreter';
import { launcherFault } from './pythonDiscovery';
import { PythonRunner, type RunnerAnswer } from './pythonRunner';
import { SpawnedProcess, type RunnerOptions } from './runnerProcess';
import type { TrainerOptions } from './trainerProcess';

/** Seconds that ssh may take to connect, where the launcher itself does not say. */
const sshConnectSeconds = 8;
/** An actor that only takes long to start is there by then. */
const longQueueMs = 7000;
/** Each start of these may wait in a queue, behind what the tuner itself has started. */
const queueing: ReadonlySet<string> = new Set(['srun', 'salloc']);

/** Whether a launcher asks a queue for a place each time that it starts something. */
export function waitsInQueue(launcher: readonly string[]): boolean {
  return launcher.some((each) => queueing.has(path.basename(each)));
}

/** Of util-linux: has a process signalled once the one that started it is gone. */
const setpriv = '/usr/bin/setpriv';

/** While its job waits, srun reads no stdin, whose end tells everything else that the tuner is gone. */
function tiedToTuner([program = '']: readonly string[]): string[] {
  const isTied = queueing.has(path.basename(program)) && existsSync(setpriv);
  return isTied ? [setpriv, '--pdeathsig', 'TERM'] : [];
}

/**
 * The whole command of a process: launcher, interpreter and the runner's file there.
 * @param host where the first run was: srun shall go there again, for step times of different
 *   machines cannot be compared
 */
export function commandOf(
  { launcher }: Pick<TrainerSettings, 'launcher'>,
  python: string,
  runnerFile: string,
  host: string | null = null,
): string[] {
  const before = [...launcherOf({ launcher }, python)];
  const srun = before.findIndex((each) => path.basename(each) === 'srun');
  const isPlaced = before.some((each) => /^(-w|--nodelist)/.test(each));
  if (srun >= 0 && host !== null && !isPlaced) before.splice(srun + 1, 0, `--nodelist=${host}`);
  const at = before.findIndex((each) => path.basename(each) === 'ssh');
  if (at < 0) return [...before, python, runnerFile];
  const rest = before.slice(at + 1);
  // By itself ssh gives up after the minutes that TCP takes.
  const says = rest.some((each) => /connecttimeout/i.test(each));
  const patience = says ? [] : ['-o', `ConnectTimeout=${sshConnectSeconds}`];
  const own = [...before.slice(0, at + 1), ...patience, ...rest];
  // What follows the host is read by a shell there.
  return [...own, ...[python, runnerFile].map(quoted)];
}

/** A word as a POSIX shell reads it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * What is put before the command. torchrun is taken from the interpreter's environment, told that
 * its program is no script of its own Python, and given a free port where none is asked for: trials
 * that wait are there at the same time.
 */
export function launcherOf(
  { launcher }: Pick<TrainerSettings, 'launcher'>,
  python: string,
): readonly string[] {
  const at = launcher.findIndex((each) => path.basename(each) === 'torchrun');
  const program = launcher[at];
  if (program === undefined) return launcher;
  const beside = path.join(path.dirname(python), 'torchrun');
  const isBare = program === 'torchrun' && path.isAbsolute(python) && existsSync(beside);
  const options = launcher.slice(at + 1);
  const meets = options.some((each) => /^--(standalone|rdzv|master|nnodes)/.test(each));
  const own = [...(meets ? [] : ['--standalone']), ...options, '--no-python'];
  return [...launcher.slice(0, at), isBare ? beside : program, ...own];
}

export interface PythonTrainerOptions {
  readonly settings: TrainerSettings;
  readonly configFile: string;
  readonly root: string;
  readonly trainer: TrainerOptions;
}

/**
 * The processes that run a script: each a run of its own, forked from one that has imported what the
 * script does, where that can be.
 */
export class PythonProcesses {
  /** Called when a process has waited in a queue for a while. */
  onQueued: () => void = () => undefined;
  /** The cluster that was joined, where trials run in one. */
  joined: Joined | null = null;
  /** Where the first run was; null where that is not told. */
  host: string | null = null;
  /** Begun as a process of its own, a run went well where its fork had died. */
  isForkless = false;
  readonly #options: PythonTrainerOptions;
  readonly #python: string;
  readonly #program: Program;
  readonly #paths: PathMap;
  readonly #runners = new Set<PythonRunner>();
  #forks: ForkServer | null = null;
  #cluster: ForkServer | null = null;
  #stopped = false;

  /** @param python the interpreter, as it is called beyond the launcher */
  constructor(options: PythonTrainerOptions, python: string, program: Program) {
    this.#options = options;
    this.#python = python;
    this.#program = program;
    this.#paths = new PathMap(options.settings.paths);
  }

  /** Whether the next process will be a fork. */
  get forks(): boolean {
    return this.#forks?.alive === true && !this.isForkless;
  }

  /** The script itself, where it is a file. */
  get ownFiles(): string[] {
    const { kind, target } = this.#program;
    return kind === 'script' || kind === 'notebook' ? [target] : [];
  }

  /** A file of the other side of the launcher, as it is called here. */
  here(file: string): string {
    return this.#paths.here(file);
  }

  /** What each run begins with: where it is run and with what. */
  beginning(seed: number) {
    const { root, settings } = this.#options;
    const [own] = this.ownFiles;
    return {
      program: { ...this.#program, ...(own !== undefined && { target: this.#paths.there(own) }) },
      root: this.#paths.there(root),
      seed,
      ...(this.isElsewhere && { cwd: this.#paths.there(this.#folder), env: settings.env }),
    };
  }

  /** Whether the script runs beyond a launcher or on a cluster. */
  get isElsewhere(): boolean {
    const { launcher, cluster } = this.#options.settings;
    return launcher.length > 0 || cluster !== undefined;
  }

  /** Joins the cluster, where there is one to join. */
  async open(): Promise<Result<null>> {
    const { cluster } = this.#options.settings;
    if (!cluster || this.#stopped) return ok(null);
    this.#cluster = new ForkServer(this.#runnerOptions(), '--ray');
    const { ray: address, resources } = cluster;
    const joined = await this.#cluster.join({ address, resources });
    if (!joined.ok) return joined;
    this.joined = joined.value;
    return ok(null);
  }

  /** Trials that may be there at once. */
  get places(): number {
    if (waitsInQueue(this.#options.settings.launcher)) return 1;
    return this.joined?.places ?? Infinity;
  }

  /** A process for a run of the script. */
  async start(): Promise<PythonRunner> {
    const options = this.#runnerOptions();
    const server = this.#cluster ?? (this.forks ? this.#forks : null);
    const forked = (await server?.fork()) ?? null;
    const runner = new PythonRunner(forked ?? new SpawnedProcess(options), options.log);
    this.#runners.add(runner);
    // Stopped while it was starting: it must not outlive the sweep.
    if (this.#stopped) await runner.stop();
    return runner;
  }

  /** The same for the first run, forked where what takes long to import can be imported before it. */
  async startFirst(timeoutMs: number): Promise<PythonRunner> {
    const [script] = this.#program.kind === 'script' ? this.ownFiles : [];
    const modules = script !== undefined && this.#canFork ? aheadOf(script) : [];
    if (modules.length > 0) await this.startForking({ modules, environment: {} }, timeoutMs);
    return this.start();
  }

  async end(runner: PythonRunner): Promise<void> {
    this.host ??= runner.host;
    await runner.stop();
    this.#runners.delete(runner);
  }

  /** What is wrong with a launcher that never got as far as the script; null where it did. */
  launcherFault(ended: Exclude<RunnerAnswer<'begin'>, { kind: 'answer' }>, timeoutMs: number) {
    const { launcher } = this.#options.settings;
    if (launcher.length === 0 || this.host !== null || ended.kind === 'refused') return null;
    return launcherFault(launcher, this.#python, ended, timeoutMs);
  }

  interrupt(): void {
    for (const runner of this.#runners) runner.interrupt();
  }

  /** From now on runs are forked, where that can be. */
  async startForking(found: Imports, timeoutMs: number): Promise<void> {
    if (!this.#canFork || found.modules.length === 0 || this.#stopped) return;
    if (this.#forks?.alive !== true) this.#forks = new ForkServer(this.#runnerOptions());
    if (!(await this.#forks.preload(found, timeoutMs))) await this.#stopForking();
  }

  /** Ends them all for good. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#runners].map((runner) => runner.stop()));
    await Promise.all([this.#stopForking(), this.#cluster?.stop()]);
  }

  async #stopForking(): Promise<void> {
    const forks = this.#forks;
    this.#forks = null;
    await forks?.stop();
  }

  #runnerOptions(): RunnerOptions {
    const { settings, trainer } = this.#options;
    const own = trainer.python?.runnerFile ?? pythonFile('run.py');
    // What joins a cluster runs here.
    const runnerFile = settings.cluster ? own : this.#paths.there(own);
    return {
      command: [
        ...tiedToTuner(settings.launcher),
        ...commandOf(settings, this.#python, runnerFile, this.host),
      ],
      cwd: this.#folder,
      env: { PYTHONUNBUFFERED: '1', ...settings.env },
      launcher: settings.launcher,
      log: trainer.log,
      onWaiting: (waiting) => {
        trainer.onWaiting?.(waiting);
        if (waiting?.isQueued !== true) return;
        const isStillQueued = () => [...this.#runners].some(({ wait }) => wait.isQueued);
        setTimeout(() => {
          if (isStillQueued()) this.onQueued();
        }, longQueueMs).unref();
      },
    };
  }

  /** Where the script is run. */
  get #folder(): string {
    const { settings, configFile } = this.#options;
    return path.resolve(path.dirname(configFile), settings.cwd ?? '.');
  }

  /** A launcher may start several processes, or one that lasts no longer than a trial. */
  get #canFork(): boolean {
    return canFork && this.#program.kind !== 'command' && !this.isElsewhere;
  }
}

function aheadOf(script: string): string[] {
  const folder = path.dirname(script);
  const isOwn = (name: string) =>
    existsSync(path.join(folder, name)) || existsSync(path.join(folder, `${name}.py`));
  try {
    return importedAhead(readFileSync(script, 'utf8'), isOwn);
  } catch {
    // Running it will tell.
    return [];
  }
}
