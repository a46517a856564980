import { connect, type Client, type Port } from '../../protocol/channel';
import { forkServerContract, type Discovery, type ForkServerContract } from '../../protocol/runner';
import { causeOf } from '../../core/text/errorText';
import { MemoryWatch } from './memoryWatch';
import { signalGroup, type EndSignal } from './processGroup';
import { endProcess, late, within } from './pythonRunner';
import { SpawnedProcess, type RunnerOptions, type RunnerProcess } from './runnerProcess';
import { causeOfDeath, type WorkerDeath } from './workerDeath';

/** A process that uses the frameworks of macOS must not fork; Windows has no fork. */
export const canFork = process.platform === 'linux';

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
 * A process that has imported what a script imports, and forks one for each trial: importing a
 * framework takes seconds, forking takes milliseconds.
 */
export class ForkServer {
  readonly #process: SpawnedProcess;
  readonly #log: RunnerOptions['log'];
  readonly #client: Client<ForkServerContract>;
  /** Where messages of each trial go. */
  readonly #listeners = new Map<string, Set<(message: unknown) => void>>();
  #count = 0;
  #death: WorkerDeath | null = null;

  constructor(options: RunnerOptions) {
    this.#log = options.log;
    this.#process = new SpawnedProcess({ ...options, command: [...options.command, '--serve'] });
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
    this.#log?.('info', `Each trial imports for itself: ${obstacle}`);
    return false;
  }

  get alive(): boolean {
    return this.#death === null;
  }

  /** A new trial's process; null where none could be forked. */
  async fork(): Promise<RunnerProcess | null> {
    const name = String(++this.#count);
    const forked = new ForkedProcess(name, this.#process, this.#client, this.#portOf(name));
    try {
      const { pid } = await this.#client.call('fork', { name });
      forked.begin(pid);
      return forked;
    } catch {
      return null;
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
  ) {
    this.#name = name;
    this.#client = client;
    this.#written = server.written;
    this.port = {
      post: (message) => {
        this.#written = server.written;
        port.post(message);
      },
      listen: (receive) => port.listen(receive),
    };
    this.died = new Promise((resolve) => {
      const stop = client.on('exited', ({ name: ended, exitCode, signal }) => {
        if (ended !== name) return;
        stop();
        this.#pid = null;
        // What it wrote last may still be on the way.
        setTimeout(() => {
          const stderrTail = server.stderrSince(this.#written);
          const hadMemory = this.#memory?.end() ?? null;
          resolve({ exitCode, signal: signal as NodeJS.Signals | null, stderrTail, hadMemory });
        }, 50);
      });
      void server.died.then((death) => {
        // It can no longer do so.
        signalGroup(this.#pid, 'SIGKILL');
        this.#memory?.end();
        resolve(death);
      });
    });
  }

  /** It runs as this process. */
  begin(pid: number): void {
    this.#pid = pid;
    this.#memory = new MemoryWatch(pid);
  }

  endInput(): void {
    this.#client.call('close', { name: this.#name }).catch(() => undefined);
  }

  signalGroup(signal: EndSignal): void {
    this.#client.call('signal', { name: this.#name, signal }).catch(() => undefined);
  }
}
