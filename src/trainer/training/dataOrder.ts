import { mixSeed, permutation, streams } from './seededRandom';

/**
 * Which samples come next: every sample once an epoch, in an order of the seed and the epoch alone,
 * so that trials of one seed see the same order at every batch size.
 */
export class DataOrder {
  private order: Int32Array;
  private position = 0;
  private finished = 0;

  constructor(
    private readonly samples: number,
    private readonly seed: number,
    private readonly stream: number = streams.order,
  ) {
    this.order = this.orderOf(0);
  }

  /** Epochs completed. */
  get epochs(): number {
    return this.finished;
  }

  /** Epochs so far, with the fraction of the present one. */
  get epoch(): number {
    return this.finished + this.position / this.samples;
  }

  /** Samples left in the present epoch; never 0. */
  get left(): number {
    return this.samples - this.position;
  }

  /** The indices of the next batch: fewer than asked for at the end of an epoch. */
  next(batchSize: number): Int32Array {
    const batch = this.order.subarray(this.position, this.position + batchSize);
    this.position += batch.length;
    if (this.position === this.samples) {
      this.finished++;
      this.position = 0;
      this.order = this.orderOf(this.finished);
    }
    return batch;
  }

  private orderOf(epoch: number): Int32Array {
    return permutation(this.samples, mixSeed(this.seed, this.stream, epoch));
  }
}
