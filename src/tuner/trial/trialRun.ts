import { noiseScale } from '../../planner/measure/noise';
import type { Trial, TrialPhase } from '../../core/sweep/result';
import type { TimedBlock } from '../../planner/measure/stepTimeFit';
import { throwIfCancelled, type SweepContext } from '../context/sweepContext';
import { TrialOnDevice } from './trialOnDevice';

/** Longest piece of work between two looks at the clock. */
const sliceSeconds = 0.4;
const updateEverySeconds = 1;
const untimedSliceSeconds = 0.1;

/** How long a trial goes on. */
export interface StopRule {
  /** Wall-clock it may take from now on. */
  readonly wallSeconds: number;
  /** Why it should stop now, asked after every piece of work; null goes on. */
  readonly reason: (run: TrialRun) => string | null;
  /** Called after every evaluation. */
  readonly onPoint?: (run: TrialRun) => Promise<void>;
  /** Longest piece of work between two questions; a block of steps is no longer than that. */
  readonly sliceSeconds?: number;
  /** Whether to evaluate where the grid has it; left out, it always does. */
  readonly evaluates?: (run: TrialRun) => boolean;
  /** Only to measure: nothing is evaluated. */
  readonly isProbe?: boolean;
}

/** One trial of a sweep: trained in pieces, paused between them, timed, and ended. */
export class TrialRun extends TrialOnDevice {
  #lastUpdate = 0;
  #announced: TrialPhase | null = null;
  #isProbing = false;
  #evaluates: StopRule['evaluates'];

  /** A trial that an earlier, cut-off sweep finished; one that it only probed trains anew. */
  static restored(context: SweepContext, trial: Trial, finished: boolean): TrialRun {
    const run = new TrialRun(context, trial, trial.id);
    run.restore(trial, finished);
    return run;
  }

  /** A rate that became known after the trial was probed: it trains anew with it. */
  async useLearningRate(learningRate: number): Promise<void> {
    if (this.isFinished || learningRate === this.rate) return;
    await this.release();
    this.rate = learningRate;
    this.reset();
  }

  /**
   * From now on it is evaluated as it trains. What probing trained of it is kept where that took at
   * most so many seconds, in which no curve is needed; else it begins anew.
   */
  async leaveProbe(keepSeconds: number): Promise<void> {
    if (!this.#isProbing || this.isFinished) return;
    this.#isProbing = false;
    if (this.seconds <= keepSeconds) return;
    await this.release();
    this.reset();
  }

  /** Trains until the rule says stop, the time is up, or something goes wrong. */
  async train(rule: StopRule): Promise<void> {
    if (this.isFinished) return;
    const { clock } = this.context;
    this.#evaluates = rule.evaluates;
    if (rule.isProbe && (this.iterations === 0 || this.#isProbing)) this.#isProbing = true;
    else await this.leaveProbe(0);
    const end = clock.spent + rule.wallSeconds;
    this.#announce();
    this.stopReason = null;
    if (!(await this.begin())) return;
    for (;;) {
      throwIfCancelled(this.context);
      this.stopReason = rule.reason(this) ?? (clock.spent >= end ? 'budget' : null);
      const evaluated = this.points.length;
      if (this.stopReason !== null || !(await this.#work(end, rule.sliceSeconds))) break;
      if (this.points.length > evaluated) await rule.onPoint?.(this);
      if (clock.spent - this.#lastUpdate > updateEverySeconds) this.#update();
    }
    this.#update();
  }

  /**
   * As train for a probe, for so many updates or seconds, but untimed: engines compile what they run
   * often, and the first steps of a process take several times as long as those that follow.
   */
  async trainUntimed(iterations: number, wallSeconds: number): Promise<void> {
    await this.train({
      wallSeconds,
      reason: (run) => (run.iterations >= iterations ? 'probed' : null),
      isProbe: true,
      sliceSeconds: untimedSliceSeconds,
    });
    this.blocks = [];
  }

  /**
   * Trains on for a moment, for its timing; null when it cannot be. A trial that is over, or whose
   * process is gone, is begun anew for that.
   */
  async timeTurn(seconds: number): Promise<readonly TimedBlock[] | null> {
    if (this.status !== 'ok' || this.schedule) return null;
    const before = this.blocks.length;
    if (!this.isFinished) {
      if (!(await this.begin())) return null;
      // Warm-up is not counted, so a first turn may come back without a block.
      for (let tries = 0; tries < 4 && this.blocks.length === before; tries++) {
        if (!(await this.#work(this.context.clock.spent + seconds))) return null;
      }
      return this.blocks.slice(before);
    }
    return this.timeAgain(seconds);
  }

  /** Times it begun anew and given back at once; what was measured of it before stays. */
  async timeApart(seconds: number): Promise<readonly TimedBlock[] | null> {
    if (this.status !== 'ok' || this.schedule) return null;
    const blocks = await this.timeAgain(seconds);
    await this.release();
    return blocks;
  }

  /** Squared gradient norms at the present weights, and the noise scale as it is now. */
  async measureNoise(microbatchSize: number, microbatches: number, steps: number): Promise<void> {
    if (this.isFinished || this.status !== 'ok') return;
    const measured = await this.call('measureNoise', {
      trial: this.id,
      microbatchSize,
      microbatches,
      steps,
    });
    const { samples } = this.context.prepared.dataset;
    const taken = measured?.steps ?? [];
    this.context.samplesTrained += taken.length * microbatchSize * microbatches;
    this.noiseSteps.push(...taken);
    const now = noiseScale(taken, samples);
    const approximate = this.context.prepared.hasBatchNormalization;
    if (now) {
      const at = taken[0]?.samples ?? 0;
      this.noise.push({ samples: at, ...now, ...(approximate && { approximate }) });
    }
  }

  /**
   * Counts an evaluation's memory. It is the same for every batch size, for validation has a batch
   * size of its own: so it is run once in a sweep, and wherever it could matter (`isClose`).
   */
  async countEvaluation(isClose: boolean): Promise<void> {
    if (this.isFinished || this.status !== 'ok') return;
    const { context } = this;
    if (context.evaluationPeakBytes === null || isClose) {
      await this.evaluate();
      context.evaluationPeakBytes ??= this.peakBytes;
    } else this.countPeak(context.evaluationPeakBytes);
  }

  /**
   * Two points at least for whatever trained: where it was only measured, or overtaken before its
   * second evaluation, the end is evaluated, and the start is that of all trials of its seed.
   */
  async completeCurve(): Promise<void> {
    const { starts, metric } = this.context;
    if (this.isFinished || this.status !== 'ok') return;
    if (this.iterations === 0 || this.points.length >= 2) return;
    if (this.points.at(-1)?.iteration !== this.iterations) {
      const evaluated = await this.evaluatedNow();
      if (!evaluated) return;
      this.addPoint(evaluated);
    }
    const start = starts.get(this.seed);
    if (this.points.length >= 2 || start === undefined) return;
    const [loss, accuracy] = metric === 'loss' ? [start, null] : [null, start];
    const before = { iteration: 0, epoch: 0, seconds: 0, train: null };
    this.points.unshift({ ...before, validation: loss, accuracy });
    this.standardErrors.unshift(0);
  }

  /**
   * The trial is over; `ok` needs two evaluations, or nothing can be compared. A finalist stays on
   * the device, to be timed once more.
   */
  async finish(isFinalist = false): Promise<void> {
    if (this.isFinished) return;
    if (this.status === 'ok' && this.timeToTarget !== null) {
      // Also where it got there while it was only being timed.
      this.phase = this.context.exhaustive ? 'exhaustive' : 'race';
      if (this.stopReason === 'probed') this.stopReason = 'reached target';
    }
    if (this.stopReason === 'paused') this.stopReason = 'overtaken';
    await this.completeCurve();
    if (this.status === 'ok' && this.points.length < 2) {
      this.status = 'skipped';
      this.stopReason ??= 'budget';
    }
    this.isFinished = true;
    if (!isFinalist) await this.release();
    this.context.emit({
      type: 'trialFinished',
      trial: this.toTrial(),
      spentSeconds: this.context.clock.spent + this.context.earlierSeconds,
      samplesTrained: this.context.samplesTrained,
    });
  }

  #announce(): void {
    if (this.#announced === this.phase) return;
    const { id, batchSize, phase, learningRate } = this;
    this.context.emit({ type: 'trialStarted', id, batchSize, phase, learningRate });
    if (this.#announced !== null) this.#update();
    this.#announced = this.phase;
  }

  #update(): void {
    this.#lastUpdate = this.context.clock.spent;
    this.context.emit({ type: 'trialUpdated', trial: this.toTrial() });
  }

  /** Trains to the next evaluation or for a slice of time; false when the trial is over. */
  async #work(end: number, slice = sliceSeconds): Promise<boolean> {
    const { clock, grid } = this.context;
    const next = grid.next(this.pace, this.iterations);
    const before = this.iterations;
    const advanced = await this.call('advance', {
      trial: this.id,
      iterations: next - before,
      maxSeconds: Math.max(0.02, Math.min(slice, end - clock.spent)),
    });
    if (!advanced) return false;
    this.take(advanced, before);
    if (advanced.status !== 'ok') return this.failAs(advanced);
    if (advanced.iterations === before) {
      const cause = 'no update was made';
      return this.fail('failed', 'trialFailed', { batchSize: this.batchSize, cause });
    }
    if (this.iterations < next || this.#isProbing) return true;
    if (this.#evaluates?.(this) === false) return true;
    const evaluated = await this.evaluate();
    if (!evaluated) return false;
    this.addPoint(evaluated);
    return true;
  }
}
