import { connect, type Client, type Input, type Output, type Port } from '../../protocol/channel';
import { forkServerContract, type Discovery, type ForkServerContract } from '../../protocol/runner';
import { receivedProblem } from '../../protocol/problemSchema';
import { fail, type Result } from '../../core/text/problem';
import { causeOf } from '../../core/text/errorText';
import { MemoryWatch } from './memoryWatch';
import { PlaceWait } from './placeWait';
import { signalGroup, type EndSignal } from './processGroup';
import { endProcess, late, within } from './pythonRunner';
import {
  SpawnedProcess,
  stopStepMs,
  type RunnerOptions,
  type RunnerProcess,
} from './runnerProcess';
import { causeOfDeath, type WorkerDeath } from './workerDeath';

/** A process that uses the frameworks of macOS must not fork; Windows has no fork. */
export const canFork = process.platform === 'linux';

/** A cluster that was joined: its address, what a trial has there, and how many have room at once. */
export type Joined = Extract<Output<ForkServerContract, 'connect'>, { readonly ok: true }>['value'];

/** Joining takes Ray seconds; the relay itself gives up before this. */
const joinMs = 90_000;

/** What a script imports, as a discovery found it. */
export type Imports = Pick<Discovery, 'modules' | 'environment'>;

/** Packages that take seconds to import. */
const slowPackages: ReadonlySet<string> = new Set([
  ...['torch', 'torchvision', 'lightning', 'pytorch_lightning', 'transformers', 'datasets'],
  ...['accelerate', 'numpy', 'pandas', 'scipy', 'sklearn'],
]);

/**
 * What a script's top lines import of packages that take long, as modules and, after a colon, names
 * in them. Nothing where the script, or a file beside it that it imports, may set variables that
 * those packages read.
 * @param isOwn whether a module of this name lies beside the script
 */
export function importedAhead(source: string, isOwn: (name: string) => boolean): string[] {
  if (/environ|putenv|dotenv/.test(source)) return [];
  const found: string[] = [];
  const lines = /^(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+\(?([\w, \t]*)|import[ \t]+([\w.]+))/gm;
  for (const [, from, names = '', plain] of source.matchAll(lines)) {
    const module = from ?? plain ?? '';
    const [name = ''] = module.split('.');
    if (name === '' || isOwn(name)) return [];
    if (!slowPackages.has(name)) continue;
    const parts = names.split(',').map((each) => each.trim().split(/\s/)[0] ?? '');
    found.push(module, ...parts.filter(Boolean).map((part) => `${module}:${part}`));
  }
  return found;
}

/**
 * A process that starts one for each trial. Of two kinds: one has imported what a script imports and
 * forks them, for importing a framework takes seconds and forking milliseconds; the other has actors
 * of a Ray cluster run them.
 */
export class ForkServer {
  readonly #process: SpawnedProcess;
  readonly #options: RunnerOptions;
  readonly #kind: '--serve' | '--ray';
  readonly #client: Client<ForkServerContract>;
  /** Where messages of each trial go. */
  readonly #listeners = new Map<string, Set<(message: unknown) => void>>();
  #count = 0;
  #death: WorkerDeath | null = null;

  constructor(options: RunnerOptions, kind: '--serve' | '--ray' = '--serve') {
    this.#options = options;
    this.#kind = kind;
    this.#process = new SpawnedProcess({ ...options, command: [...options.command, kind] });
    this.#client = connect(this.#process.port, forkServerContract, (error) => {
      options.log?.('warn', error.message);
    });
    this.#client.on('told', ({ name, message }) => {
      for (const listener of this.#listeners.get(name) ?? []) listener(message);
    });
    void this.#process.died.then((death) => {
      this.#death = death;
      this.#client.close(causeOfDeath(death));
    });
  }

  /** Imports what the script does; false where something stands in the way of forking after that. */
  async preload({ modules, environment }: Imports, timeoutMs: number): Promise<boolean> {
    const imported = this.#client
      .call('preload', { modules, environment })
      .catch((error: unknown) => ({ obstacle: causeOf(error) }));
    const told = await within(imported, timeoutMs);
    const obstacle = told === late ? 'importing took too long' : told.obstacle;
    if (obstacle === null) return true;
    this.#options.log?.('info', `Each trial imports for itself: ${obstacle}`);
    return false;
  }

  /** Joins a Ray cluster. */
  async join(cluster: Input<ForkServerContract, 'connect'>): Promise<Result<Joined>> {
    const { address } = cluster;
    try {
      const joined = await within(this.#client.call('connect', cluster), joinMs);
      if (joined === late)
        return fail('rayUnreachable', { address, cause: 'causeNoAnswer', seconds: joinMs / 1000 });
      return joined.ok ? joined : { ok: false, problem: receivedProblem(joined.problem) };
    } catch (error) {
      return fail('rayRefused', { address, cause: causeOf(error) });
    }
  }

  get alive(): boolean {
    return this.#death === null;
  }

  /** A new trial's process; null where none could be forked. A cluster's tells itself how it failed. */
  async fork(): Promise<RunnerProcess | null> {
    const name = String(++this.#count);
    const wait = new PlaceWait(this.#options.onWaiting);
    const forked = new ForkedProcess(name, this.#process, this.#client, this.#portOf(name), wait);
    try {
      const { pid } = await this.#client.call('fork', { name });
      forked.begin(pid);
      return forked;
    } catch {
      return this.#kind === '--ray' ? forked : null;
    }
  }

  /** Ends it and each trial. */
  async stop(): Promise<void> {
    if (!this.#death) await endProcess(this.#process);
  }

  #portOf(name: string): Port {
    return {
      post: (message) => {
        this.#process.port.post({ kind: 'pass', to: name, message });
      },
      listen: (receive) => {
        const listeners = this.#listeners.get(name) ?? new Set();
        this.#listeners.set(name, listeners.add(receive));
        return () => {
          listeners.delete(receive);
        };
      },
    };
  }
}

class ForkedProcess implements RunnerProcess {
  readonly port: Port;
  readonly died: Promise<WorkerDeath>;
  readonly stopStepMs = stopStepMs;
  #pid: number | null = null;
  #memory: MemoryWatch | null = null;
  readonly #name: string;
  readonly #client: Client<ForkServerContract>;
  /** Trials share their server's stderr: what was written since this one was last spoken to is its own. */
  #written: number;

  constructor(
    name: string,
    server: SpawnedProcess,
    client: Client<ForkServerContract>,
    port: Port,
    readonly wait: PlaceWait,
  ) {
    this.#name = name;
    this.#client = client;
    this.#written = server.written;
    this.port = {
      post: (message) => {
        this.#written = server.written;
        port.post(message);
      },
      listen: (receive) =>
        port.listen((message) => {
          wait.over();
          receive(message);
        }),
    };
    const stopWaiting = client.on('waiting', ({ name: waiting, what }) => {
      if (waiting === name) wait.queued({ id: 'progressRay', values: { resources: what } });
    });
    const end = () => {
      stopWaiting();
      wait.over();
      return this.#memory?.end() ?? null;
    };
    this.died = new Promise((resolve) => {
      const stop = client.on('exited', ({ name: ended, exitCode, signal }) => {
        if (ended !== name) return;
        stop();
        this.#pid = null;
        // What it wrote last may still be on the way.
        setTimeout(() => {
          const stderrTail = server.stderrSince(this.#written);
          const hadMemory = end();
          resolve({ exitCode, signal: signal as NodeJS.Signals | null, stderrTail, hadMemory });
        }, 50);
      });
      void server.died.then((death) => {
        // It can no longer do so.
        signalGroup(this.#pid, 'SIGKILL');
        end();
        resolve(death);
      });
    });
  }

  /** It runs as this process; null for one of another machine. */
  begin(pid: number | null): void {
    this.#pid = pid;
    if (pid !== null) this.#memory = new MemoryWatch(pid);
  }

  endInput(): void {
    this.#client.call('close', { name: this.#name }).catch(() => undefined);
  }

  signalGroup(signal: EndSignal): void {
    this.#client.call('signal', { name: this.#name, signal }).catch(() => undefined);
  }
}
