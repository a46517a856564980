import { connect, type Client, type Input, type Output } from '../../protocol/channel';
import { runnerContract, type RunnerContract } from '../../protocol/runner';
import { causeOf } from '../../core/text/errorText';
import type { PlaceWait } from './placeWait';
import type { RunnerOptions, RunnerProcess } from './runnerProcess';
import { causeOfDeath, type WorkerDeath } from './workerDeath';

export type RunnerAnswer<N extends keyof RunnerContract['calls']> =
  | { readonly kind: 'answer'; readonly output: Output<RunnerContract, N> }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'late' }
  | { readonly kind: 'died'; readonly death: WorkerDeath };

/** A run of a script under control: a discovery, or one trial. */
export class PythonRunner {
  /** Name of the machine that it runs on; null until it has told. */
  host: string | null = null;
  readonly #process: RunnerProcess;
  readonly #client: Client<RunnerContract>;
  readonly #died: Promise<WorkerDeath>;
  #death: WorkerDeath | null = null;

  constructor(process: RunnerProcess, log: RunnerOptions['log']) {
    this.#process = process;
    this.#client = connect(process.port, runnerContract, (error) => {
      log?.('warn', error.message);
    });
    this.#client.on('ready', ({ host }) => {
      this.host = host;
    });
    this.#died = process.died.then((death) => {
      this.#death = death;
      this.#client.close(causeOfDeath(death));
      return death;
    });
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
    const called = this.#client.call(name, input);
    called.catch(() => undefined);
    try {
      const output = await withinWork(called, timeoutMs, this.#process);
      if (output !== late) return { kind: 'answer', output };
      await this.stop();
      return { kind: 'late' };
    } catch (error) {
      if (this.#death) return { kind: 'died', death: this.#death };
      return { kind: 'refused', message: causeOf(error) };
    }
  }

  get wait(): PlaceWait {
    return this.#process.wait;
  }

  interrupt(): void {
    this.#client.call('interrupt', {}).catch(() => undefined);
  }

  /** Ends the process and all that it started. */
  async stop(): Promise<void> {
    if (!this.#death) await endProcess(this.#process, this.#died);
  }
}

/** The end of stdin ends a process and its group; where it does not, signals do. */
export async function endProcess(
  process: RunnerProcess,
  died: Promise<unknown> = process.died,
): Promise<void> {
  process.endInput();
  // A launcher that has started nothing yet reads no stdin.
  if (process.wait.isOn) process.signalGroup('SIGTERM');
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if ((await within(died, process.stopStepMs)) !== late) return;
    process.signalGroup(signal);
  }
  await within(died, process.stopStepMs);
}

/** As `within`, where waiting in a queue is no fault of what is waited for. */
async function withinWork<T>(
  promise: Promise<T>,
  ms: number,
  { wait }: RunnerProcess,
): Promise<T | typeof late> {
  const began = performance.now();
  const queuedBefore = wait.queuedMs;
  for (;;) {
    const worked = performance.now() - began - (wait.queuedMs - queuedBefore);
    const left = ms - worked;
    if (left <= 0 && !wait.isQueued) return late;
    const came = await within(promise, Math.max(left, 100));
    if (came !== late) return came;
  }
}

export const late = Symbol('late');

/** What a promise comes to, or `late` once so many milliseconds have passed. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | typeof late> {
  if (!Number.isFinite(ms)) return promise;
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<typeof late>((resolve) => {
    timer = setTimeout(resolve, ms, late);
  });
  try {
    return await Promise.race([promise, passed]);
  } finally {
    clearTimeout(timer);
  }
}
