import { mul, Optimizer, tidy } from '@tensorflow/tfjs-core';
import { setLearningRate } from './optimizerState';
import { gradientsByName, variableNamed, type GivenGradients, type NamedTensor } from './slots';

/**
 * Any optimizer with decoupled weight decay (arXiv 1711.05101): before each of its steps, weights
 * shrink by the learning rate times the decay. With Adam inside that is AdamW. Its state is that of
 * the optimizer inside.
 */
export class DecayingOptimizer extends Optimizer {
  readonly #inside: Optimizer;
  #learningRate: number;
  readonly #weightDecay: number;

  /** @param learningRate that of the optimizer inside */
  constructor(inside: Optimizer, learningRate: number, weightDecay: number) {
    super();
    this.#inside = inside;
    this.#learningRate = learningRate;
    this.#weightDecay = weightDecay;
  }

  override getClassName(): string {
    return this.#inside.getClassName();
  }

  setLearningRate(learningRate: number): void {
    this.#learningRate = learningRate;
    setLearningRate(this.#inside, learningRate);
  }

  override applyGradients(gradients: GivenGradients): void {
    const kept = 1 - this.#learningRate * this.#weightDecay;
    for (const [name] of gradientsByName(gradients)) {
      const weights = variableNamed(name);
      tidy(() => {
        weights.assign(mul(weights, kept));
      });
    }
    this.#inside.applyGradients(gradients);
  }

  override dispose(): void {
    super.dispose();
    this.#inside.dispose();
  }

  override async getWeights(): Promise<NamedTensor[]> {
    return this.#inside.getWeights();
  }

  override getConfig() {
    return { ...this.#inside.getConfig(), weightDecay: this.#weightDecay };
  }
}
