import { told } from '../../core/sweep/told';
import type { Text } from '../../core/text/problem';
import type { LossPoint, TrialStatus } from '../../core/sweep/result';
import type { TimedBlock } from '../../planner/measure/stepTimeFit';
import type { Input } from '../../protocol/channel';
import type { Advanced, Evaluated, TrainerContract } from '../../protocol/trainer';
import { throwIfCancelled } from '../context/sweepContext';
import type { Answer, CallName } from '../process/trainer';
import { TrialRecord } from './trialRecord';
import { causeOfDeath, looksLikeOutOfMemory } from '../process/workerDeath';

/**
 * A trial and its trainer: begun there, advanced, evaluated and given back, begun anew (to the same
 * losses, for its seed is the same) when its process was lost to another trial's fault. Whatever goes
 * wrong in there becomes the trial's status.
 */
export class TrialOnDevice extends TrialRecord {
  #lossSum = 0;
  #lossIterations = 0;
  #generation = 0;
  #latest: { readonly iterations: number; readonly evaluated: Evaluated } | null = null;

  /** Gives back what the trial holds on the device; training on begins it anew. */
  async release(): Promise<void> {
    const { trainer } = this.context;
    const process = trainer.process;
    if (process && this.#generation === trainer.generation) {
      await process.call('end', { trial: this.id }, this.context.clock.msToLastMoment);
    }
    this.#generation = 0;
  }

  protected get settings() {
    const { id, batchSize, learningRate, seed, gradientAccumulation, schedule } = this;
    return { trial: id, batchSize, learningRate, seed, gradientAccumulation, schedule };
  }

  protected async begin(): Promise<boolean> {
    const { trainer, limitBytes, starts } = this.context;
    if (this.status !== 'ok') return false;
    if (this.isOnDevice) return true;
    const ready = await trainer.ensure();
    throwIfCancelled(this.context);
    if (!ready.ok) return this.fail('failed', ready.problem.reason, ready.problem.values);
    this.#generation = trainer.generation;
    this.reset();
    const { batchSize, seed } = this;
    const begun = await this.call('begin', { ...this.settings, limitBytes });
    if (!begun) return false;
    if (!begun.ok) {
      const { reason, values } = begun.problem;
      const memory = reason === 'trainerOutOfMemoryAtStart';
      if (memory) await trainer.discard();
      const cause = typeof values['cause'] === 'string' ? values['cause'] : reason;
      return memory
        ? this.fail('out-of-memory', 'trialOutOfMemory', { batchSize, cause })
        : this.fail('failed', 'trialFailed', { batchSize, cause });
    }
    if (starts.has(seed)) return true;
    const start = await this.evaluate();
    const value = this.context.metric === 'loss' ? start?.loss : start?.accuracy;
    if (typeof value === 'number') {
      starts.set(seed, value);
      this.context.emit({ type: 'startEvaluated', seed, value });
    }
    return start !== null;
  }

  /**
   * Times a trial that is over, begun anew for that where it has left the device; what was measured of
   * it before stays.
   */
  protected async timeAgain(seconds: number): Promise<readonly TimedBlock[] | null> {
    const { trainer, limitBytes } = this.context;
    if (!this.isOnDevice) {
      const ready = await trainer.ensure();
      throwIfCancelled(this.context);
      if (!ready.ok) return null;
      this.#generation = trainer.generation;
      const begun = await this.#ask('begin', { ...this.settings, limitBytes });
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

  /** Back to the first update; how long an update takes stays known. */
  protected reset(): void {
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

  protected addPoint(evaluated: Evaluated): void {
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

  protected take(advanced: Advanced, before: number): void {
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
    this.countPeak(advanced.peakBytes);
    this.processPeakBytes = advanced.processPeakBytes;
    this.memory = advanced.memory;
  }

  protected async evaluate(): Promise<Evaluated | null> {
    const evaluated = await this.call('evaluate', { trial: this.id });
    if (!evaluated) return null;
    this.evaluationSeconds += evaluated.seconds;
    this.context.evaluationSeconds = evaluated.seconds;
    this.countPeak(evaluated.peakBytes);
    if (evaluated.status !== 'ok') {
      await this.failAs(evaluated);
      return null;
    }
    this.#latest = { iterations: this.iterations, evaluated };
    return evaluated;
  }

  /** An evaluation of the present weights; null where they are gone. */
  protected async evaluatedNow(): Promise<Evaluated | null> {
    if (this.#latest?.iterations === this.iterations) return this.#latest.evaluated;
    return this.isOnDevice ? this.evaluate() : null;
  }

  protected get isOnDevice(): boolean {
    const { trainer } = this.context;
    return trainer.process !== null && this.#generation === trainer.generation;
  }

  protected countPeak(bytes: number | null): void {
    if (bytes !== null) this.peakBytes = Math.max(this.peakBytes ?? 0, bytes);
  }

  protected async failAs({ status, detail }: Pick<Advanced, 'status' | 'detail'>): Promise<false> {
    const { batchSize } = this;
    const values = { batchSize, cause: detail ?? '' };
    if (status === 'diverged') return this.fail('diverged', 'trialDiverged', values);
    // WASM memory never shrinks, and one failed allocation may have damaged live tensors.
    await this.context.trainer.discard();
    return this.fail('out-of-memory', 'trialOutOfMemory', values);
  }

  protected fail(status: TrialStatus, id: Text['id'], values: Text['values']): false {
    this.status = status;
    this.stopReason = status === 'skipped' ? 'budget' : status;
    this.error = told({ id, values });
    return false;
  }

  async #answerTo<N extends CallName>(
    name: N,
    input: Input<TrainerContract, N>,
  ): Promise<Answer<N>> {
    const { trainer, clock } = this.context;
    const answer = await trainer.call(name, input, clock.msToLastMoment);
    throwIfCancelled(this.context);
    return answer;
  }

  /** As call, of a trial that is over: what goes wrong now changes nothing of its result. */
  async #ask<N extends CallName>(
    name: N,
    input: Input<TrainerContract, N>,
  ): Promise<Extract<Answer<N>, { kind: 'answer' }>['output'] | null> {
    const answer = await this.#answerTo(name, input);
    if (answer.kind === 'answer') return answer.output;
    await this.context.trainer.discard();
    return null;
  }

  protected async call<N extends CallName>(
    name: N,
    input: Input<TrainerContract, N>,
  ): Promise<Extract<Answer<N>, { kind: 'answer' }>['output'] | null> {
    const answer = await this.#answerTo(name, input);
    const { trainer } = this.context;
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
        this.fail('failed', 'trialFailed', { batchSize, cause: answer.message });
        return null;
      case 'died': {
        await trainer.discard();
        const cause = causeOfDeath(answer.death);
        if (looksLikeOutOfMemory(answer.death)) {
          this.fail('out-of-memory', 'trialOutOfMemory', { batchSize, cause });
        } else this.fail('failed', 'workerDied', { cause });
        return null;
      }
    }
  }
}
