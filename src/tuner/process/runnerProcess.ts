import { spawn, type ChildProcess } from 'node:child_process';
import type { Port } from '../../protocol/channel';
import { MemoryWatch } from './memoryWatch';
import { PlaceWait, type Waiting } from './placeWait';
import { messageLines } from './messageLines';
import { signalGroup, type EndSignal } from './processGroup';
import type { LogLevel } from './trainerProcess';
import type { WorkerDeath } from './workerDeath';

export interface RunnerOptions {
  /** The whole command, launcher included. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /**
   * Of the command, what leads elsewhere: behind it, it may run on another machine, whose memory
   * cannot be looked at.
   */
  readonly launcher: readonly string[];
  /** Told what a process waits for before it runs, and null once it waits no more. */
  readonly onWaiting?: ((waiting: Waiting | null) => void) | undefined;
  readonly log?: ((level: LogLevel, message: string) => void) | undefined;
}

/** A process of `python/`, however it came to be. */
export interface RunnerProcess {
  /** Messages to and from it. */
  readonly port: Port;
  /** Resolves once it has ended. */
  readonly died: Promise<WorkerDeath>;
  readonly wait: PlaceWait;
  /** How long each step of ending it may take before the next, harsher one. */
  readonly stopStepMs: number;
  /** Ends its stdin, upon which it ends. */
  endInput(): void;
  /** To it and all that it started. */
  signalGroup(signal: EndSignal): void;
}

/** Milliseconds of each step of ending a process. */
export const stopStepMs = 1500;
/** Slurm takes seconds to end a job, and keeps one whose srun is killed meanwhile. */
const stopStepElsewhereMs = 10_000;

const stderrKept = 4000;
/** Longest line of a script's output that is logged. */
const longestLine = 2000;

/** A process that was started by its command, and speaks JSON lines on its stdin and stdout. */
export class SpawnedProcess implements RunnerProcess {
  readonly died: Promise<WorkerDeath>;
  readonly port: Port;
  readonly wait: PlaceWait;
  readonly stopStepMs: number;
  readonly #child: ChildProcess;
  #stderr = '';
  #written = 0;

  constructor({ command, cwd, env, launcher, log, onWaiting }: RunnerOptions) {
    const [file = '', ...args] = command;
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, which ends as a whole: data-loader workers and launchers too.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    this.#child = child;
    const isElsewhere = launcher.length > 0;
    const memory = isElsewhere || child.pid === undefined ? null : new MemoryWatch(child.pid);
    this.stopStepMs = isElsewhere ? stopStepElsewhereMs : stopStepMs;
    this.wait = new PlaceWait(onWaiting);
    if (isElsewhere) this.wait.launched(launcher);
    const heardLines = messageLines(
      () => undefined,
      (line) => {
        this.wait.heard(line);
      },
    );
    child.stdin.on('error', () => undefined);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#written += text.length;
      this.#stderr = (this.#stderr + text).slice(-stderrKept);
      if (isElsewhere) heardLines(text);
      log?.('debug', text.slice(0, longestLine).trimEnd());
    });
    const onMessage = () => {
      this.wait.over();
    };
    this.port = portOf(child, onMessage, (line) => log?.('debug', line.slice(0, longestLine)));
    this.died = new Promise((resolve) => {
      const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
        const hadMemory = memory?.end() ?? null;
        this.wait.over();
        resolve({ exitCode, signal, stderrTail: this.#stderr, hadMemory });
      };
      child.once('error', (error) => {
        this.#stderr += error.message;
        if (child.pid === undefined) end(null, null);
      });
      child.once('exit', (exitCode, signal) => {
        // What it wrote last may still be on the way.
        setTimeout(() => {
          this.signalGroup('SIGKILL');
          end(exitCode, signal);
        }, 50);
      });
    });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /** Characters of stderr so far. */
  get written(): number {
    return this.#written;
  }

  /** The end of what was written to stderr since then. */
  stderrSince(written: number): string {
    const length = this.#written - written;
    return length <= 0 ? '' : this.#stderr.slice(-length);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  signalGroup(signal: EndSignal): void {
    signalGroup(this.#child.pid, signal);
  }
}

function portOf(child: ChildProcess, onMessage: () => void, onOther: (line: string) => void): Port {
  return {
    post: (message) => {
      if (child.stdin?.writable) child.stdin.write(`${JSON.stringify(message)}\n`);
    },
    listen: (receive) => {
      // A launcher's banner, or a program that writes past the runner.
      const take = messageLines((message) => {
        onMessage();
        receive(message);
      }, onOther);
      child.stdout?.setEncoding('utf8').on('data', take);
      return () => child.stdout?.off('data', take);
    },
  };
}
