import {
  add,
  dispose,
  mul,
  Optimizer,
  sign,
  sub,
  tidy,
  type Variable,
} from '@tensorflow/tfjs-core';
import {
  gradientsByName,
  newSlot,
  variableNamed,
  type GivenGradients,
  type NamedTensor,
} from './slots';

/**
 * Lion (arXiv 2302.06675, algorithm 2), without its weight decay: steps of one size in the direction
 * of the sign of `β₁·m + (1 − β₁)·g`.
 */
export class Lion extends Optimizer {
  static readonly className = 'Lion';
  #learningRate: number;
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #moments = new Map<string, Variable>();

  constructor(learningRate: number, beta1 = 0.9, beta2 = 0.99) {
    super();
    this.#learningRate = learningRate;
    this.#beta1 = beta1;
    this.#beta2 = beta2;
  }

  setLearningRate(learningRate: number): void {
    this.#learningRate = learningRate;
  }

  override applyGradients(gradients: GivenGradients): void {
    const beta1 = this.#beta1;
    const beta2 = this.#beta2;
    const learningRate = this.#learningRate;
    for (const [name, gradient] of gradientsByName(gradients)) {
      const weights = variableNamed(name);
      const moment = this.#moments.get(name) ?? newSlot(weights);
      this.#moments.set(name, moment);
      tidy(() => {
        const direction = sign(add(mul(moment, beta1), mul(gradient, 1 - beta1)));
        weights.assign(sub(weights, mul(direction, learningRate)));
        moment.assign(add(mul(moment, beta2), mul(gradient, 1 - beta2)));
      });
    }
    this.incrementIterations();
  }

  override dispose(): void {
    super.dispose();
    dispose([...this.#moments.values()]);
    this.#moments.clear();
  }

  override async getWeights(): Promise<NamedTensor[]> {
    const state = [...this.#moments].map(([name, tensor]) => ({ name: `${name}/m`, tensor }));
    return [await this.saveIterations(), ...state];
  }

  override getConfig() {
    const learningRate = this.#learningRate;
    const beta1 = this.#beta1;
    const beta2 = this.#beta2;
    return { learningRate, beta1, beta2 };
  }
}
