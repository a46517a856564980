import type { Trial } from '../../core/sweep/result';
import {
  estimateStepTime,
  type StepTime,
  type TimedBlock,
} from '../../planner/measure/stepTimeFit';
import { warmUpOf, type WarmUp } from '../../planner/measure/warmUp';

/** The timed blocks of one trial, and the step time that follows from them. */
export class TrialTiming {
  /** A trial whose batch size changes has no step time of its own. */
  readonly #hasStepTime: boolean;
  #blocks: readonly TimedBlock[] = [];
  /** What the blocks come to; null until it is needed, which is many times between two blocks. */
  #estimate: { readonly warmUp: WarmUp; readonly stepTime: StepTime | null } | null = null;
  /** Wall-clock of all updates, the warm-up's included. */
  #wallMs = 0;

  constructor(hasStepTime: boolean) {
    this.#hasStepTime = hasStepTime;
  }

  add(blocks: readonly TimedBlock[], wallMs: number): void {
    this.#wallMs += wallMs;
    this.#set([...this.#blocks, ...blocks]);
  }

  forgetBlocks(): void {
    this.#set([]);
  }

  forgetUpdates(): void {
    this.#wallMs = 0;
  }

  #set(blocks: readonly TimedBlock[]): void {
    this.#blocks = blocks;
    this.#estimate = null;
  }

  get #estimated() {
    if (!this.#estimate) {
      const warmUp = warmUpOf(this.#blocks);
      const stepTime = this.#hasStepTime ? estimateStepTime(warmUp.blocks) : null;
      this.#estimate = { warmUp, stepTime };
    }
    return this.#estimate;
  }

  get blocks(): readonly TimedBlock[] {
    return this.#blocks;
  }

  /** By its own blocks; null without any, or where the batch size changes. */
  get stepTime(): StepTime | null {
    return this.#estimated.stepTime;
  }

  /** Whether its steps have stopped getting faster. */
  get warmUp(): WarmUp['state'] {
    return this.#estimated.warmUp.state;
  }

  /** Wall-clock of one update, for where no block was timed because all were warm-up. */
  wallMsPerUpdate(iterations: number): number {
    return iterations > 0 ? this.#wallMs / iterations : 0;
  }
}

/** The parts of a trial's document that follow from its step time and its seconds to the target. */
export function timesOf(
  batchSize: number,
  step: StepTime | null,
  timeToTarget: number | null,
): Pick<
  Trial,
  'stepMs' | 'stepMsInterval' | 'samplesPerSecond' | 'timeToTargetSeconds' | 'timeToTargetInterval'
> {
  return {
    stepMs: step?.ms ?? null,
    stepMsInterval: step?.interval ? [...step.interval] : null,
    samplesPerSecond: step ? (1000 * batchSize) / step.ms : null,
    timeToTargetSeconds: timeToTarget,
    timeToTargetInterval:
      timeToTarget !== null && step?.interval
        ? [(timeToTarget * step.interval[0]) / step.ms, (timeToTarget * step.interval[1]) / step.ms]
        : null,
  };
}
