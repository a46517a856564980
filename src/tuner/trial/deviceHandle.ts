import type { TrialStatus } from '../../core/sweep/result';
import type { Text } from '../../core/text/problem';
import type { Input, Output } from '../../protocol/channel';
import { receivedProblem } from '../../protocol/problemSchema';
import type { Advanced, Begin, Evaluated, TrainerContract } from '../../protocol/trainer';
import { throwIfCancelled, type SweepContext } from '../context/sweepContext';
import { limitSeconds, silence } from '../process/loadedTrainer';
import type { Answer, CallName } from '../process/trainer';
import { causeOfDeath, looksLikeOutOfMemory } from '../process/workerDeath';

/**
 * Longest that one call may take: a share of the budget, and no less than so many seconds, unless
 * that would leave too little of a short budget for the sizes that do not hang.
 */
const [patienceShare, leastPatience, mostShare] = [0.35, 30, 0.5];

/** Why a trial cannot go on. */
export type Fault =
  /** The budget ended before the trainer answered. */
  | { readonly kind: 'late' }
  /** The process ended or hung for no known reason: that may be chance, once. */
  | { readonly kind: 'lost'; readonly text: Text }
  | { readonly kind: Exclude<TrialStatus, 'ok' | 'skipped'>; readonly text: Text };

/** What came of a piece of work; a fault may come with what was measured before it. */
export type DeviceResult<T> =
  { readonly fault: null; readonly value: T } | { readonly fault: Fault; readonly value: T | null };

/** What the trainer needs to begin a trial. */
type DeviceSettings = Omit<Begin, 'limitBytes'>;

export interface NoisePlan {
  readonly microbatchSize: number;
  readonly microbatches: number;
  readonly steps: number;
}

/**
 * A trial's place on the device: begun there, advanced, evaluated and given back. It is lost with
 * the trainer's process, to another trial's fault, too; then the trial starts again. After a fault
 * that may have damaged the process, that is ended.
 */
export class DeviceHandle {
  /** The process that holds the trial; 0 for none. */
  #generation = 0;
  readonly #context: SweepContext;
  readonly #id: string;
  readonly #batchSize: number;

  constructor(context: SweepContext, { id, batchSize }: { id: string; batchSize: number }) {
    this.#context = context;
    this.#id = id;
    this.#batchSize = batchSize;
  }

  get isHeld(): boolean {
    const { trainer } = this.#context;
    return trainer.process !== null && this.#generation === trainer.generation;
  }

  /** Starts a process where none lives; null when there is one to begin in. */
  async prepare(): Promise<Fault | null> {
    const ready = await this.#context.trainer.ensure();
    throwIfCancelled(this.#context);
    if (ready.ok) return null;
    const { reason: id, values } = ready.problem;
    return { kind: 'failed', text: { id, values } };
  }

  /** Begins the trial at its first update, in a process that is prepared. */
  async begin(settings: DeviceSettings): Promise<DeviceResult<null>> {
    const { trainer, limitBytes } = this.#context;
    this.#generation = trainer.generation;
    const begun = await this.#call('begin', { ...settings, limitBytes });
    if (begun.fault) return { ...begun, value: null };
    if (begun.value.ok) return { fault: null, value: null };
    const { reason, values } = receivedProblem(begun.value.problem);
    const cause = typeof values['cause'] === 'string' ? values['cause'] : null;
    if (reason === 'trainerOutOfMemoryAtStart') {
      await trainer.discard();
      return { fault: this.#outOfMemory(cause ?? ''), value: null };
    }
    if (cause !== null) return { fault: this.#failure(cause), value: null };
    return { fault: { kind: 'failed', text: { id: reason, values } }, value: null };
  }

  /** Trains on for so many updates, or until the seconds are over. */
  async advance(iterations: number, maxSeconds: number): Promise<DeviceResult<Advanced>> {
    const work = { trial: this.#id, iterations, maxSeconds };
    return this.#sound(await this.#call('advance', work));
  }

  async evaluate(): Promise<DeviceResult<Evaluated>> {
    return this.#sound(await this.#call('evaluate', { trial: this.#id }));
  }

  /** Squared gradient norms at the present weights, which stay as they are. */
  async measureNoise(
    plan: NoisePlan,
  ): Promise<DeviceResult<Output<TrainerContract, 'measureNoise'>>> {
    return this.#call('measureNoise', { trial: this.#id, ...plan });
  }

  /** Gives back what the trial holds. */
  async release(): Promise<void> {
    const { trainer, clock } = this.#context;
    if (this.isHeld) await trainer.process?.call('end', { trial: this.#id }, clock.msToLastMoment);
    this.#generation = 0;
  }

  async #call<N extends CallName>(
    name: N,
    input: Input<TrainerContract, N>,
  ): Promise<DeviceResult<Output<TrainerContract, N>>> {
    const { trainer, clock } = this.#context;
    const { msToLastMoment } = clock;
    const timeoutMs = Math.min(msToLastMoment, patienceMs(clock.budgetSeconds));
    const answer: Answer<N> = await trainer.call(name, input, timeoutMs);
    throwIfCancelled(this.#context);
    if (answer.kind === 'answer') return { fault: null, value: answer.output };
    await trainer.discard();
    switch (answer.kind) {
      case 'late': {
        if (timeoutMs === msToLastMoment) return { fault: { kind: 'late' }, value: null };
        if (!answer.running) {
          const values = { batchSize: this.#batchSize, seconds: limitSeconds(timeoutMs) };
          return { fault: { kind: 'failed', text: { id: 'trialSilent', values } }, value: null };
        }
        const { reason: id, values } = silence(timeoutMs, answer.running);
        return { fault: { kind: 'failed', text: { id, values } }, value: null };
      }
      case 'refused':
        return { fault: this.#failure(answer.message), value: null };
      case 'died': {
        const cause = causeOfDeath(answer.death);
        if (looksLikeOutOfMemory(answer.death)) {
          return { fault: this.#outOfMemory(cause), value: null };
        }
        return {
          fault: { kind: 'lost', text: { id: 'workerDied', values: { cause } } },
          value: null,
        };
      }
    }
  }

  /** Takes a status that is not ok for the fault it is. */
  async #sound<T extends Pick<Advanced, 'status' | 'detail' | 'detailValues'>>(
    result: DeviceResult<T>,
  ): Promise<DeviceResult<T>> {
    if (result.fault || result.value.status === 'ok') return result;
    const { value } = result;
    const cause = value.detail ?? '';
    if (value.status === 'diverged') {
      const values = { ...value.detailValues, batchSize: this.#batchSize, cause };
      return { fault: { kind: 'diverged', text: { id: 'trialDiverged', values } }, value };
    }
    // WASM memory never shrinks, and one failed allocation may have damaged live tensors.
    await this.#context.trainer.discard();
    return { fault: this.#outOfMemory(cause), value };
  }

  #outOfMemory(cause: string): Fault {
    const values = { batchSize: this.#batchSize, cause };
    return { kind: 'out-of-memory', text: { id: 'trialOutOfMemory', values } };
  }

  #failure(cause: string): Fault {
    const values = { batchSize: this.#batchSize, cause };
    return { kind: 'failed', text: { id: 'trialFailed', values } };
  }
}

function patienceMs(budgetSeconds: number): number {
  const least = Math.min(leastPatience, mostShare * budgetSeconds);
  return 1000 * Math.max(least, patienceShare * budgetSeconds);
}
