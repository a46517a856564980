import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TrainerSettings } from '../../config/schema';
import type { Program } from '../../protocol/runner';
import { canFork, ForkServer, importedAhead, type Imports } from './forkServer';
import { PathMap } from './pathMap';
import { pythonFile } from './pythonInterpreter';
import { PythonRunner } from './pythonRunner';
import { SpawnedProcess, type RunnerOptions } from './runnerProcess';
import type { TrainerOptions } from './trainerProcess';

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
  /** Begun as a process of its own, a run went well where its fork had died. */
  isForkless = false;
  readonly #options: PythonTrainerOptions;
  readonly #python: string;
  readonly #program: Program;
  readonly #paths: PathMap;
  readonly #runners = new Set<PythonRunner>();
  #forks: ForkServer | null = null;
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
    const beyond = settings.launcher.length > 0;
    return {
      program: { ...this.#program, ...(own !== undefined && { target: this.#paths.there(own) }) },
      root: this.#paths.there(root),
      seed,
      ...(beyond && { cwd: this.#paths.there(this.#folder), env: settings.env }),
    };
  }

  /** A process for a run of the script. */
  async start(): Promise<PythonRunner> {
    const options = this.#runnerOptions();
    const forked = this.forks ? ((await this.#forks?.fork()) ?? null) : null;
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
    await runner.stop();
    this.#runners.delete(runner);
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
    await this.#stopForking();
  }

  async #stopForking(): Promise<void> {
    const forks = this.#forks;
    this.#forks = null;
    await forks?.stop();
  }

  #runnerOptions(): RunnerOptions {
    const { settings, trainer } = this.#options;
    const runnerFile = this.#paths.there(trainer.python?.runnerFile ?? pythonFile('run.py'));
    return {
      command: [...launcherOf(settings, this.#python), this.#python, runnerFile],
      cwd: this.#folder,
      env: { PYTHONUNBUFFERED: '1', ...settings.env },
      isElsewhere: settings.launcher.length > 0,
      log: trainer.log,
    };
  }

  /** Where the script is run. */
  get #folder(): string {
    const { settings, configFile } = this.#options;
    return path.resolve(path.dirname(configFile), settings.cwd ?? '.');
  }

  /** A launcher may start several processes, or one that lasts no longer than a trial. */
  get #canFork(): boolean {
    const { launcher } = this.#options.settings;
    return canFork && this.#program.kind !== 'command' && launcher.length === 0;
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
