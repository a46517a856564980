import {
  add,
  dispose,
  div,
  engine,
  mul,
  Optimizer,
  scalar,
  sqrt,
  square,
  sub,
  tidy,
  type Scalar,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';
import { canUpdateInPlace, updateInPlace, type AdamStep } from '../kernels/adamUpdate';
import {
  copyValues,
  gradientsByName,
  newSlot,
  ownValues,
  variableNamed,
  type GivenGradients,
  type NamedTensor,
} from './slots';

interface Slot {
  readonly name: string;
  readonly first: Variable;
  readonly second: Variable;
}

/**
 * Adam (https://arxiv.org/abs/1412.6980, algorithm 1) with tfjs's defaults, in one pass over each
 * variable where the backend has a kernel for it. Elsewhere it takes the second form of the paper's
 * section 2, which needs fewer operations: the corrections of both moments go into two numbers.
 */
export class Adam extends Optimizer {
  // Its state is what tfjs's own Adam would have.
  static readonly className = 'Adam';

  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number | null;
  #slots: Slot[] = [];
  #steps = 0;

  /** @param epsilon of null is the backend's own */
  constructor(
    protected learningRate: number,
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon: number | null = null,
  ) {
    super();
    this.#beta1 = beta1;
    this.#beta2 = beta2;
    this.#epsilon = epsilon;
  }

  setLearningRate(learningRate: number): void {
    this.learningRate = learningRate;
  }

  /** Gradients by the names of their variables, in the same order at every call. */
  override applyGradients(gradients: GivenGradients): void {
    const { learningRate } = this;
    const beta1 = this.#beta1;
    const beta2 = this.#beta2;
    this.#steps++;
    const step: AdamStep = {
      beta1,
      beta2,
      rate: learningRate / (1 - beta1 ** this.#steps),
      secondCorrection: 1 / (1 - beta2 ** this.#steps),
      epsilon: this.#epsilon ?? engine().backend.epsilon(),
    };
    const inPlace = canUpdateInPlace();
    const numbers = inPlace ? null : numbersOf(step);
    gradientsByName(gradients).forEach(([name, gradient], index) => {
      const weights = variableNamed(name);
      if (inPlace && !this.#slots[index]) copyValues(weights);
      const slot = (this.#slots[index] ??= {
        name,
        first: newSlot(weights),
        second: newSlot(weights),
      });
      if (numbers) {
        update(weights, slot, gradient, numbers);
        return;
      }
      const { first, second } = slot;
      for (const variable of [weights, first, second]) ownValues(variable);
      updateInPlace({ weights, first, second, gradient }, step);
    });
    if (numbers) dispose({ ...numbers });
    this.incrementIterations();
  }

  override dispose(): void {
    super.dispose();
    for (const { first, second } of this.#slots) dispose([first, second]);
    this.#slots = [];
  }

  /** The iterations, then every first and then every second moment. */
  override async getWeights(): Promise<NamedTensor[]> {
    return [
      await this.saveIterations(),
      ...this.#slots.map(({ name, first }) => ({ name: `${name}/m`, tensor: first })),
      ...this.#slots.map(({ name, second }) => ({ name: `${name}/v`, tensor: second })),
    ];
  }

  override getConfig() {
    const { learningRate } = this;
    const beta1 = this.#beta1;
    const beta2 = this.#beta2;
    const epsilon = this.#epsilon;
    return { learningRate, beta1, beta2, epsilon };
  }
}

/** The numbers of a step on the device, once for all variables. */
interface Numbers {
  readonly take1: Scalar;
  readonly take2: Scalar;
  readonly epsilon: Scalar;
  readonly rate: Scalar;
}

function numbersOf({ beta1, beta2, secondCorrection, epsilon, rate }: AdamStep): Numbers {
  const root = Math.sqrt(secondCorrection);
  return {
    take1: scalar(1 - beta1),
    take2: scalar(1 - beta2),
    epsilon: scalar(epsilon / root),
    rate: scalar(rate / root),
  };
}

function update(weights: Variable, { first, second }: Slot, gradient: Tensor, numbers: Numbers) {
  tidy(() => {
    const m = add(first, mul(sub(gradient, first), numbers.take1));
    const v = add(second, mul(sub(square(gradient), second), numbers.take2));
    const divisor = add(sqrt(v), numbers.epsilon);
    first.assign(m);
    second.assign(v);
    weights.assign(sub(weights, mul(div(m, divisor), numbers.rate)));
  });
}
