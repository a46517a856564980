import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fail, ok, type Result } from '../../core/text/problem';
import {
  ChannelError,
  connect,
  type Client,
  type Input,
  type Payload,
  type Port,
} from '../../protocol/channel';
import { receivedProblem } from '../../protocol/problemSchema';
import { trainerContract, type Running, type TrainerContract } from '../../protocol/trainer';
import { Heartbeat } from './heartbeat';
import { MemoryWatch } from './memoryWatch';
import { findNode, type NodeBinary } from './nodeBinary';
import type { Waiting } from './placeWait';
import { killGroup } from './processGroup';
import type { Answer, CallName, Trainer } from './trainer';
import { causeOfDeath, type WorkerDeath } from './workerDeath';
import { workerEnvironment } from './workerEnvironment';

export interface TrainerOptions {
  /** The built training process; default: `worker.js` beside this bundle. */
  readonly workerFile?: string;
  /** Path of a Node executable; null looks for one. */
  readonly nodePath?: string | null;
  readonly startTimeoutMs?: number;
  /** How long each step of stopping may take before the next, harsher one. */
  readonly stopTimeoutMs?: number;
  /** For configs that name a Python training. */
  readonly python?: PythonOptions;
  /** A process that shows no sign of life for so long hangs, and is ended. */
  readonly hungAfterMs?: number;
  readonly log?: (level: LogLevel, message: string) => void;
  /** Called with the progress of reading a large data set. */
  readonly onReading?: ((reading: Reading) => void) | undefined;
  /** Told what a Python training waits for before it runs, and null once it waits no more. */
  readonly onWaiting?: ((waiting: Waiting | null) => void) | undefined;
}

interface PythonOptions {
  /** Absolute path of the runner; default: `python/run.py` beside the folder of this bundle. */
  readonly runnerFile?: string;
  /** The interpreter that an editor chose, where the config names none. */
  readonly interpreter?: string | null;
}

export type Reading = Payload<TrainerContract, 'reading'>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const stderrKept = 4000;
/** The descriptor on which the process shows that it runs; 3 is the channel's. */
const heartbeatDescriptor = 4;

/** A forked training process. It is known only through its contract. */
export class TrainerProcess implements Trainer {
  readonly #child: ChildProcess;
  readonly #options: TrainerOptions;
  readonly #client: Client<TrainerContract>;
  readonly #died: Promise<WorkerDeath>;
  readonly #heartbeat: Heartbeat;
  readonly #memory: MemoryWatch | null;
  #death: WorkerDeath | null = null;
  #hung = false;
  #ended = false;
  #running: Running | null = null;
  #stderr = '';

  private constructor(
    child: ChildProcess,
    options: TrainerOptions,
    readonly node: NodeBinary,
  ) {
    this.#child = child;
    this.#options = options;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrKept);
      options.log?.('debug', text.trimEnd());
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      options.log?.('debug', text.trimEnd());
    });
    this.#client = connect(portOf(child), trainerContract, (error) => {
      options.log?.('warn', error.message);
    });
    this.#client.on('log', ({ level, message }) => {
      // What the process says before it ends by an error is the best cause of its death.
      if (level === 'error') this.#stderr = `${this.#stderr}\n${message}`.slice(-stderrKept);
      options.log?.(level, message);
    });
    this.#client.on('running', (running) => {
      this.#running = running;
    });
    this.#client.on('reading', (reading) => {
      options.onReading?.(reading);
    });
    const pipe = child.stdio[heartbeatDescriptor];
    this.#heartbeat = new Heartbeat(pipe, options.hungAfterMs ?? 5000, () => {
      this.#hung = true;
      killGroup(child);
    });
    this.#memory = child.pid === undefined ? null : new MemoryWatch(child.pid);
    this.#died = new Promise((resolve) => {
      const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
        const hadMemory = this.#memory?.end() ?? null;
        this.#death ??= {
          exitCode,
          signal,
          stderrTail: this.#stderr,
          hung: this.#hung,
          ended: this.#ended,
          hadMemory,
          running: this.#running,
        };
        resolve(this.#death);
        // What the process started ends with it, and holds no pipe of this process open.
        killGroup(child);
        this.#heartbeat.stop();
        child.stdout?.destroy();
        child.stderr?.destroy();
        this.#client.close(causeOfDeath(this.#death));
      };
      // Not 'close', which never comes once the channel was disconnected from this side.
      child.once('exit', (exitCode, signal) => {
        void lastWords(child).then(() => {
          end(exitCode, signal);
        });
      });
      child.once('error', (error) => {
        this.#stderr += error.message;
        if (child.pid === undefined) end(null, null);
      });
    });
  }

  /**
   * Forks and waits until the process is ready, fails, ends or takes too long. One that is killed
   * meanwhile says so at its first call, like one that is killed later.
   */
  static async start(options: TrainerOptions = {}): Promise<Result<TrainerProcess>> {
    const workerFile = options.workerFile ?? path.join(__dirname, 'worker.js');
    if (!existsSync(workerFile)) return fail('workerMissing', { file: workerFile });
    const node = await findNode(options.nodePath);
    if (!node.ok) return node;
    let trainer: TrainerProcess;
    try {
      trainer = new TrainerProcess(forkWorker(workerFile, node.value), options, node.value);
    } catch (error) {
      return fail('workerNotStarted', { cause: String(error) });
    }
    const timeoutMs = options.startTimeoutMs ?? 30_000;
    const outcome = await trainer.#readiness(timeoutMs);
    if (outcome === 'ready') return ok(trainer);
    if (outcome !== 'late' && outcome.signal !== null) return ok(trainer);
    await trainer.stop();
    return outcome === 'late'
      ? fail('workerSilent', { seconds: timeoutMs / 1000 })
      : fail('workerNotStarted', { cause: causeOfDeath(outcome) });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  get alive(): boolean {
    return this.#death === null;
  }

  get death(): WorkerDeath | null {
    return this.#death;
  }

  async call<N extends CallName>(
    name: N,
    input: Input<TrainerContract, N>,
    timeoutMs = Infinity,
  ): Promise<Answer<N>> {
    const late = deadline(timeoutMs);
    this.#memory?.look();
    // A process that reports progress is not silent.
    const off = this.#client.on('reading', late.restart);
    try {
      const called = this.#client.call(name, input);
      const output = await Promise.race([called, late.passed]);
      if (output !== 'late') return { kind: 'answer', output };
      called.catch(() => undefined);
      this.#ended = true;
      killGroup(this.#child);
      await this.#died;
      return { kind: 'late', ...(this.#running && { running: this.#running }) };
    } catch (error) {
      if (this.#death) return { kind: 'died', death: this.#death };
      const [message, sent] =
        error instanceof ChannelError ? [error.message, error.problem] : [String(error), null];
      // A channel that breaks a moment before the process is seen to end is a death too.
      if (!this.#child.connected) return { kind: 'died', death: await this.#died };
      return { kind: 'refused', message, ...(sent && { problem: receivedProblem(sent) }) };
    } finally {
      off();
      late.cancel();
    }
  }

  /** Ends the process: by asking it to interrupt its work and leave, by SIGTERM, by SIGKILL. */
  async stop(): Promise<void> {
    const stepMs = this.#options.stopTimeoutMs ?? 1500;
    if (this.#child.pid === undefined || this.#death) return;
    this.#ended = true;
    if (this.#child.connected) {
      // The running call ends at its next block, and the process leaves with its host.
      this.#client.call('interrupt', {}).catch(() => undefined);
      this.#child.disconnect();
      if (await this.#within(stepMs)) return;
    }
    this.#child.kill('SIGTERM');
    if (await this.#within(stepMs)) return;
    killGroup(this.#child);
    await this.#died;
  }

  async #readiness(timeoutMs: number): Promise<'ready' | 'late' | WorkerDeath> {
    const late = deadline(timeoutMs);
    const ready = new Promise<'ready'>((resolve) => {
      const off = this.#client.on('ready', () => {
        off();
        resolve('ready');
      });
    });
    try {
      return await Promise.race([ready, this.#died, late.passed]);
    } finally {
      late.cancel();
    }
  }

  /** True when the process ended within this time. */
  async #within(ms: number): Promise<boolean> {
    const late = deadline(ms);
    const ended = await Promise.race([this.#died, late.passed]);
    late.cancel();
    return ended !== 'late';
  }
}

function forkWorker(workerFile: string, node: NodeBinary): ChildProcess {
  const env = workerEnvironment();
  if (node.isElectron) env['ELECTRON_RUN_AS_NODE'] = '1';
  return fork(workerFile, [`--heartbeat=${heartbeatDescriptor}`], {
    execPath: node.path,
    // The editor's own flags break forks on Linux: https://github.com/microsoft/vscode/issues/302602
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
    // A group of its own: Ctrl+C in a terminal reaches the tuner alone, which then ends the worker,
    // and what the worker starts can be ended with it.
    detached: process.platform !== 'win32',
    env,
  });
}

/** Waits until stderr is read to its end, which a grandchild holding it open must not delay. */
async function lastWords(child: ChildProcess): Promise<void> {
  const { stderr } = child;
  if (!stderr || stderr.readableEnded || stderr.destroyed) return;
  const late = deadline(200);
  await Promise.race([once(stderr, 'close').catch(() => undefined), late.passed]);
  late.cancel();
}

function portOf(child: ChildProcess): Port {
  return {
    post: (message) => {
      if (child.connected) child.send(message as object, () => undefined);
    },
    listen: (receive) => {
      child.on('message', receive);
      return () => child.off('message', receive);
    },
  };
}

interface Deadline {
  readonly passed: Promise<'late'>;
  readonly restart: () => void;
  readonly cancel: () => void;
}

function deadline(ms: number): Deadline {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<'late'>((resolve) => {
    if (!Number.isFinite(ms)) return;
    timer = setTimeout(() => {
      resolve('late');
    }, ms);
  });
  return {
    passed,
    restart: () => {
      timer?.refresh();
    },
    cancel: () => {
      clearTimeout(timer);
    },
  };
}
