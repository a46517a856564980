import { isClose } from '../../planner/race/comparison';
import { isEvaluationDue } from '../../planner/race/evaluationGrid';
import {
  leastNoiseScale,
  noiseScale,
  type NoiseMeasurement,
  type NoiseScale,
} from '../../planner/measure/noise';
import { paceOf, type Pace } from '../../core/batches/pace';
import type {
  LossPoint,
  NoisePoint,
  Schedule,
  Trial,
  TrialPhase,
  TrialStatus,
} from '../../core/sweep/result';
import {
  estimateStepTime,
  type StepTime,
  type TimedBlock,
} from '../../planner/measure/stepTimeFit';
import { crossing, isBetter, type Evaluation } from '../../core/sweep/curve';
import { workOf } from '../context/stepTimes';
import type { SweepContext } from '../context/sweepContext';

/** What is trained in a trial. */
export interface TrialSettings {
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  /** Default 1. */
  readonly gradientAccumulation?: number;
  /** Default null. */
  readonly schedule?: Schedule | null;
}

/** What is known of one trial of a sweep, and what follows from it. */
export class TrialRecord {
  phase: TrialPhase = 'probe';
  status: TrialStatus = 'ok';
  stopReason: string | null = null;
  iterations = 0;
  epoch = 0;
  points: LossPoint[] = [];
  /** Standard error of each evaluation's loss over the validation samples. */
  standardErrors: number[] = [];
  peakBytes: number | null = null;
  evaluationSeconds = 0;
  predictedSeconds: number | null = null;
  noise: NoisePoint[] = [];
  readonly batchSize: number;
  readonly seed: number;
  readonly gradientAccumulation: number;
  readonly schedule: Schedule | null;
  readonly pace: Pace;
  protected rate: number;
  protected noiseSteps: NoiseMeasurement[] = [];
  protected blocks: TimedBlock[] = [];
  protected processPeakBytes: number | null = null;
  protected memory: Trial['memory'] = null;
  protected error: Trial['error'] = null;
  /** Wall-clock of all updates, the warm-up's included. */
  protected untimedMs = 0;
  /** As an earlier, cut-off sweep left it. */
  protected restoredFrom: Trial | null = null;
  protected isFinished = false;

  constructor(
    protected readonly context: SweepContext,
    settings: TrialSettings,
    readonly id: string,
  ) {
    this.batchSize = settings.batchSize;
    this.seed = settings.seed;
    this.gradientAccumulation = settings.gradientAccumulation ?? 1;
    this.schedule = settings.schedule ?? null;
    this.rate = settings.learningRate;
    this.pace = paceOf(context.prepared.dataset.samples, this.batchSize, this.schedule);
  }

  /** Takes on what an earlier, cut-off sweep measured: all of it, or time and memory alone. */
  protected restore(trial: Trial, finished: boolean): void {
    this.restoredFrom = trial;
    this.isFinished = finished;
    this.peakBytes = trial.peakBytes;
    this.memory = trial.memory;
    if (!finished) return;
    this.phase = trial.phase;
    this.status = trial.status;
    this.stopReason = trial.stopReason;
    this.iterations = trial.iterations;
    this.points = trial.loss;
    this.noise = trial.noise;
    this.epoch = trial.loss.at(-1)?.epoch ?? 0;
    this.evaluationSeconds = trial.evaluationSeconds;
  }

  get learningRate(): number {
    return this.rate;
  }

  /** True when an earlier sweep has measured step time and memory already. */
  get probed(): boolean {
    return this.restoredFrom !== null;
  }

  /** What one update computes, for its step time. */
  get work(): string {
    return workOf(this.batchSize, this.gradientAccumulation);
  }

  get finished(): boolean {
    return this.isFinished;
  }

  /** Of one update at the batch size; measured in turns with others where that was done. */
  get stepTime(): StepTime | null {
    const inTurns = this.context.times.of(this.work);
    if (inTurns) return inTurns;
    const own = this.schedule ? null : estimateStepTime(this.blocks);
    if (own) return own;
    const { stepMs = null, stepMsInterval = null } = this.restoredFrom ?? {};
    return stepMs === null ? null : { ms: stepMs, interval: stepMsInterval };
  }

  get timedBlocks(): number {
    return this.blocks.length;
  }

  /** Seconds of training so far: updates times step time. */
  get seconds(): number {
    return this.secondsAt(this.iterations);
  }

  /** Seconds of so many updates (a fraction between evaluations). */
  secondsAt(iterations: number): number {
    if (!this.schedule) return iterations * this.secondsPerUpdate;
    return this.pace.stretches(iterations).reduce((total, stretch) => {
      const ms = this.context.times.of(workOf(stretch.batchSize, 1))?.ms;
      const seconds = ms === undefined ? this.secondsPerUpdate : ms / 1000;
      return total + stretch.iterations * seconds;
    }, 0);
  }

  /** The metric at the start and at every evaluation, over seconds. */
  get curve(): Evaluation[] {
    const start = this.context.starts.get(this.seed);
    return [
      ...(start === undefined ? [] : [{ x: 0, value: start }]),
      ...this.evaluationsOverEpochs.map(({ iteration, value }) => ({
        x: this.secondsAt(iteration),
        value,
      })),
    ];
  }

  get evaluationsOverEpochs(): { iteration: number; epoch: number; value: number }[] {
    return this.points.flatMap(({ iteration, epoch, validation, accuracy }) => {
      const value = this.context.metric === 'loss' ? validation : accuracy;
      return value === null ? [] : [{ iteration, epoch, value }];
    });
  }

  /** Seconds of training to the target; null when it was not reached, or there is no target. */
  get timeToTarget(): number | null {
    const { target } = this.context;
    if (!target) return null;
    if (this.curve.length < 2) return this.restoredFrom?.timeToTargetSeconds ?? null;
    return this.timeTo(target.value);
  }

  /** Seconds of training to a value of the metric; null when it was not reached. */
  timeTo(value: number): number | null {
    return crossing(this.curve, this.context.metric, value);
  }

  /** The last evaluation is past the target, and the next one may confirm it. */
  get mayHaveReached(): boolean {
    const { target, metric } = this.context;
    const last = this.evaluationsOverEpochs.at(-1);
    return target !== null && last !== undefined && !isBetter(metric, target.value, last.value);
  }

  /**
   * The whole data set as one batch: at first such a curve lies far above others that it overtakes
   * later, so that being behind says nothing.
   */
  get startsFlat(): boolean {
    return this.batchSize === this.context.prepared.dataset.samples;
  }

  /**
   * Whether it has trained long enough since its last evaluation for another to pay; near the target
   * always, for what is evaluated there tells when it was reached.
   */
  get isEvaluationDue(): boolean {
    const { target, starts, evaluationSeconds } = this.context;
    const start = starts.get(this.seed);
    const last = this.evaluationsOverEpochs.at(-1);
    if (!last || start === undefined) return true;
    if (target && isClose(last.value, start, target.value)) return true;
    const since = this.iterations - last.iteration;
    return isEvaluationDue(since, { evaluationSeconds, stepSeconds: this.secondsPerUpdate });
  }

  /** The gradient noise scale over all that was measured of it. */
  get noiseScale(): NoiseScale | null {
    return noiseScale(this.noiseSteps, this.context.prepared.dataset.samples);
  }

  /** The noise scale at first and at last: what it was at least where it drowned the gradient. */
  get noiseRise(): { readonly first: number; readonly last: number } | null {
    const [first, known] = [this.noise[0], this.noise.at(-1)];
    if (!first || !known) return null;
    const at = this.noiseSteps.at(-1)?.samples;
    const latest = this.noiseSteps.filter(({ samples }) => samples === at);
    const least = leastNoiseScale(latest, this.context.prepared.dataset.samples) ?? 0;
    const isKnown = at === undefined || known.samples === at;
    return { first: first.value, last: isKnown ? known.value : Math.max(known.value, least) };
  }

  toTrial(): Trial {
    const { target } = this.context;
    const timeToTarget = target ? this.timeToTarget : null;
    const times = timesOf(this.batchSize, this.stepTime, timeToTarget);
    if (this.restoredFrom && this.isFinished) return { ...this.restoredFrom, ...times };
    return {
      id: this.id,
      batchSize: this.batchSize,
      phase: this.phase,
      seed: this.seed,
      status: this.status,
      stopReason: this.stopReason,
      ...times,
      peakBytes: this.peakBytes,
      processPeakBytes: this.processPeakBytes,
      memory: this.memory,
      iterations: this.iterations,
      learningRate: this.learningRate,
      gradientAccumulation: this.gradientAccumulation,
      schedule: this.schedule,
      gradientNoiseScale: this.noiseScale?.value ?? null,
      noise: this.noise,
      loss: this.points.map((point) => ({ ...point, seconds: this.secondsAt(point.iteration) })),
      predictedTimeToTargetSeconds: this.predictedSeconds,
      evaluationSeconds: this.evaluationSeconds,
      error: this.error,
    };
  }

  /** Where no block was timed (all were warm-up), the wall-clock of the updates stands in. */
  protected get secondsPerUpdate(): number {
    const ms = this.stepTime?.ms ?? (this.iterations > 0 ? this.untimedMs / this.iterations : 0);
    return ms / 1000;
  }
}

/** What of a trial's document follows from its step time and its updates to the target. */
function timesOf(
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
