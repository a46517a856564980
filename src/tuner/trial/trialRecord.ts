import { isClose } from '../../planner/race/comparison';
import { isEvaluationDue } from '../../planner/race/evaluationGrid';
import type { NoiseMeasurement, NoiseScale } from '../../planner/measure/noise';
import { paceOf, type Pace } from '../../core/batches/pace';
import {
  phaseOf,
  type LossPoint,
  type NoisePoint,
  type Schedule,
  type StopReason,
  type Trial,
  type TrialPurpose,
  type TrialStatus,
} from '../../core/sweep/result';
import { withEnglish } from '../../core/sweep/renderedText';
import type { StepTime, TimedBlock } from '../../planner/measure/stepTimeFit';
import type { WarmUp } from '../../planner/measure/warmUp';
import { isBetter, type Evaluation } from '../../core/sweep/curve';
import type { Advanced, Evaluated } from '../../protocol/trainer';
import { workOf } from '../context/stepTimes';
import type { ResumedTrial, SweepContext } from '../context/sweepContext';
import type { Fault } from './deviceHandle';
import { MetricCurve, type MetricPoint } from './metricCurve';
import { TrialNoise } from './trialNoise';
import { timesOf, TrialTiming } from './trialTiming';

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

/** What is known of one trial of a sweep, and what follows from it. Its driver alone writes to it. */
export class TrialRecord {
  purpose: TrialPurpose;
  status: TrialStatus = 'ok';
  stopReason: StopReason | null = null;
  finished = false;
  /** The training came to its own end: it makes no further update, unless it is started again. */
  hasEnded = false;
  learningRate: number;
  iterations = 0;
  epoch = 0;
  points: readonly LossPoint[] = [];
  peakBytes: number | null = null;
  memory: Trial['memory'] = null;
  predictedSeconds: number | null = null;
  readonly batchSize: number;
  readonly seed: number;
  readonly gradientAccumulation: number;
  readonly schedule: Schedule | null;
  readonly pace: Pace;
  readonly #context: SweepContext;
  /** Standard error of each evaluation's loss. */
  #standardErrors: readonly number[] = [];
  #noise: TrialNoise;
  readonly #timing: TrialTiming;
  readonly #curve: MetricCurve;
  #evaluationSeconds = 0;
  #processPeakBytes: number | null = null;
  #error: Trial['error'] = null;
  #lossSum = 0;
  #lossIterations = 0;
  /** As an earlier, cut-off sweep left it. */
  #resumed: Trial | null = null;

  constructor(
    context: SweepContext,
    readonly id: string,
    purpose: TrialPurpose,
    settings: TrialSettings,
  ) {
    this.#context = context;
    this.purpose = purpose;
    this.batchSize = settings.batchSize;
    this.learningRate = settings.learningRate;
    this.seed = settings.seed;
    this.gradientAccumulation = settings.gradientAccumulation ?? 1;
    this.schedule = settings.schedule ?? null;
    this.#noise = this.#noiseFrom([]);
    this.#timing = new TrialTiming(this.schedule === null);
    this.#curve = new MetricCurve(context.metric);
    this.pace = paceOf(context.prepared.dataset.samples, this.batchSize, this.schedule);
  }

  /** Takes on what an earlier, cut-off sweep measured: all of it, or time and memory alone. */
  resume({ trial, finished }: ResumedTrial): void {
    this.#resumed = trial;
    this.finished = finished;
    this.peakBytes = trial.peakBytes;
    this.memory = trial.memory;
    if (!finished) return;
    this.purpose = trial.purpose ?? (trial.phase === 'probe' ? 'probe' : this.purpose);
    this.status = trial.status;
    this.iterations = trial.iterations;
    this.points = trial.loss;
    this.#noise = this.#noiseFrom(trial.noise);
    this.epoch = trial.loss.at(-1)?.epoch ?? 0;
  }

  /** Back to the first update; how long an update takes stays known. */
  reset(): void {
    this.hasEnded = false;
    this.iterations = 0;
    this.epoch = 0;
    this.points = [];
    this.#noise = this.#noiseFrom([]);
    this.#standardErrors = [];
    this.#timing.forgetUpdates();
    this.#lossSum = 0;
    this.#lossIterations = 0;
  }

  /** Takes on what a stretch of training measured. Returns how many updates were made. */
  advanced(advanced: Advanced): number {
    const made = advanced.iterations - this.iterations;
    this.iterations = advanced.iterations;
    this.epoch = advanced.epoch;
    this.#timing.add(advanced.blocks, advanced.wallMs);
    this.#lossSum += (advanced.trainLoss ?? 0) * made;
    this.#lossIterations += advanced.trainLoss === null ? 0 : made;
    this.meteredPeak(advanced.peakBytes);
    this.#processPeakBytes = advanced.processPeakBytes;
    this.memory = advanced.memory;
    return made;
  }

  /** Its timing so far was of a cold engine. */
  forgetBlocks(): void {
    this.#timing.forgetBlocks();
  }

  evaluated({ seconds, peakBytes }: Evaluated): void {
    this.#evaluationSeconds += seconds;
    this.meteredPeak(peakBytes);
  }

  meteredPeak(bytes: number | null): void {
    if (bytes !== null) this.peakBytes = Math.max(this.peakBytes ?? 0, bytes);
  }

  addPoint({ loss, accuracy, metrics, lossStandardError }: Evaluated): LossPoint {
    const point: LossPoint = {
      iteration: this.iterations,
      epoch: this.epoch,
      seconds: this.seconds,
      train: this.#lossIterations > 0 ? this.#lossSum / this.#lossIterations : null,
      validation: loss,
      accuracy,
      ...(metrics && { metrics }),
    };
    this.#lossSum = 0;
    this.#lossIterations = 0;
    this.#standardErrors = [...this.#standardErrors, lossStandardError ?? 0];
    this.points = [...this.points, point];
    return point;
  }

  /** Puts what all trials of its seed started from before its evaluations. */
  addStart(start: number): void {
    const [validation, accuracy] = this.#context.metric === 'loss' ? [start, null] : [null, start];
    const before = { iteration: 0, epoch: 0, seconds: 0, train: null };
    this.points = [{ ...before, validation, accuracy }, ...this.points];
    this.#standardErrors = [0, ...this.#standardErrors];
  }

  measuredNoise(steps: readonly NoiseMeasurement[]): void {
    this.#noise.measured(steps);
  }

  fail(fault: Fault): void {
    if (fault.kind === 'late') {
      this.status = this.points.length < 2 ? 'skipped' : 'ok';
      this.stopReason = 'budget';
      return;
    }
    const status = fault.kind === 'lost' ? 'failed' : fault.kind;
    this.status = status;
    this.stopReason = status;
    this.#error = withEnglish(fault.text);
  }

  /** Whether an update of it did not end in the time that one may take. */
  get isSilent(): boolean {
    return this.#error?.id === 'trialSilent';
  }

  /** What became of it, before the curve of what it trained is completed. */
  nameOutcome(): void {
    if (this.status === 'ok' && this.timeToTarget !== null) {
      // Also where it got there while it was only being timed.
      if (this.purpose === 'probe') {
        this.purpose = this.#context.exhaustive ? 'exhaustive' : 'race';
      }
      if (this.stopReason === 'probed') this.stopReason = 'reached target';
    }
    if (this.stopReason === 'paused') this.stopReason = 'overtaken';
  }

  /** It is over; `ok` needs two evaluations, or nothing can be compared. */
  close(): void {
    if (this.status === 'ok' && this.points.length < 2) {
      this.status = 'skipped';
      this.stopReason ??= 'budget';
    }
    this.finished = true;
  }

  /** True when an earlier sweep has measured step time and memory already. */
  get probed(): boolean {
    return this.#resumed !== null;
  }

  /** What one update computes, for its step time. */
  get work(): string {
    return workOf(this.batchSize, this.gradientAccumulation);
  }

  /** Of one update at the batch size; measured in turns with others where that was done. */
  get stepTime(): StepTime | null {
    const inTurns = this.#context.times.of(this.work);
    if (inTurns) return inTurns;
    if (this.#timing.stepTime) return this.#timing.stepTime;
    const { stepMs = null, stepMsInterval = null } = this.#resumed ?? {};
    return stepMs === null ? null : { ms: stepMs, interval: stepMsInterval };
  }

  /** Whether its steps have stopped getting faster. */
  get warmUp(): WarmUp['state'] {
    return this.#timing.warmUp;
  }

  /** Its time for timing was over while its steps still got faster. */
  get isStillWarmingUp(): boolean {
    return this.warmUp === 'falling' && this.#context.times.of(this.work) === null;
  }

  get blocks(): readonly TimedBlock[] {
    return this.#timing.blocks;
  }

  /** Seconds of training so far: updates times step time. */
  get seconds(): number {
    return this.secondsAt(this.iterations);
  }

  /** Seconds of so many updates (a fraction between evaluations). */
  secondsAt(iterations: number): number {
    if (!this.schedule) return iterations * this.#secondsPerUpdate;
    return this.pace.stretches(iterations).reduce((total, stretch) => {
      const ms = this.#context.times.of(workOf(stretch.batchSize, 1))?.ms;
      const seconds = ms === undefined ? this.#secondsPerUpdate : ms / 1000;
      return total + stretch.iterations * seconds;
    }, 0);
  }

  /** The metric before training, as all trials of its seed have it; null until it is known. */
  get start(): number | null {
    return this.#context.findings.startOf(this.seed);
  }

  /** The metric at the start and at every evaluation, over seconds. */
  get curve(): readonly Evaluation[] {
    const { start } = this;
    return [
      ...(start === null ? [] : [{ x: 0, value: start }]),
      ...this.evaluations.map(({ iteration, value }) => ({ x: this.secondsAt(iteration), value })),
    ];
  }

  /** The metric at every evaluation. */
  get evaluations(): readonly MetricPoint[] {
    return this.#curve.valuesAt(this.points, this.#standardErrors);
  }

  /** Seconds of training to the target; null when it was not reached, or there is no target. */
  get timeToTarget(): number | null {
    const { target } = this.#context.findings;
    if (!target) return null;
    const { start, evaluations } = this;
    if (evaluations.length + (start === null ? 0 : 1) < 2) {
      return this.#resumed?.timeToTargetSeconds ?? null;
    }
    const iterations = this.#curve.updatesTo(target.value, start);
    return iterations === null ? null : this.secondsAt(iterations);
  }

  /** The last evaluation is past the target, and the next one may confirm it. */
  get mayHaveReached(): boolean {
    const { metric, findings } = this.#context;
    const last = this.evaluations.at(-1);
    if (!findings.target || last === undefined) return false;
    return !isBetter(metric, findings.target.value, last.value);
  }

  /**
   * The whole data set as one batch: at first such a curve lies far above others that it overtakes
   * later, so that being behind says nothing.
   */
  get startsFlat(): boolean {
    return this.batchSize === this.#context.prepared.dataset.samples;
  }

  /**
   * Whether it has trained long enough since its last evaluation for another to pay, in a training
   * of at most so many seconds; near the target always, since evaluations there show when it was
   * reached.
   */
  isEvaluationDue(wholeSeconds = Infinity): boolean {
    const { target, evaluationSeconds } = this.#context.findings;
    const { start } = this;
    const last = this.evaluations.at(-1);
    if (!last || start === null) return true;
    if (target && isClose(last.value, start, target.value)) return true;
    const since = this.iterations - last.iteration;
    const stepSeconds = this.#secondsPerUpdate;
    return isEvaluationDue(since, { evaluationSeconds, stepSeconds, wholeSeconds });
  }

  get noise(): readonly NoisePoint[] {
    return this.#noise.points;
  }

  get noiseScale(): NoiseScale | null {
    return this.#noise.scale;
  }

  get noiseRise(): TrialNoise['rise'] {
    return this.#noise.rise;
  }

  toTrial(): Trial {
    const timeToTarget = this.#context.findings.target ? this.timeToTarget : null;
    const times = timesOf(this.batchSize, this.stepTime, timeToTarget);
    if (this.#resumed && this.finished) return { ...this.#resumed, ...times };
    return {
      id: this.id,
      batchSize: this.batchSize,
      phase: phaseOf(this.purpose),
      purpose: this.purpose,
      seed: this.seed,
      status: this.status,
      stopReason: this.stopReason,
      ...times,
      ...(this.isStillWarmingUp && { stillWarmingUp: true }),
      peakBytes: this.peakBytes,
      processPeakBytes: this.#processPeakBytes,
      memory: this.memory,
      iterations: this.iterations,
      learningRate: this.learningRate,
      gradientAccumulation: this.gradientAccumulation,
      schedule: this.schedule,
      gradientNoiseScale: this.noiseScale?.value ?? null,
      noise: [...this.noise],
      loss: this.points.map((point) => ({ ...point, seconds: this.secondsAt(point.iteration) })),
      predictedTimeToTargetSeconds: this.predictedSeconds,
      evaluationSeconds: this.#evaluationSeconds,
      error: this.#error,
    };
  }

  #noiseFrom(points: readonly NoisePoint[]): TrialNoise {
    const { dataset, hasBatchNormalization } = this.#context.prepared;
    return new TrialNoise(dataset.samples, hasBatchNormalization, points);
  }

  get #secondsPerUpdate(): number {
    return (this.stepTime?.ms ?? this.#timing.wallMsPerUpdate(this.iterations)) / 1000;
  }
}

/** What everybody but a trial's driver sees of its record. */
export type TrialFacts = Readonly<
  Omit<
    TrialRecord,
    | 'resume'
    | 'reset'
    | 'advanced'
    | 'forgetBlocks'
    | 'evaluated'
    | 'meteredPeak'
    | 'addPoint'
    | 'addStart'
    | 'measuredNoise'
    | 'fail'
    | 'nameOutcome'
    | 'close'
  >
>;
