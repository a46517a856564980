import { add, div, mul, neg, sqrt, square, sub } from '@tensorflow/tfjs-core';
import { SlotOptimizer, type Update } from './slotOptimizer';

/** What Keras fills the sums of squares with at first. */
const firstSum = 0.1;

/**
 * Follow the regularized leader (McMahan et al. 2013, https://doi.org/10.1145/2487575.2488200,
 * algorithm 1), without its regularization, at rates that fall with the root of the summed squares.
 */
export class Ftrl extends SlotOptimizer<'sum' | 'linear'> {
  static readonly className = 'Ftrl';

  constructor(learningRate: number) {
    super(learningRate, { sum: firstSum, linear: 0 });
  }

  protected override update(update: Update<'sum' | 'linear'>): void {
    const { weights, gradient, slots, learningRate } = update;
    const sum = add(slots.sum, square(gradient));
    const root = sqrt(sum);
    const growth = div(sub(root, sqrt(slots.sum)), learningRate);
    const linear = add(slots.linear, sub(gradient, mul(growth, weights)));
    slots.sum.assign(sum);
    slots.linear.assign(linear);
    weights.assign(div(mul(neg(linear), learningRate), root));
  }

  override getConfig() {
    return { learningRate: this.learningRate };
  }
}
