import type { Text } from '../core/problem';
import { told } from '../core/recommend';
import { noiseScale } from '../core/noise';
import type { LossPoint, Trial, TrialPhase, TrialStatus } from '../core/result';
import type { TimedBlock } from '../core/stepTimeFit';
import type { Advanced, Evaluated, TrainerContract } from '../protocol/trainer';
import type { Input } from '../protocol/channel';
import { throwIfCancelled, type SweepContext } from './sweepContext';
import type { Answer, CallName } from './trainerProcess';
import type { StopRule } from './stopRule';
import { TrialRecord } from './trialRecord';
import { causeOfDeath, looksLikeOutOfMemory } from './workerDeath';

/** Longest piece of work between two looks at the clock. */
const sliceSeconds = 0.4;
const updateEverySeconds = 1;
const untimedSliceSeconds = 0.1;

/**
 * One trial of a sweep: trained by a trainer in pieces, paused between them, and begun anew (to the
 * same losses, for its seed is the same) when its process was lost to another trial's fault.
 */
export class TrialRun extends TrialRecord {
  #lossSum = 0;
  #lossIterations = 0;
  #generation = 0;
  #lastUpdate = 0;
  #announced: TrialPhase | null = null;
  #isProbing = false;
  #evaluates: StopRule['evaluates'];
  #latest: { readonly iterations: number; readonly evaluated: Evaluated } | null = null;

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
    this.#reset();
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
    this.#reset();
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
    if (!(await this.#begin())) return;
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
      if (!(await this.#begin())) return null;
      // Warm-up is not counted, so a first turn may come back without a block.
      for (let tries = 0; tries < 4 && this.blocks.length === before; tries++) {
        if (!(await this.#work(this.context.clock.spent + seconds))) return null;
      }
      return this.blocks.slice(before);
    }
    return this.#timeAgain(seconds);
  }

  /** Times it begun anew and given back at once; what was measured of it before stays. */
  async timeApart(seconds: number): Promise<readonly TimedBlock[] | null> {
    if (this.status !== 'ok' || this.schedule) return null;
    const blocks = await this.#timeAgain(seconds);
    await this.release();
    return blocks;
  }

  /** Squared gradient norms at the present weights, and the noise scale as it is now. */
  async measureNoise(microbatchSize: number, microbatches: number, steps: number): Promise<void> {
    if (this.isFinished || this.status !== 'ok') return;
    const measured = await this.#call('measureNoise', {
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
      await this.#evaluate();
      context.evaluationPeakBytes ??= this.peakBytes;
    } else this.#peak(context.evaluationPeakBytes);
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
      const evaluated = await this.#evaluatedNow();
      if (!evaluated) return;
      this.#addPoint(evaluated);
    }
    const start = starts.get(this.seed);
    if (this.points.length >= 2 || start === undefined) return;
    const [loss, accuracy] = metric === 'loss' ? [start, null] : [null, start];
    const before = { iteration: 0, epoch: 0, seconds: 0, train: null };
    this.points.unshift({ ...before, validation: loss, accuracy });
    this.standardErrors.unshift(0);
  }

  /** Gives back what the trial holds on the device; training on begins it anew. */
  async release(): Promise<void> {
    const { trainer } = this.context;
    const process = trainer.process;
    if (process && this.#generation === trainer.generation) {
      await process.call('end', { trial: this.id }, this.context.clock.msToLastMoment);
    }
    this.#generation = 0;
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

  async #timeAgain(seconds: number): Promise<readonly TimedBlock[] | null> {
    const { trainer, limitBytes } = this.context;
    if (!this.#isOnDevice) {
      const ready = await trainer.ensure();
      throwIfCancelled(this.context);
      if (!ready.ok) return null;
      this.#generation = trainer.generation;
      const begun = await this.#ask('begin', { ...this.#settings, limitBytes });
      if (begun?.ok !== true) return null;
      this.epoch = 0;
    }
    for (let tries = 0; tries < 4; tries++) {
      const work = { trial: this.id, iterations: 2 ** 31, maxSeconds: seconds };
      const advanced = await this.#ask('advance', work);
      if (advanced?.status !== 'ok') return null;
      const { samples } = this.context.prepared.dataset;
      this.context.samplesTrained += Math.max(
        0,
        Math.round((advanced.epoch - this.epoch) * samples),
      );
      this.epoch = advanced.epoch;
      if (advanced.blocks.length > 0) return advanced.blocks;
    }
    return null;
  }

  get #settings() {
    const { id, batchSize, learningRate, seed, gradientAccumulation, schedule } = this;
    return { trial: id, batchSize, learningRate, seed, gradientAccumulation, schedule };
  }

  async #begin(): Promise<boolean> {
    const { trainer, limitBytes, starts } = this.context;
    if (this.status !== 'ok') return false;
    if (this.#isOnDevice) return true;
    const ready = await trainer.ensure();
    throwIfCancelled(this.context);
    if (!ready.ok) return this.#fail('failed', ready.problem.reason, ready.problem.values);
    this.#generation = trainer.generation;
    this.#reset();
    const { batchSize, seed } = this;
    const begun = await this.#call('begin', { ...this.#settings, limitBytes });
    if (!begun) return false;
    if (!begun.ok) {
      const { reason, values } = begun.problem;
      const memory = reason === 'trainerOutOfMemoryAtStart';
      if (memory) await trainer.discard();
      const cause = typeof values['cause'] === 'string' ? values['cause'] : reason;
      return memory
        ? this.#fail('out-of-memory', 'trialOutOfMemory', { batchSize, cause })
        : this.#fail('failed', 'trialFailed', { batchSize, cause });
    }
    if (starts.has(seed)) return true;
    const start = await this.#evaluate();
    const value = this.context.metric === 'loss' ? start?.loss : start?.accuracy;
    if (typeof value === 'number') {
      starts.set(seed, value);
      this.context.emit({ type: 'startEvaluated', seed, value });
    }
    return start !== null;
  }

  /** Back to the first update; how long an update takes stays known. */
  #reset(): void {
    this.iterations = 0;
    this.epoch = 0;
    this.points = [];
    this.noise = [];
    this.standardErrors = [];
    this.noiseSteps = [];
    this.untimedMs = 0;
    this.#latest = null;
    this.#lossSum = 0;
    this.#lossIterations = 0;
  }

  /** Trains to the next evaluation or for a slice of time; false when the trial is over. */
  async #work(end: number, slice = sliceSeconds): Promise<boolean> {
    const { clock, grid } = this.context;
    const next = grid.next(this.pace, this.iterations);
    const before = this.iterations;
    const advanced = await this.#call('advance', {
      trial: this.id,
      iterations: next - before,
      maxSeconds: Math.max(0.02, Math.min(slice, end - clock.spent)),
    });
    if (!advanced) return false;
    this.#take(advanced, before);
    if (advanced.status !== 'ok') return this.#failAs(advanced);
    if (advanced.iterations === before) {
      const cause = 'no update was made';
      return this.#fail('failed', 'trialFailed', { batchSize: this.batchSize, cause });
    }
    if (this.iterations < next || this.#isProbing) return true;
    if (this.#evaluates?.(this) === false) return true;
    const evaluated = await this.#evaluate();
    if (!evaluated) return false;
    this.#addPoint(evaluated);
    return true;
  }

  #addPoint(evaluated: Evaluated): void {
    const point: LossPoint = {
      iteration: this.iterations,
      epoch: this.epoch,
      seconds: this.seconds,
      train: this.#lossIterations > 0 ? this.#lossSum / this.#lossIterations : null,
      validation: evaluated.loss,
      accuracy: evaluated.accuracy,
    };
    this.#lossSum = 0;
    this.#lossIterations = 0;
    this.standardErrors.push(evaluated.lossStandardError ?? 0);
    this.points.push(point);
    this.context.emit({ type: 'lossPoint', id: this.id, point });
  }

  #take(advanced: Advanced, before: number): void {
    const made = advanced.iterations - before;
    this.context.samplesTrained += Math.round(
      (advanced.epoch - this.epoch) * this.context.prepared.dataset.samples,
    );
    this.iterations = advanced.iterations;
    this.epoch = advanced.epoch;
    this.blocks.push(...advanced.blocks);
    this.untimedMs += advanced.wallMs;
    this.#lossSum += (advanced.trainLoss ?? 0) * made;
    this.#lossIterations += advanced.trainLoss === null ? 0 : made;
    this.#peak(advanced.peakBytes);
    this.processPeakBytes = advanced.processPeakBytes;
    this.memory = advanced.memory;
  }

  async #evaluate(): Promise<Evaluated | null> {
    const evaluated = await this.#call('evaluate', { trial: this.id });
    if (!evaluated) return null;
    this.evaluationSeconds += evaluated.seconds;
    this.context.evaluationSeconds = evaluated.seconds;
    this.#peak(evaluated.peakBytes);
    if (evaluated.status !== 'ok') {
      await this.#failAs(evaluated);
      return null;
    }
    this.#latest = { iterations: this.iterations, evaluated };
    return evaluated;
  }

  /** An evaluation of the present weights; null where they are gone. */
  async #evaluatedNow(): Promise<Evaluated | null> {
    if (this.#latest?.iterations === this.iterations) return this.#latest.evaluated;
    return this.#isOnDevice ? this.#evaluate() : null;
  }

  get #isOnDevice(): boolean {
    const { trainer } = this.context;
    return trainer.process !== null && this.#generation === trainer.generation;
  }

  #peak(bytes: number | null): void {
    if (bytes !== null) this.peakBytes = Math.max(this.peakBytes ?? 0, bytes);
  }

  async #failAs({ status, detail }: Pick<Advanced, 'status' | 'detail'>): Promise<false> {
    const { batchSize } = this;
    const values = { batchSize, cause: detail ?? '' };
    if (status === 'diverged') return this.#fail('diverged', 'trialDiverged', values);
    // WASM memory never shrinks, and one failed allocation may have damaged live tensors.
    await this.context.trainer.discard();
    return this.#fail('out-of-memory', 'trialOutOfMemory', values);
  }

  #fail(status: TrialStatus, id: Text['id'], values: Text['values']): false {
    this.status = status;
    this.stopReason = status === 'skipped' ? 'budget' : status;
    this.error = told({ id, values });
    return false;
  }

  /** As #call, of a trial that is over: what goes wrong now changes nothing of its result. */
  async #ask<N extends CallName>(
    name: N,
    input: Input<TrainerContract, N>,
  ): Promise<Extract<Answer<N>, { kind: 'answer' }>['output'] | null> {
    const { trainer, clock } = this.context;
    const answer = await trainer.call(name, input, clock.msToLastMoment);
    throwIfCancelled(this.context);
    if (answer.kind === 'answer') return answer.output;
    await trainer.discard();
    return null;
  }

  async #call<N extends CallName>(
    name: N,
    input: Input<TrainerContract, N>,
  ): Promise<Extract<Answer<N>, { kind: 'answer' }>['output'] | null> {
    const { trainer, clock } = this.context;
    const answer = await trainer.call(name, input, clock.msToLastMoment);
    throwIfCancelled(this.context);
    const { batchSize } = this;
    switch (answer.kind) {
      case 'answer':
        return answer.output;
      case 'late':
        await trainer.discard();
        this.status = this.points.length < 2 ? 'skipped' : 'ok';
        this.stopReason = 'budget';
        return null;
      case 'refused':
        await trainer.discard();
        this.#fail('failed', 'trialFailed', { batchSize, cause: answer.message });
        return null;
      case 'died': {
        await trainer.discard();
        const cause = causeOfDeath(answer.death);
        if (looksLikeOutOfMemory(answer.death)) {
          this.#fail('out-of-memory', 'trialOutOfMemory', { batchSize, cause });
        } else this.#fail('failed', 'workerDied', { cause });
        return null;
      }
    }
  }
}
