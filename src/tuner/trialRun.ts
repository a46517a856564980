import type { Text } from '../core/problem';
import { told } from '../core/recommend';
import type { LossPoint, Trial, TrialPhase, TrialStatus } from '../core/result';
import { estimateStepTime, type StepTime, type TimedBlock } from '../core/stepTimeFit';
import { crossing, type Evaluation } from '../core/target';
import type { Advanced, Evaluated, TrainerContract } from '../protocol/trainer';
import type { Input } from '../protocol/channel';
import { throwIfCancelled, type SweepContext } from './sweepContext';
import type { Answer } from './trainerProcess';
import { causeOfDeath, looksLikeOutOfMemory } from './workerDeath';

/** How long a trial goes on. */
export interface StopRule {
  /** Wall-clock it may take from now on. */
  readonly wallSeconds: number;
  /** Why it should stop now, asked after every piece of work; null goes on. */
  readonly reason: (run: TrialRun) => string | null;
}

/** Longest piece of work between two looks at the clock. */
const sliceSeconds = 0.4;
const updateEverySeconds = 1;

type CallName = 'begin' | 'advance' | 'evaluate';

/**
 * One trial of a sweep: trained by a trainer in pieces, paused between them, and begun anew (to the
 * same losses, for its seed is the same) when its process was lost to another trial's fault.
 */
export class TrialRun {
  phase: TrialPhase = 'probe';
  status: TrialStatus = 'ok';
  stopReason: string | null = null;
  iterations = 0;
  epoch = 0;
  points: LossPoint[] = [];
  /** Standard error of the last evaluation's loss; null before the first. */
  standardError: number | null = null;
  peakBytes: number | null = null;
  evaluationSeconds = 0;
  evaluations = 0;
  #blocks: TimedBlock[] = [];
  /** Timed in turns with the other finalists; once there, they take the place of the others. */
  #interleaved: readonly TimedBlock[] | null = null;
  #processPeakBytes: number | null = null;
  #memory: Trial['memory'] = null;
  #error: Trial['error'] = null;
  #untimedMs = 0;
  #lossSum = 0;
  #lossIterations = 0;
  #generation = 0;
  #lastUpdate = 0;
  #announced: TrialPhase | null = null;
  #restored: Trial | null = null;
  #finished = false;

  constructor(
    private readonly context: SweepContext,
    readonly batchSize: number,
    readonly learningRate: number,
    readonly seed: number,
    readonly id: string,
  ) {}

  /** A trial that an earlier, cut-off sweep finished. */
  static restored(context: SweepContext, trial: Trial): TrialRun {
    const run = new TrialRun(context, trial.batchSize, trial.learningRate, trial.seed, trial.id);
    run.#restored = trial;
    run.#finished = true;
    run.phase = trial.phase;
    run.status = trial.status;
    run.stopReason = trial.stopReason;
    run.iterations = trial.iterations;
    run.points = trial.loss;
    run.epoch = trial.loss.at(-1)?.epoch ?? 0;
    run.peakBytes = trial.peakBytes;
    return run;
  }

  get finished(): boolean {
    return this.#finished;
  }

  get stepTime(): StepTime | null {
    if (!this.#restored) return estimateStepTime(this.#interleaved ?? this.#blocks);
    const { stepMs, stepMsInterval } = this.#restored;
    return stepMs === null ? null : { ms: stepMs, interval: stepMsInterval };
  }

  get timedBlocks(): number {
    return this.#blocks.length;
  }

  /** Seconds of training so far: updates times step time. */
  get seconds(): number {
    return this.iterations * this.#secondsPerUpdate;
  }

  /** The metric at the start and at every evaluation, over seconds. */
  get curve(): Evaluation[] {
    const start = this.context.starts.get(this.seed);
    return [
      ...(start === undefined ? [] : [{ x: 0, value: start }]),
      ...this.evaluationsOverEpochs.map(({ iteration, value }) => ({
        x: iteration * this.#secondsPerUpdate,
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
    const restored = this.#restored?.timeToTargetSeconds ?? null;
    if (restored !== null) return restored;
    const { target, metric } = this.context;
    return target && crossing(this.curve, metric, target.value);
  }

  /** Trains until the rule says stop, the time is up, or something goes wrong. */
  async train(rule: StopRule): Promise<void> {
    if (this.#finished) return;
    const { clock } = this.context;
    const end = clock.spent + rule.wallSeconds;
    this.#announce();
    this.stopReason = null;
    if (!(await this.#begin())) return;
    for (;;) {
      throwIfCancelled(this.context);
      this.stopReason = rule.reason(this) ?? (clock.spent >= end ? 'budget' : null);
      if (this.stopReason !== null || !(await this.#work(end))) break;
      if (clock.spent - this.#lastUpdate > updateEverySeconds) this.#update();
    }
    this.#update();
  }

  /** Trains on for a moment, for its timing alone; null when the trial is not there any more. */
  async timeBlocks(seconds: number): Promise<readonly TimedBlock[] | null> {
    const { trainer, clock, prepared } = this.context;
    const process = trainer.process;
    if (!process || this.#generation !== trainer.generation || this.status !== 'ok') return null;
    const work = { trial: this.id, iterations: 2 ** 31, maxSeconds: seconds };
    const answer = await process.call('advance', work, clock.msToLastMoment);
    throwIfCancelled(this.context);
    if (answer.kind !== 'answer') {
      await trainer.discard();
      return null;
    }
    const { epoch, status, blocks } = answer.output;
    this.context.samplesTrained += Math.round((epoch - this.epoch) * prepared.dataset.samples);
    this.epoch = epoch;
    return status === 'ok' ? blocks : null;
  }

  /** Takes blocks that were timed in turns with others as this trial's step time. */
  retime(blocks: readonly TimedBlock[]): void {
    this.#interleaved = blocks;
    this.#update();
  }

  /** Evaluates once where nothing was evaluated yet, so that its memory is counted. */
  async evaluateOnce(): Promise<void> {
    if (this.#finished || this.status !== 'ok' || this.evaluations > 0) return;
    await this.#evaluate();
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
    if (this.#finished) return;
    if (this.status === 'ok' && this.points.length < 2) {
      this.status = 'skipped';
      this.stopReason ??= 'budget';
    }
    this.#finished = true;
    if (!isFinalist) await this.release();
    this.context.emit({
      type: 'trialFinished',
      trial: this.toTrial(),
      spentSeconds: this.context.clock.spent + this.context.earlierSeconds,
      samplesTrained: this.context.samplesTrained,
    });
  }

  toTrial(): Trial {
    const { target } = this.context;
    const timeToTarget = target ? this.timeToTarget : null;
    if (this.#restored) return { ...this.#restored, timeToTargetSeconds: timeToTarget };
    const step = this.stepTime;
    const perUpdate = this.#secondsPerUpdate;
    return {
      id: this.id,
      batchSize: this.batchSize,
      phase: this.phase,
      seed: this.seed,
      status: this.status,
      stopReason: this.stopReason,
      stepMs: step?.ms ?? null,
      stepMsInterval: step?.interval ? [...step.interval] : null,
      samplesPerSecond: step ? (1000 * this.batchSize) / step.ms : null,
      peakBytes: this.peakBytes,
      processPeakBytes: this.#processPeakBytes,
      memory: this.#memory,
      iterations: this.iterations,
      learningRate: this.learningRate,
      gradientAccumulation: 1,
      schedule: null,
      gradientNoiseScale: null,
      noise: [],
      loss: this.points.map((point) => ({ ...point, seconds: point.iteration * perUpdate })),
      timeToTargetSeconds: timeToTarget,
      timeToTargetInterval:
        timeToTarget !== null && step?.interval
          ? [
              (timeToTarget * step.interval[0]) / step.ms,
              (timeToTarget * step.interval[1]) / step.ms,
            ]
          : null,
      predictedTimeToTargetSeconds: null,
      evaluationSeconds: this.evaluationSeconds,
      error: this.#error,
    };
  }

  /** Where no block was timed (all were warm-up), the wall-clock of the updates stands in. */
  get #secondsPerUpdate(): number {
    const ms = this.stepTime?.ms ?? (this.iterations > 0 ? this.#untimedMs / this.iterations : 0);
    return ms / 1000;
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

  async #begin(): Promise<boolean> {
    const { trainer, limitBytes, starts } = this.context;
    if (this.status !== 'ok') return false;
    if (this.#generation !== 0 && this.#generation === trainer.generation && trainer.process) {
      return true;
    }
    const ready = await trainer.ensure();
    throwIfCancelled(this.context);
    if (!ready.ok) return this.#fail('failed', ready.problem.reason, ready.problem.values);
    this.#generation = trainer.generation;
    this.#reset();
    const { id, batchSize, learningRate, seed } = this;
    const begun = await this.#call('begin', {
      trial: id,
      batchSize,
      learningRate,
      seed,
      limitBytes,
    });
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
    if (typeof value === 'number') starts.set(seed, value);
    return start !== null;
  }

  /** Back to the first update; how long an update takes stays known. */
  #reset(): void {
    this.iterations = 0;
    this.epoch = 0;
    this.points = [];
    this.#untimedMs = 0;
    this.#lossSum = 0;
    this.#lossIterations = 0;
  }

  /** Trains to the next evaluation or for a slice of time; false when the trial is over. */
  async #work(end: number): Promise<boolean> {
    const { clock, grid } = this.context;
    const next = grid.nextIteration(this.batchSize, this.iterations);
    const before = this.iterations;
    const advanced = await this.#call('advance', {
      trial: this.id,
      iterations: next - before,
      maxSeconds: Math.max(0.02, Math.min(sliceSeconds, end - clock.spent)),
    });
    if (!advanced) return false;
    this.#take(advanced, before);
    if (advanced.status !== 'ok') return this.#failAs(advanced);
    if (advanced.iterations === before) {
      const cause = 'no update was made';
      return this.#fail('failed', 'trialFailed', { batchSize: this.batchSize, cause });
    }
    if (this.iterations < next) return true;
    const evaluated = await this.#evaluate();
    if (!evaluated) return false;
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
    this.standardError = evaluated.lossStandardError;
    this.points.push(point);
    this.context.emit({ type: 'lossPoint', id: this.id, point });
    return true;
  }

  #take(advanced: Advanced, before: number): void {
    const made = advanced.iterations - before;
    this.context.samplesTrained += Math.round(
      (advanced.epoch - this.epoch) * this.context.prepared.dataset.samples,
    );
    this.iterations = advanced.iterations;
    this.epoch = advanced.epoch;
    this.#blocks.push(...advanced.blocks);
    this.#untimedMs += advanced.wallMs;
    this.#lossSum += (advanced.trainLoss ?? 0) * made;
    this.#lossIterations += advanced.trainLoss === null ? 0 : made;
    this.#peak(advanced.peakBytes);
    this.#processPeakBytes = advanced.processPeakBytes;
    this.#memory = advanced.memory;
  }

  async #evaluate(): Promise<Evaluated | null> {
    const evaluated = await this.#call('evaluate', { trial: this.id });
    if (!evaluated) return null;
    this.evaluationSeconds += evaluated.seconds;
    this.evaluations++;
    this.#peak(evaluated.peakBytes);
    if (evaluated.status === 'ok') return evaluated;
    await this.#failAs(evaluated);
    return null;
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
    this.#error = told({ id, values });
    return false;
  }

  async #call<N extends CallName>(
    name: N,
    input: Input<TrainerContract, N>,
  ): Promise<Extract<Answer<N>, { kind: 'answer' }>['output'] | null> {
    const { trainer, clock } = this.context;
    const process = trainer.process;
    const answer: Answer<N> = process
      ? await process.call(name, input, clock.msToLastMoment)
      : { kind: 'refused', message: 'there is no training process' };
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
