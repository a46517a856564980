import { phaseOf, type LossPoint, type TrialPurpose } from '../../core/sweep/result';
import type { SweepContext } from '../context/sweepContext';
import type { TrialFacts } from './trialRecord';

const updateEverySeconds = 1;

/** Emits the events of one trial: start, updates at intervals, evaluations, end. */
export class TrialEvents {
  readonly #context: SweepContext;
  readonly #trial: TrialFacts;
  #startedFor: TrialPurpose | null = null;
  #lastUpdate = 0;

  constructor(context: SweepContext, trial: TrialFacts) {
    this.#context = context;
    this.#trial = trial;
  }

  /** Emits a start for each new purpose of the trial. */
  started(): void {
    const { id, purpose, batchSize, learningRate, seed, gradientAccumulation, schedule } =
      this.#trial;
    if (this.#startedFor === purpose) return;
    const settings = { batchSize, learningRate, seed, gradientAccumulation, schedule };
    this.#context.emit({ type: 'trialStarted', id, phase: phaseOf(purpose), purpose, ...settings });
    // A start resets what was shown of the trial: what it measured before is sent again.
    if (this.#startedFor !== null) this.updated();
    this.#startedFor = purpose;
  }

  updated(): void {
    this.#lastUpdate = this.#context.clock.spent;
    this.#context.emit({ type: 'trialUpdated', trial: this.#trial.toTrial() });
  }

  /** As `updated`, about once a second. */
  updatedAtIntervals(): void {
    if (this.#context.clock.spent - this.#lastUpdate > updateEverySeconds) this.updated();
  }

  evaluated(point: LossPoint): void {
    this.#context.emit({ type: 'lossPoint', id: this.#trial.id, point });
  }

  finished(): void {
    const { clock, earlierSeconds, findings, emit } = this.#context;
    emit({
      type: 'trialFinished',
      trial: this.#trial.toTrial(),
      spentSeconds: clock.spent + earlierSeconds,
      samplesTrained: findings.samplesTrained,
    });
  }
}
