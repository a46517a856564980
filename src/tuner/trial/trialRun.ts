import type { StopReason, TrialPurpose } from '../../core/sweep/result';
import type { TimedBlock } from '../../planner/measure/stepTimeFit';
import type { Evaluated } from '../../protocol/trainer';
import { throwIfCancelled, type ResumedTrial, type SweepContext } from '../context/sweepContext';
import { DeviceHandle, type DeviceResult, type Fault, type NoisePlan } from './deviceHandle';
import { TrialEvents } from './trialEvents';
import { TrialRecord, type TrialFacts, type TrialSettings } from './trialRecord';

/** Longest piece of work between two looks at the clock. */
const sliceSeconds = 0.4;
const untimedSliceSeconds = 0.1;
const shortSliceSeconds = 0.025;
/** Warm-up is not counted, so that a turn may come back without a block. */
const triesForBlock = 4;

type OnPoint = (run: TrialRun) => Promise<void>;

/** What a trial trains for, and how long. */
interface TrainingPlan {
  /** Default: what it was trained for before. */
  readonly purpose?: TrialPurpose;
  /** Wall-clock it may take from now on. */
  readonly wallSeconds: number;
  /** Why it should stop now, asked after every piece of work; null goes on. */
  readonly reason: (trial: TrialFacts) => StopReason | null;
  /** Called after every evaluation. */
  readonly onPoint?: OnPoint;
  /** Longest piece of work between two questions; a block of steps is no longer than that. */
  readonly sliceSeconds?: number;
  /** Whether to evaluate where the grid has it; left out, it always does. */
  readonly evaluates?: (trial: TrialFacts) => boolean;
  /** Only to measure: nothing is evaluated; of a look, not even the start. */
  readonly isProbe?: boolean | 'look';
}

/**
 * Drives one trial of a sweep: trains it in pieces on its device, pauses between them, times it, and
 * writes what comes of it to its record. Whatever goes wrong becomes the trial's status.
 */
export class TrialRun {
  readonly #context: SweepContext;
  readonly #record: TrialRecord;
  readonly #device: DeviceHandle;
  readonly #events: TrialEvents;
  #isProbing = false;
  #isLook = false;
  /** Of the latest plan: a trial that is timed in turns is evaluated as it was before. */
  #evaluates: TrainingPlan['evaluates'];
  #latest: { readonly iterations: number; readonly evaluated: Evaluated } | null = null;
  /** Epochs at the last timing of a trial that is over: its record stays as it was. */
  #timedEpoch: number | null = null;
  /** Its process was lost for no known reason once; it was restarted once, and will not be again. */
  #wasLost = false;

  constructor(
    context: SweepContext,
    id: string,
    purpose: TrialPurpose,
    settings: TrialSettings,
    resumed: ResumedTrial | null = null,
  ) {
    this.#context = context;
    this.#record = new TrialRecord(context, id, purpose, settings);
    this.#events = new TrialEvents(context, this.#record);
    this.#device = new DeviceHandle(context, { id, batchSize: settings.batchSize });
    if (resumed) this.#record.resume(resumed);
  }

  get record(): TrialFacts {
    return this.#record;
  }

  /** Whether the device holds it: to time it takes no new start. */
  get isHeld(): boolean {
    return this.#device.isHeld;
  }

  /** Seconds that a race's plan expects it to take to the target. */
  predict(seconds: number | null): void {
    this.#record.predictedSeconds = seconds;
  }

  /** Gives back what the trial holds on the device; training on starts it again. */
  release(): Promise<void> {
    return this.#device.release();
  }

  /** A rate that became known after the trial was probed: it trains again from the start with it. */
  async useLearningRate(learningRate: number): Promise<void> {
    if (this.#record.finished || learningRate === this.#record.learningRate) return;
    await this.release();
    this.#record.learningRate = learningRate;
    this.#reset();
  }

  /**
   * From now on it is evaluated as it trains. What probing trained of it is kept where that took at
   * most so many seconds, in which no curve is needed; else it starts again.
   */
  async leaveProbe(keepSeconds: number): Promise<void> {
    if (!this.#isProbing || this.#record.finished) return;
    this.#isProbing = false;
    if (this.#record.seconds <= keepSeconds && !this.#record.hasEnded) return;
    await this.release();
    this.#reset();
  }

  /** Trains until the plan says stop, the time is up, or something goes wrong. */
  async train(plan: TrainingPlan): Promise<void> {
    const record = this.#record;
    if (record.finished) return;
    record.purpose = plan.purpose ?? record.purpose;
    const { clock } = this.#context;
    this.#evaluates = plan.evaluates;
    this.#isLook = plan.isProbe === 'look';
    if (plan.isProbe && (record.iterations === 0 || this.#isProbing)) this.#isProbing = true;
    else await this.leaveProbe(0);
    if (record.hasEnded) {
      if (!plan.isProbe) return;
      await this.release();
      this.#reset();
    }
    const end = clock.spent + plan.wallSeconds;
    this.#events.started();
    record.stopReason = null;
    if (!(await this.#begin())) return;
    for (;;) {
      throwIfCancelled(this.#context);
      record.stopReason = plan.reason(record) ?? (clock.spent >= end ? 'budget' : null);
      const evaluated = record.points.length;
      if (record.stopReason !== null || !(await this.#work(end, plan.sliceSeconds))) break;
      if (record.points.length > evaluated) await plan.onPoint?.(this);
      this.#events.updatedAtIntervals();
    }
    this.#events.updated();
  }

  /** As train for a probe, for so many updates, but untimed. */
  async trainUntimed(iterations: number): Promise<void> {
    await this.train({
      wallSeconds: Infinity,
      reason: (trial) => (trial.iterations >= iterations ? 'probed' : null),
      isProbe: true,
      sliceSeconds: untimedSliceSeconds,
    });
    this.#record.forgetBlocks();
  }

  /**
   * Trains until its steps no longer get faster, or for so many seconds: engines compile what they
   * run often, and the first steps of a process take several times as long as those that follow.
   * Blocks are short, that there are many; none of them counts for its timing.
   * @param onPoint called after each evaluation; null for a probe, which is not evaluated
   */
  async warmUp(leastSeconds: number, wallSeconds: number, onPoint: OnPoint | null): Promise<void> {
    const { clock, exhaustive } = this.#context;
    const begun = clock.spent;
    await this.train({
      ...(onPoint ? { onPoint } : { isProbe: true }),
      wallSeconds,
      reason: ({ warmUp }) =>
        warmUp === 'settled' && clock.spent - begun >= leastSeconds ? 'probed' : null,
      evaluates: (trial) => exhaustive || trial.isEvaluationDue(),
      sliceSeconds: shortSliceSeconds,
    });
    this.#record.forgetBlocks();
  }

  /** Its blocks so far were of a cold engine. */
  forgetTiming(): void {
    if (!this.#record.finished) this.#record.forgetBlocks();
  }

  /**
   * Trains on for a moment, for its timing; null when it cannot be. A trial that is over, or whose
   * process is gone, is started again for that.
   */
  async timeTurn(seconds: number): Promise<readonly TimedBlock[] | null> {
    const record = this.#record;
    if (record.status !== 'ok' || record.schedule) return null;
    if (record.finished) return this.#timeAgain(seconds);
    const before = record.blocks.length;
    if (!(await this.#begin())) return null;
    for (let tries = 0; tries < triesForBlock && record.blocks.length === before; tries++) {
      if (!(await this.#work(this.#context.clock.spent + seconds))) return null;
    }
    return record.blocks.slice(before);
  }

  /** Restarts the trial, times it and releases it at once; what was measured of it before stays. */
  async timeApart(seconds: number): Promise<readonly TimedBlock[] | null> {
    if (this.#record.status !== 'ok' || this.#record.schedule) return null;
    const blocks = await this.#timeAgain(seconds);
    await this.release();
    return blocks;
  }

  /** Squared gradient norms at the present weights, and the noise scale as it is now. */
  async measureNoise(plan: NoisePlan): Promise<void> {
    if (this.#record.finished || this.#record.status !== 'ok') return;
    const measured = this.#valueOf(await this.#device.measureNoise(plan));
    const steps = measured?.steps ?? [];
    const samples = steps.length * plan.microbatchSize * plan.microbatches;
    this.#context.findings.trainedSamples(samples);
    this.#record.measuredNoise(steps);
  }

  /**
   * Counts an evaluation's memory. It is the same for every batch size, for validation has a batch
   * size of its own: so it is run once in a sweep, and wherever it could matter (`isClose`).
   */
  async countEvaluation(isClose: boolean): Promise<void> {
    const { findings } = this.#context;
    if (this.#record.finished || this.#record.status !== 'ok' || findings.tooSlow) return;
    if (findings.evaluationPeakBytes === null || isClose) {
      await this.#evaluate();
      findings.meteredEvaluation(this.#record.peakBytes);
    } else this.#record.meteredPeak(findings.evaluationPeakBytes);
  }

  /**
   * Two points at least for whatever trained: where it was only measured, or overtaken before its
   * second evaluation, the end is evaluated, and the start is that of all trials of its seed.
   */
  async completeCurve(): Promise<void> {
    const record = this.#record;
    if (record.finished || record.status !== 'ok') return;
    if (record.iterations === 0 || record.points.length >= 2) return;
    if (this.#context.findings.tooSlow || !(await this.evaluateHere())) return;
    const { start } = record;
    if (record.points.length < 2 && start !== null) record.addStart(start);
  }

  /** Adds a point where it stands, if there is none; false where it cannot be evaluated. */
  async evaluateHere(): Promise<boolean> {
    const { status, points, iterations } = this.#record;
    if (points.at(-1)?.iteration === iterations) return true;
    const evaluated = status === 'ok' ? await this.#evaluatedNow() : null;
    if (evaluated) this.#addPoint(evaluated);
    return evaluated !== null;
  }

  /** The trial is over. A finalist stays on the device, to be timed once more. */
  async finish(isFinalist = false): Promise<void> {
    if (this.#record.finished) return;
    this.#record.nameOutcome();
    await this.completeCurve();
    this.#record.close();
    if (!isFinalist) await this.release();
    this.#events.finished();
  }

  #reset(): void {
    this.#record.reset();
    this.#latest = null;
    this.#timedEpoch = null;
  }

  /** On the device, at its first update where it was not held there; false when it cannot be. */
  async #begin(): Promise<boolean> {
    if (this.#record.status !== 'ok') return false;
    if (this.#device.isHeld) return true;
    const unprepared = await this.#device.prepare();
    if (unprepared) return this.#fail(unprepared);
    this.#reset();
    const begun = await this.#device.begin(this.#settings);
    if (begun.fault) return this.#isForgiven(begun.fault) ? this.#begin() : false;
    const { metric, findings } = this.#context;
    const { seed } = this.#record;
    if (this.#isLook || findings.tooSlow || findings.startOf(seed) !== null) return true;
    const evaluated = await this.#device.evaluate();
    if (evaluated.fault?.kind === 'lost' && this.#isForgiven(evaluated.fault)) return this.#begin();
    const start = this.#taken(evaluated);
    const value = metric === 'loss' ? start?.loss : start?.accuracy;
    if (typeof value === 'number') findings.measuredStart(seed, value);
    return start !== null;
  }

  get #settings() {
    const { id, batchSize, learningRate, seed, gradientAccumulation, schedule } = this.#record;
    return { trial: id, batchSize, learningRate, seed, gradientAccumulation, schedule };
  }

  /**
   * Times a trial that is over, restarted for that if it has left the device. What goes wrong now
   * changes nothing of its result.
   */
  async #timeAgain(seconds: number): Promise<readonly TimedBlock[] | null> {
    this.#timedEpoch ??= this.#record.epoch;
    if (!this.#device.isHeld) {
      if (await this.#device.prepare()) return null;
      const begun = await this.#device.begin(this.#settings);
      if (begun.fault) return null;
      this.#timedEpoch = 0;
    }
    for (let tries = 0; tries < triesForBlock; tries++) {
      const { fault, value } = await this.#device.advance(2 ** 31, seconds);
      if (fault) return null;
      this.#countSamples(this.#timedEpoch, value.epoch);
      this.#context.findings.timedSteps(value.blocks);
      this.#timedEpoch = value.epoch;
      if (value.blocks.length > 0) return value.blocks;
      if (value.ended === true) return null;
    }
    return null;
  }

  /** Trains to the next evaluation or for a slice of time; false when the trial is over. */
  async #work(end: number, slice = sliceSeconds): Promise<boolean> {
    const record = this.#record;
    const { clock, grid } = this.#context;
    // Its process may have been lost since, to another call.
    if (!this.#device.isHeld && !(await this.#begin())) return false;
    const next = grid.next(record.pace, record.iterations);
    const before = record.epoch;
    const { fault, value } = await this.#device.advance(
      next - record.iterations,
      Math.max(0.02, Math.min(slice, end - clock.spent)),
    );
    if (value) {
      this.#countSamples(before, value.epoch);
      this.#context.findings.timedSteps(value.blocks);
    }
    const made = value ? record.advanced(value) : 0;
    if (fault) return this.#isForgiven(fault);
    if (value.ended === true) return this.#takeEnd();
    if (made === 0) {
      const values = { batchSize: record.batchSize, cause: 'no update was made' };
      return this.#fail({ kind: 'failed', text: { id: 'trialFailed', values } });
    }
    if (record.iterations < next || this.#isProbing) return true;
    if (this.#evaluates?.(record) === false) return true;
    const wasLost = this.#wasLost;
    return (await this.evaluateHere()) || wasLost !== this.#wasLost;
  }

  /** The training ended by itself: its last state is evaluated. */
  async #takeEnd(): Promise<false> {
    this.#record.hasEnded = true;
    this.#record.stopReason = 'epochs';
    if (!this.#isProbing && this.#record.iterations > 0) await this.evaluateHere();
    return false;
  }

  #countSamples(from: number, to: number): void {
    const { findings, prepared } = this.#context;
    findings.trainedSamples(Math.max(0, Math.round((to - from) * prepared.dataset.samples)));
  }

  async #evaluate(): Promise<Evaluated | null> {
    return this.#taken(await this.#device.evaluate());
  }

  #taken({ fault, value }: DeviceResult<Evaluated>): Evaluated | null {
    if (value) {
      this.#context.findings.timedEvaluation(value.seconds);
      this.#record.evaluated(value);
    }
    if (fault) {
      this.#isForgiven(fault);
      return null;
    }
    this.#latest = { iterations: this.#record.iterations, evaluated: value };
    return value;
  }

  /** An evaluation of the present weights; null where they are gone. */
  async #evaluatedNow(): Promise<Evaluated | null> {
    if (this.#latest?.iterations === this.#record.iterations) return this.#latest.evaluated;
    return this.#device.isHeld ? this.#evaluate() : null;
  }

  #addPoint(evaluated: Evaluated): void {
    this.#events.evaluated(this.#record.addPoint(evaluated));
  }

  #valueOf<T>(result: DeviceResult<T>): T | null {
    if (result.fault) this.#isForgiven(result.fault);
    return result.value;
  }

  /**
   * A process that was lost for no known reason is forgiven once: the trial is no longer held, and
   * starts again when it trains on. Any other fault becomes the trial's status.
   */
  #isForgiven(fault: Fault): boolean {
    if (fault.kind === 'lost' && !this.#wasLost) return (this.#wasLost = true);
    return this.#fail(fault);
  }

  #fail(fault: Fault): false {
    this.#record.fail(fault);
    return false;
  }
}
