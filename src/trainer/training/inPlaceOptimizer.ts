import { dispose, engine, Optimizer, type Variable } from '@tensorflow/tfjs-core';
import { updateKernelName, type UpdateName, type UpdateNumbers } from '../kernels/updateRules';
import {
  copyValues,
  gradientsByName,
  newSlot,
  ownValues,
  variableNamed,
  type GivenGradients,
  type NamedTensor,
} from './slots';

interface Rule {
  /** tfjs's name of the optimizer that this one replaces. */
  readonly className: string;
  /** What it keeps for each weight, in the order that tfjs saves it in, by its initial value. */
  readonly slots: Readonly<Record<string, number>>;
}

/** What tfjs fills Adagrad's sums with at first. */
const adagradStart = 0.1;

const rules: Readonly<Record<UpdateName, Rule>> = {
  sgd: { className: 'SGD', slots: {} },
  momentum: { className: 'Momentum', slots: { momentum: 0 } },
  rmsprop: { className: 'RMSProp', slots: { rms: 0, momentum: 0 } },
  adagrad: { className: 'Adagrad', slots: { accumulator: adagradStart } },
};

/** tfjs's optimizers as one kernel for each variable, with the same state: `kernels/updateRules.ts`. */
export class InPlaceOptimizer extends Optimizer {
  readonly #update: UpdateName;
  #numbers: UpdateNumbers;
  readonly #rule: Rule;
  readonly #kept = new Map<string, Record<string, Variable>>();

  /** @param update one that the present backend has a kernel for */
  constructor(update: UpdateName, numbers: UpdateNumbers) {
    super();
    this.#update = update;
    this.#numbers = numbers;
    this.#rule = rules[update];
  }

  override getClassName(): string {
    return this.#rule.className;
  }

  setLearningRate(learningRate: number): void {
    this.#numbers = { ...this.#numbers, learningRate };
  }

  /** Gradients by the names of their variables. */
  override applyGradients(gradients: GivenGradients): void {
    const kernelName = updateKernelName(this.#update);
    for (const [name, gradient] of gradientsByName(gradients)) {
      const weights = variableNamed(name);
      const slots = this.#kept.get(name) ?? this.#begin(name, weights);
      for (const variable of [weights, ...Object.values(slots)]) ownValues(variable);
      engine().runKernel(kernelName, { weights, gradient, ...slots }, { ...this.#numbers });
    }
    this.incrementIterations();
  }

  override dispose(): void {
    super.dispose();
    for (const slots of this.#kept.values()) dispose(slots);
    this.#kept.clear();
  }

  /** The iterations, then every variable's first slot, then every second. */
  override async getWeights(): Promise<NamedTensor[]> {
    const kept = [...this.#kept];
    const state = Object.keys(this.#rule.slots).flatMap((slot) =>
      kept.flatMap(([name, { [slot]: tensor }]) =>
        tensor ? [{ name: `${name}/${slot}`, tensor }] : [],
      ),
    );
    return [await this.saveIterations(), ...state];
  }

  override getConfig() {
    return { ...this.#numbers };
  }

  #begin(name: string, weights: Variable): Record<string, Variable> {
    copyValues(weights);
    const slots = Object.fromEntries(
      Object.entries(this.#rule.slots).map(([slot, initial]) => [slot, newSlot(weights, initial)]),
    );
    this.#kept.set(name, slots);
    return slots;
  }
}
