import { dispose, stack, type Scalar } from '@tensorflow/tfjs-core';
import { evaluationBatchSize } from '../../core/batches/arithmetic';
import type { Schedule } from '../../core/sweep/result';
import type { Advanced, Evaluated, NoiseStep } from '../../protocol/trainer';
import type { MemoryMeter } from '../memory/memoryMeter';
import { processPeakBytes } from '../memory/processMemory';
import { DataOrder, SampleOrder } from './dataOrder';
import type { DeviceData } from './deviceData';
import { DivergenceWatch, type Start } from './divergence';
import { evaluate, outputBytes } from './evaluation';
import { accumulatedGradients } from './gradients';
import { measureNoise, type NoiseRequest } from './noise';
import { setLearningRate } from './optimizerState';
import { outOfMemoryOf } from './outOfMemory';
import { blockClock, type BlockClock, type BlockTime } from './processorClock';
import { unfixDropoutSeeds } from './randomLayers';
import { mixSeed, streams, withSeededRandom } from '../random/seededRandom';
import type { Trainable } from './trainable';
import type { TrialMemory } from './trialMemory';
import { nextTurn, type Turn } from '../turns';
import { WarmUp } from './warmUp';

/** How long a block of steps between two reads of the device should take. */
const blockMs = 75;
/**
 * Training samples whose loss is measured before training, to detect divergence: as many as a small
 * model takes at once, fewer of a model whose outputs are large.
 */
const startSamples = { least: 32, most: 256, bytes: 2 ** 28 };

export interface TrialSettings {
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly gradientAccumulation: number;
  readonly schedule: Schedule | null;
}

type Failure = Pick<Advanced, 'status' | 'detail' | 'detailValues'>;
interface Block {
  readonly iterations: number;
  readonly time: BlockTime;
  readonly meanLoss: number;
}

/** The loss before training by seed: trials of one seed begin with the same weights. */
export type Starts = Map<number, Start>;

/** One model in training: it advances by so much work at a time and rests in between. */
export class Trial {
  readonly #trainable: Trainable;
  readonly #data: DeviceData;
  readonly #settings: TrialSettings;
  readonly #meter: MemoryMeter;
  readonly #clock: BlockClock;
  readonly #starts: Starts;
  readonly memory: TrialMemory;
  readonly #order: DataOrder;
  readonly #noiseOrder: DataOrder;
  readonly #warmUp = new WarmUp();
  readonly #evaluationBatch: number;
  #divergence: DivergenceWatch | null = null;
  #failure: Failure | null = null;
  #iterations = 0;
  #samples = 0;
  #stepMs: number | null = null;
  #batchSize: number;
  #peakBytes = 0;

  constructor(
    trainable: Trainable,
    data: DeviceData,
    settings: TrialSettings,
    meter: MemoryMeter,
    memory: TrialMemory,
    clock: BlockClock = blockClock(false),
    starts: Starts = new Map(),
  ) {
    this.#trainable = trainable;
    this.#data = data;
    this.#settings = settings;
    this.#meter = meter;
    this.#clock = clock;
    this.#starts = starts;
    this.memory = memory;
    this.#batchSize = settings.batchSize;
    const { count, ordersAreComputed } = data.train;
    const orderOf = (stream: number) =>
      new DataOrder(count, settings.seed, stream, ordersAreComputed);
    this.#order = orderOf(streams.order);
    this.#noiseOrder = orderOf(streams.noiseOrder);
    this.#evaluationBatch = evaluationBatchSize(outputBytes(trainable.model));
    unfixDropoutSeeds(trainable.model);
    setLearningRate(trainable.optimizer, settings.learningRate);
  }

  /** Trains for so many updates, or seconds, or until the turn is interrupted. */
  async advance(iterations: number, maxSeconds: number, turn: Turn): Promise<Advanced> {
    const start = performance.now();
    const deadline = start + maxSeconds * 1000;
    const blocks: Advanced['blocks'] = [];
    let losses = 0;
    const last = this.#iterations + iterations;
    const first = this.#iterations;
    if (!this.#divergence) await this.#guarded(() => this.#measureStart(turn));
    await this.#guarded(async () => {
      this.#data.train.follow(this.#order);
      while (!this.#failure && this.#iterations < last && !turn.interrupted()) {
        const left = deadline - performance.now();
        if (left <= 0 && this.#iterations > first) break;
        const full = this.#order.left >= this.#batchSize;
        const block = await this.#runBlock(full ? this.#planBlock(last, left) : 1);
        losses += block.meanLoss * block.iterations;
        if (full) this.#time(block, blocks);
        await nextTurn();
      }
    });
    this.#peakBytes = Math.max(this.#peakBytes, this.memory.peakBytes);
    const updates = this.#iterations - first;
    const trainLoss = losses / updates;
    return {
      status: 'ok',
      detail: null,
      ...this.#failure,
      iterations: this.#iterations,
      samples: this.#samples,
      epoch: this.#order.epoch,
      trainLoss: updates > 0 && Number.isFinite(trainLoss) ? trainLoss : null,
      blocks,
      wallMs: performance.now() - start,
      peakBytes: this.#peakBytes,
      processPeakBytes: processPeakBytes(),
      memory: this.memory.breakdown(this.#trainable.model, this.#peakBytes),
    };
  }

  /** Loss and accuracy on the whole validation set. */
  async evaluate(turn: Turn): Promise<Evaluated> {
    const start = performance.now();
    const { validation } = this.#data;
    const evaluation = await this.#guarded(() =>
      evaluate(judgedAlone(this.#trainable), validation, this.#evaluationBatch, turn),
    );
    const finite = (value: number | null | undefined) =>
      value !== null && value !== undefined && Number.isFinite(value) ? value : null;
    if (evaluation && !Number.isFinite(evaluation.loss)) {
      const detailValues = { loss: `${evaluation.loss}`, epoch: this.#order.epoch.toFixed(2) };
      this.#failure ??= { status: 'diverged', detail: 'causeLossNotFinite', detailValues };
    }
    return {
      status: 'ok',
      detail: null,
      ...this.#failure,
      loss: finite(evaluation?.loss),
      accuracy: finite(evaluation?.accuracy),
      lossStandardError: finite(evaluation?.standardError),
      ...(evaluation && Object.keys(evaluation.metrics).length > 0
        ? { metrics: evaluation.metrics }
        : {}),
      seconds: (performance.now() - start) / 1000,
      peakBytes: this.memory.peakBytes,
    };
  }

  /** Squared gradient norms at the present weights; fewer steps than asked for when memory ends. */
  async measureNoise(request: NoiseRequest, turn: Turn): Promise<NoiseStep[]> {
    const { train } = this.#data;
    const { seed } = this.#settings;
    const steps = await this.#guarded(() =>
      measureNoise(this.#trainable, train, this.#noiseOrder, seed, this.#samples, request, turn),
    );
    return steps ?? [];
  }

  dispose(): void {
    this.#trainable.model.dispose();
    this.#trainable.optimizer.dispose();
  }

  /** Runs metered work; running out of memory ends the trial, anything else is an error. */
  async #guarded<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.#failure) return null;
    try {
      const { value } = await this.memory.during(work);
      this.#meter.check();
      return value;
    } catch (error) {
      const outOfMemory = outOfMemoryOf(error, this.#meter);
      if (!outOfMemory) throw error;
      this.#failure = { status: 'out-of-memory', detail: outOfMemory.message };
      return null;
    }
  }

  async #measureStart(turn: Turn): Promise<void> {
    const { seed } = this.#settings;
    const start = this.#starts.get(seed) ?? (await this.#evaluateStart(turn));
    if (!start) return;
    this.#starts.set(seed, start);
    this.#divergence = new DivergenceWatch(start, this.#batchSize);
  }

  async #evaluateStart(turn: Turn): Promise<Start | null> {
    const { train } = this.#data;
    const batch = Math.min(this.#evaluationBatch, this.#partSize);
    const { least, most, bytes } = startSamples;
    const affordable = Math.floor(bytes / Math.max(1, outputBytes(this.#trainable.model)));
    const count = Math.min(Math.max(least, Math.min(most, affordable)), train.count);
    const order = new SampleOrder(train.count, count, this.#settings.seed, train.ordersAreComputed);
    const plain = { ...this.#trainable, metrics: [] };
    const start = await evaluate(plain, train, batch, turn, order);
    return start && { loss: start.loss, standardError: start.standardError, samples: count };
  }

  /** Samples whose activations are held at once. */
  get #partSize(): number {
    return Math.ceil(this.#batchSize / this.#settings.gradientAccumulation);
  }

  /** Full-size steps of the next block: within the epoch, the work asked for and the time left. */
  #planBlock(last: number, leftMs: number): number {
    const stepMs = this.#stepMs;
    const inBlock = stepMs === null ? 1 : Math.round(Math.min(blockMs, leftMs) / stepMs);
    const inEpoch = Math.floor(this.#order.left / this.#batchSize);
    return Math.max(1, Math.min(inBlock, inEpoch, last - this.#iterations));
  }

  /** Steps without reading from the device, then one read of all their losses. */
  async #runBlock(steps: number): Promise<Block> {
    const stop = this.#clock.start();
    const pending: Scalar[] = [];
    try {
      for (let step = 0; step < steps; step++) pending.push(this.#step());
      const all = stack(pending);
      const losses = await all.data<'float32'>();
      all.dispose();
      const time = stop();
      this.#meter.check();
      const meanLoss = losses.reduce((total, loss) => total + loss, 0) / steps;
      const why = this.#divergence?.observe(this.#order.epoch, steps, meanLoss) ?? null;
      if (why)
        this.#failure = { status: 'diverged', detail: why.id, detailValues: { ...why.values } };
      return { iterations: steps, time, meanLoss };
    } finally {
      dispose(pending);
    }
  }

  /** One update; its loss stays on the device. */
  #step(): Scalar {
    this.#followSchedule();
    const { seed, gradientAccumulation } = this.#settings;
    const indices = this.#order.next(this.#batchSize);
    const { loss, byVariable } = accumulatedGradients(
      this.#trainable,
      this.#data.train,
      indices,
      gradientAccumulation,
      (part, action) =>
        withSeededRandom(mixSeed(seed, streams.step, this.#iterations, part), action),
    );
    const { optimizer } = this.#trainable;
    const update = () => {
      optimizer.applyGradients(byVariable);
    };
    try {
      if (this.#iterations === 0) this.memory.measureOptimizer(update);
      else update();
    } finally {
      dispose(byVariable);
    }
    this.#iterations++;
    this.#samples += indices.length;
    return loss;
  }

  /** At the start of an epoch, takes the batch size and learning rate that the schedule has for it. */
  #followSchedule(): void {
    const { schedule } = this.#settings;
    if (!schedule || this.#order.left < this.#data.train.count) return;
    const entry = schedule.findLast(({ epoch }) => epoch <= this.#order.epochs);
    if (!entry || entry.batchSize === 0) return;
    if (entry.batchSize !== this.#batchSize) this.#stepMs = null;
    this.#batchSize = entry.batchSize;
    setLearningRate(this.#trainable.optimizer, entry.learningRate);
  }

  #time({ iterations, time }: Block, blocks: Advanced['blocks']): void {
    const { ms, cpuMs } = time;
    this.#stepMs = ms / iterations;
    if (this.#warmUp.done) blocks.push({ ...time, iterations, batchSize: this.#batchSize });
    else this.#warmUp.observe(iterations, cpuMs ?? ms);
  }
}

/** As the target is measured: by one output's loss, where the config names one. */
function judgedAlone(trainable: Trainable): Trainable {
  const { judged } = trainable;
  return judged ? { ...trainable, losses: judged } : trainable;
}
