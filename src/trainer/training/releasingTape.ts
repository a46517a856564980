import { engine, type Tensor } from '@tensorflow/tfjs-core';

/** One recorded operation, as tfjs-core's tape has it. */
type TapeNode = ReturnType<typeof engine>['state']['activeTape'][number];

/**
 * Makes the way back over what has been recorded so far free what it no longer needs. The engine
 * frees activations and gradients only at the end of the step: without this, both are held at once.
 *
 * Called within the function that gradients are taken of, after its last operation. An operation's
 * gradients are complete once those of an earlier operation are asked for, for tfjs-core goes back
 * over the tape one by one (`backpropagateGradients` in its `tape.ts`). Then nobody reads the
 * activations that it saved, nor the gradient of its output, nor what it computed for several
 * inputs at once.
 */
export function releaseOnTheWayBack(): void {
  const tape = engine().state.activeTape;
  const wayBack = new WayBack(tape);
  tape.forEach((node, index) => {
    wayBack.follow(node, index);
  });
}

class WayBack {
  readonly #tape: readonly TapeNode[];
  /** The operations from here on are complete. */
  #completeFrom: number;
  /** What nobody needs once the operation that is under way is complete. */
  #spent = new Set<Tensor>();
  /** Inputs of operations, by their identifiers, that have a gradient so far. */
  readonly #withGradient = new Set<number>();
  /** Gradients that an operation handed on as they came: another of its inputs may have them too. */
  readonly #handedOn = new WeakSet<Tensor>();

  constructor(tape: readonly TapeNode[]) {
    this.#tape = tape;
    this.#completeFrom = tape.length;
  }

  follow(node: TapeNode, index: number): void {
    const { gradient } = node;
    if (!gradient) return;
    node.gradient = (outputGradients) => {
      this.#releaseAfter(index);
      const { track } = engine().state.activeScope;
      const tracked = track.length;
      const gradients = gradient(outputGradients);
      for (const tensor of [...outputGradients, ...track.slice(tracked)]) this.#spent.add(tensor);
      return Object.fromEntries(
        Object.entries(gradients).map(([input, compute]) => [
          input,
          () => {
            const result = compute();
            if (outputGradients.includes(result)) this.#handedOn.add(result);
            this.#given(node.inputs[input], result);
            return result;
          },
        ]),
      );
    };
  }

  /** The first gradient of a tensor stays; tfjs-core adds another to it, which makes it a third. */
  #given(input: Tensor | undefined, result: Tensor): void {
    if (!input) return;
    if (this.#withGradient.has(input.id)) this.#spent.add(result);
    else this.#spent.delete(result);
    this.#withGradient.add(input.id);
  }

  #releaseAfter(index: number): void {
    // Outputs without a gradient are given as null.
    for (const tensor of this.#spent as Set<Tensor | null>) {
      if (tensor && !this.#handedOn.has(tensor)) tensor.dispose();
    }
    this.#spent = new Set();
    while (this.#completeFrom > index + 1) {
      for (const tensor of this.#tape[--this.#completeFrom]?.saved ?? []) tensor.dispose();
    }
  }
}
