import { add, div, mul, sqrt, square, sub } from '@tensorflow/tfjs-core';
import { SlotOptimizer, type Update } from './slotOptimizer';

/** How fast the momentum grows to β₁, as Dozat proposes and Keras has it. */
const schedule = 0.96;

/**
 * Adam with Nesterov's momentum (Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ),
 * with the schedule of the momentum that Keras uses: μ(t) = β₁·(1 − 0.96ᵗ / 2).
 */
export class Nadam extends SlotOptimizer<'m' | 'v'> {
  static readonly className = 'Nadam';
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;
  #product = 1;
  #momentum = 0;
  #next = 0;

  constructor(learningRate: number, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7) {
    super(learningRate, { m: 0, v: 0 });
    this.#beta1 = beta1;
    this.#beta2 = beta2;
    this.#epsilon = epsilon;
  }

  protected override begin(step: number): void {
    const momentumAt = (at: number) => this.#beta1 * (1 - 0.5 * schedule ** at);
    this.#momentum = momentumAt(step);
    this.#next = momentumAt(step + 1);
    this.#product *= this.#momentum;
  }

  protected override update(update: Update<'m' | 'v'>): void {
    const { weights, gradient, slots, learningRate, step } = update;
    const [beta1, beta2] = [this.#beta1, this.#beta2];
    const [product, momentum, next] = [this.#product, this.#momentum, this.#next];
    const m = add(mul(slots.m, beta1), mul(gradient, 1 - beta1));
    const v = add(mul(slots.v, beta2), mul(square(gradient), 1 - beta2));
    slots.m.assign(m);
    slots.v.assign(v);
    const ahead = mul(m, next / (1 - product * next));
    const direction = add(ahead, mul(gradient, (1 - momentum) / (1 - product)));
    const root = sqrt(div(v, 1 - beta2 ** step));
    weights.assign(sub(weights, mul(div(direction, add(root, this.#epsilon)), learningRate)));
  }

  override getConfig() {
    const { learningRate } = this;
    return { learningRate, beta1: this.#beta1, beta2: this.#beta2, epsilon: this.#epsilon };
  }
}
