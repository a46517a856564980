import { add, div, mul, sqrt, square, sub } from '@tensorflow/tfjs-core';
import { SlotOptimizer, type Update } from './slotOptimizer';

/**
 * Adadelta (arXiv 1212.5701, algorithm 1). That of TensorFlow.js divides by the mean of squares
 * before the gradient at hand, so that its first step is far too long.
 */
export class Adadelta extends SlotOptimizer<'squares' | 'steps'> {
  static readonly className = 'Adadelta';
  readonly #decay: number;
  readonly #epsilon: number;

  constructor(learningRate: number, decay = 0.95, epsilon = 1e-7) {
    super(learningRate, { squares: 0, steps: 0 });
    this.#decay = decay;
    this.#epsilon = epsilon;
  }

  protected override update(update: Update<'squares' | 'steps'>): void {
    const { weights, gradient, slots, learningRate } = update;
    const [decay, epsilon] = [this.#decay, this.#epsilon];
    const squares = add(mul(slots.squares, decay), mul(square(gradient), 1 - decay));
    const scale = div(sqrt(add(slots.steps, epsilon)), sqrt(add(squares, epsilon)));
    const step = mul(scale, gradient);
    slots.squares.assign(squares);
    slots.steps.assign(add(mul(slots.steps, decay), mul(square(step), 1 - decay)));
    weights.assign(sub(weights, mul(step, learningRate)));
  }

  override getConfig() {
    return { learningRate: this.learningRate, decay: this.#decay, epsilon: this.#epsilon };
  }
}
