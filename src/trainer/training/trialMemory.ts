import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Advanced } from '../../protocol/trainer';
import type { MemoryMeter } from '../memory/memoryMeter';

const bytesPerWeight = 4;

/**
 * What a trial holds on the device, apart from other trials that wait in the same process: theirs
 * is taken off every number and comes on top of the limit.
 */
export class TrialMemory {
  readonly #meter: MemoryMeter;
  readonly #dataBytes: number;
  readonly #limitBytes: number | null;
  #resident = 0;
  #peak = 0;
  #optimizerBytes = 0;

  constructor(meter: MemoryMeter, dataBytes: number, limitBytes: number | null) {
    this.#meter = meter;
    this.#dataBytes = dataBytes;
    this.#limitBytes = limitBytes;
  }

  /** Meters some work of this trial: its limit holds, and what it leaves behind is its own. */
  async during<T>(work: () => Promise<T>): Promise<{ value: T; peakBytes: number }> {
    const before = this.#meter.liveBytes();
    const others = before - this.#resident - this.#dataBytes;
    this.#meter.resetPeak();
    this.#meter.setLimit(this.#limitBytes === null ? null : this.#limitBytes + others);
    try {
      const value = await work();
      return { value, peakBytes: this.#meter.peakBytes() - others };
    } finally {
      this.#meter.setLimit(null);
      this.#resident += this.#meter.liveBytes() - before;
      this.#peak = this.#meter.peakBytes() - others;
    }
  }

  /** The peak of the last work, also where it failed. */
  get peakBytes(): number {
    return this.#peak;
  }

  /** What the first update left behind is the optimizer's state. */
  measureOptimizer<T>(update: () => T): T {
    const before = this.#meter.liveBytes();
    const value = update();
    this.#optimizerBytes = Math.max(0, this.#meter.liveBytes() - before);
    return value;
  }

  /** Where the peak goes; activations are what the rest does not explain. */
  breakdown(model: LayersModel, peakBytes: number): Advanced['memory'] {
    const parameters = bytesPerWeight * model.countParams();
    const gradients = bytesPerWeight * countOf(model.trainableWeights);
    const rest = peakBytes - this.#dataBytes - parameters - gradients - this.#optimizerBytes;
    return {
      parameters,
      optimizer: this.#optimizerBytes,
      gradients,
      activations: Math.max(0, rest),
      data: this.#dataBytes,
    };
  }
}

function countOf(weights: LayersModel['trainableWeights']): number {
  return weights.reduce((total, weight) => total + weight.read().size, 0);
}
