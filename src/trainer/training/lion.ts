import { add, mul, sign, sub } from '@tensorflow/tfjs-core';
import { SlotOptimizer, type Update } from './slotOptimizer';

/**
 * Lion (arXiv 2302.06675, algorithm 2), without its weight decay: steps of one size in the direction
 * of the sign of `β₁·m + (1 − β₁)·g`.
 */
export class Lion extends SlotOptimizer<'m'> {
  static readonly className = 'Lion';
  readonly #beta1: number;
  readonly #beta2: number;

  constructor(learningRate: number, beta1 = 0.9, beta2 = 0.99) {
    super(learningRate, { m: 0 });
    this.#beta1 = beta1;
    this.#beta2 = beta2;
  }

  protected override update({ weights, gradient, slots, learningRate }: Update<'m'>): void {
    const [beta1, beta2] = [this.#beta1, this.#beta2];
    const { m } = slots;
    const direction = sign(add(mul(m, beta1), mul(gradient, 1 - beta1)));
    weights.assign(sub(weights, mul(direction, learningRate)));
    m.assign(add(mul(m, beta2), mul(gradient, 1 - beta2)));
  }

  override getConfig() {
    return { learningRate: this.learningRate, beta1: this.#beta1, beta2: this.#beta2 };
  }
}
