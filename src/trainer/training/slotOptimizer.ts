import { dispose, Optimizer, tidy, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import {
  gradientsByName,
  newSlot,
  variableNamed,
  type GivenGradients,
  type NamedTensor,
} from './slots';

/** What an optimizer keeps for a variable, by name. */
export type Slots<Name extends string> = Readonly<Record<Name, Variable>>;

export interface Update<Name extends string> {
  readonly weights: Variable;
  readonly gradient: Tensor;
  readonly slots: Slots<Name>;
  readonly learningRate: number;
  /** 1 at the first update. */
  readonly step: number;
}

/** An optimizer that treats each variable alone, made of tfjs's operations. */
export abstract class SlotOptimizer<Name extends string> extends Optimizer {
  readonly #initial: Readonly<Record<Name, number>>;
  readonly #kept = new Map<string, Slots<Name>>();
  #steps = 0;

  /** @param initial what the slots are filled with at first */
  protected constructor(
    protected learningRate: number,
    initial: Readonly<Record<Name, number>>,
  ) {
    super();
    this.#initial = initial;
  }

  /** Assigns the variable and its slots their next values; within a `tidy`. */
  protected abstract update(update: Update<Name>): void;

  /** Called once before the variables of an update. */
  protected begin?(step: number): void;

  setLearningRate(learningRate: number): void {
    this.learningRate = learningRate;
  }

  override applyGradients(gradients: GivenGradients): void {
    const { learningRate } = this;
    const step = ++this.#steps;
    this.begin?.(step);
    for (const [name, gradient] of gradientsByName(gradients)) {
      const weights = variableNamed(name);
      const slots = this.#kept.get(name) ?? this.#newSlots(weights);
      this.#kept.set(name, slots);
      tidy(() => {
        this.update({ weights, gradient, slots, learningRate, step });
      });
    }
    this.incrementIterations();
  }

  override dispose(): void {
    super.dispose();
    for (const slots of this.#kept.values()) dispose({ ...slots });
    this.#kept.clear();
  }

  /** The iterations, then every variable's first slot, then every second. */
  override async getWeights(): Promise<NamedTensor[]> {
    const state = this.#slotNames().flatMap((slot) =>
      [...this.#kept].map(([name, slots]) => ({ name: `${name}/${slot}`, tensor: slots[slot] })),
    );
    return [await this.saveIterations(), ...state];
  }

  #slotNames(): Name[] {
    return Object.keys(this.#initial) as Name[];
  }

  #newSlots(weights: Variable): Slots<Name> {
    return Object.fromEntries(
      this.#slotNames().map((name) => [name, newSlot(weights, this.#initial[name])]),
    ) as Slots<Name>;
  }
}
