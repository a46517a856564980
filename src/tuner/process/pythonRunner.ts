import { spawn, type ChildProcess } from 'node:child_process';
import { connect, type Client, type Input, type Output, type Port } from '../../protocol/channel';
import { runnerContract, type RunnerContract } from '../../protocol/runner';
import { messageLines } from './messageLines';
import type { LogLevel } from './trainerProcess';
import { causeOfDeath, type WorkerDeath } from './workerDeath';
import { causeOf } from '../../core/text/errorText';

export interface RunnerOptions {
  /** The whole command, launcher included. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly log?: ((level: LogLevel, message: string) => void) | undefined;
}

export type RunnerAnswer<N extends keyof RunnerContract['calls']> =
  | { readonly kind: 'answer'; readonly output: Output<RunnerContract, N> }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'late' }
  | { readonly kind: 'died'; readonly death: WorkerDeath };

const stderrKept = 4000;
/** Longest line of a script's output that is logged. */
const longestLine = 2000;
const stopStepMs = 1500;

/** A process that runs a script under control, spoken to by JSON lines on its stdin and stdout. */
export class PythonRunner {
  readonly #options: RunnerOptions;
  readonly #child: ChildProcess;
  readonly #client: Client<RunnerContract>;
  readonly #died: Promise<WorkerDeath>;
  #death: WorkerDeath | null = null;
  #stderr = '';

  constructor(options: RunnerOptions) {
    this.#options = options;
    const [file = '', ...args] = options.command;
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, which ends as a whole: data-loader workers and launchers too.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrKept);
      options.log?.('debug', text.slice(0, longestLine).trimEnd());
    });
    this.#client = connect(this.#port(child), runnerContract, (error) => {
      options.log?.('warn', error.message);
    });
    this.#died = new Promise((resolve) => {
      const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
        this.#death ??= { exitCode, signal, stderrTail: this.#stderr };
        this.#client.close(causeOfDeath(this.#death));
        resolve(this.#death);
      };
      child.once('error', (error) => {
        this.#stderr += error.message;
        if (child.pid === undefined) end(null, null);
      });
      child.once('exit', (exitCode, signal) => {
        // What it wrote last may still be on the way.
        setTimeout(() => {
          this.#endGroup('SIGKILL');
          end(exitCode, signal);
        }, 50);
      });
    });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  get alive(): boolean {
    return this.#death === null;
  }

  /** Never rejects; a process that does not answer in time is ended. */
  async call<N extends keyof RunnerContract['calls']>(
    name: N,
    input: Input<RunnerContract, N>,
    timeoutMs = Infinity,
  ): Promise<RunnerAnswer<N>> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      if (!Number.isFinite(timeoutMs)) return;
      timer = setTimeout(() => {
        resolve('late');
      }, timeoutMs);
    });
    const called = this.#client.call(name, input);
    called.catch(() => undefined);
    try {
      const output = await Promise.race([called, late]);
      if (output !== 'late') return { kind: 'answer', output };
      await this.stop();
      return { kind: 'late' };
    } catch (error) {
      if (this.#death) return { kind: 'died', death: this.#death };
      return { kind: 'refused', message: causeOf(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  interrupt(): void {
    this.#client.call('interrupt', {}).catch(() => undefined);
  }

  /** Ends the process and all that it started: the end of stdin ends the group, then signals do. */
  async stop(): Promise<void> {
    if (this.#death || this.#child.pid === undefined) return;
    this.#child.stdin?.end();
    if (await this.#within(stopStepMs)) return;
    this.#endGroup('SIGTERM');
    if (await this.#within(stopStepMs)) return;
    this.#endGroup('SIGKILL');
    await this.#within(stopStepMs);
  }

  #endGroup(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (process.platform === 'win32') {
        spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true });
      } else process.kill(-pid, signal);
    } catch {
      // The group has no process left.
    }
  }

  async #within(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => {
        resolve(false);
      }, ms);
    });
    const ended = await Promise.race([this.#died.then(() => true), late]);
    clearTimeout(timer);
    return ended;
  }

  #port(child: ChildProcess): Port {
    return {
      post: (message) => {
        if (child.stdin?.writable) child.stdin.write(`${JSON.stringify(message)}\n`);
      },
      listen: (receive) => {
        // A launcher's banner, or a program that writes past the runner.
        const other = (line: string) => this.#options.log?.('debug', line.slice(0, longestLine));
        const take = messageLines(receive, other);
        child.stdout?.setEncoding('utf8').on('data', take);
        return () => child.stdout?.off('data', take);
      },
    };
  }
}
