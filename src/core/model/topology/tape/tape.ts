import { nothing, upperEnvelope, type Amount } from './amount';

/** Memory that tensors share; it is free once none holds it. */
interface Block {
  readonly size: Amount;
  holders: number;
}

/** A tensor of the step that is followed, without its values. */
export interface Value {
  readonly size: Amount;
  /** Whether it depends on a weight that is trained: only then it has a gradient. */
  readonly tracked: boolean;
  readonly block: Block;
}

/** What the gradient with respect to one input takes. */
export interface InputGradient {
  /** 'shared' where it is the output's own gradient, at most in another shape. */
  readonly result: Amount | 'shared';
  /** Held besides while it is computed. */
  readonly working?: Amount;
}

/** One operation as tfjs's engine runs and records it. */
export interface Operation {
  readonly inputs: readonly Value[];
  readonly outputs: readonly (Amount | { readonly sharing: Value })[];
  /** Inputs that the gradient needs: they stay until the step ends. */
  readonly savedInputs?: readonly Value[];
  readonly savesOutput?: boolean;
  /** Held besides while the kernel runs. */
  readonly working?: Amount;
  /** For each input in turn; none for operations without a gradient. */
  readonly gradients?: readonly InputGradient[];
  /** Computed for all inputs at once, needed or not, with so much more until they are complete. */
  readonly eager?: Amount;
}

interface Recorded {
  readonly operation: Operation;
  readonly outputs: readonly Value[];
  readonly saved: readonly Block[];
  /** Whether gradients go back through it. */
  readonly tracked: boolean;
}

/**
 * Follows what tfjs's engine holds while it trains: it saves what gradients need and frees the rest
 * at the end of each `tidy` (`endScope` of tfjs-core's engine), then goes back over the recorded
 * operations, where what an operation saved and the gradient of its output are freed once its own
 * gradients are complete (src/trainer/training/releasingTape.ts). Amounts are linear in the batch
 * size, so that following a step once gives its memory at any size.
 */
export class Tape {
  #live = { perSample: 0, fixed: 0 };
  readonly #moments: Amount[] = [];
  readonly #recorded: Recorded[] = [];
  #scopes: Value[][] = [[]];

  /**
   * @param training whether gradients are recorded; else nothing is saved
   * @param ownKernels whether layers run in kernels of src/trainer/kernels, as on WASM; elsewhere
   *   recurrent layers run one step after the other, and batches are normalized by tfjs's operations
   */
  constructor(
    readonly training: boolean,
    readonly ownKernels = true,
  ) {}

  /** The most held at some moment, as one line for each range of batch sizes. */
  get most(): Amount[] {
    return upperEnvelope(this.#moments);
  }

  /** A tensor from outside that takes no memory of its own here: a weight. */
  weight(size: Amount, isTrained: boolean): Value {
    return { size, tracked: isTrained, block: { size: nothing, holders: 1 } };
  }

  /** A tensor that nothing was computed from. */
  constant(size: Amount): Value {
    return this.#owned({ size, tracked: false, block: this.#allocate(size) });
  }

  run(operation: Operation): Value {
    const [output] = this.runAll(operation);
    if (!output) throw new Error('An operation has an output.');
    return output;
  }

  runAll(operation: Operation): Value[] {
    const { inputs, savedInputs = [], working = nothing } = operation;
    const space = this.#allocate(working);
    const tracked = operation.gradients !== undefined && inputs.some((input) => input.tracked);
    const outputs = operation.outputs.map((output) =>
      'sharing' in output
        ? this.#sharing(output.sharing, tracked)
        : this.#owned({ size: output, tracked, block: this.#allocate(output) }),
    );
    this.#release(space);
    if (!this.training || operation.gradients === undefined) return outputs;
    const kept = operation.savesOutput ? [...savedInputs, ...outputs] : savedInputs;
    const saved = kept.map(({ block }) => this.#held(block));
    this.#recorded.push({ operation, outputs, saved, tracked });
    return outputs;
  }

  /** As tfjs's `tidy`: what is not returned is freed, unless a gradient needs it. */
  tidy<T extends Value | readonly Value[]>(work: () => T): T {
    this.#scopes.push([]);
    const result = work();
    const returned: readonly Value[] = 'block' in result ? [result] : result;
    for (const value of this.#scopes.pop() ?? []) {
      if (returned.includes(value)) this.#owned(value);
      else this.#release(value.block);
    }
    return result;
  }

  /** Frees a tensor before its scope ends. */
  dispose(value: Value): void {
    const scope = this.#scopes.find((values) => values.includes(value));
    if (!scope) return;
    scope.splice(scope.indexOf(value), 1);
    this.#release(value.block);
  }

  /** From the loss back to the weights. */
  backward(loss: Value): void {
    this.#scopes = [[]];
    const gradients = new Map<Value, Block>([[loss, this.#allocate(loss.size)]]);
    let spent: readonly Block[] = [];
    for (const { operation, outputs, saved, tracked } of this.#recorded.toReversed()) {
      const given = outputs.map((output) => gradients.get(output));
      const isOnTheWay = tracked && given.some((gradient) => gradient !== undefined);
      if (isOnTheWay) {
        for (const block of spent) this.#release(block);
        // An output that nothing was made of has a gradient of zeros.
        const all = given.map((each, at) => each ?? this.#allocate(outputs[at]?.size ?? nothing));
        spent = [...all, ...this.#pass(operation, all[0] ?? this.#allocate(nothing), gradients)];
      }
      spent = [...spent, ...saved];
    }
  }

  /** @returns what is held until all of these gradients are complete */
  #pass(
    operation: Operation,
    outputGradient: Block,
    gradients: Map<Value, Block>,
  ): readonly Block[] {
    const { eager } = operation;
    const spent = eager ? [this.#allocate(eager)] : [];
    operation.inputs.forEach((input, at) => {
      const gradient = operation.gradients?.[at];
      if (!gradient || (!input.tracked && !eager)) return;
      const working = this.#allocate(gradient.working ?? nothing);
      const { result } = gradient;
      const own = result === 'shared' ? this.#held(outputGradient) : this.#allocate(result);
      this.#release(working);
      const before = gradients.get(input);
      if (!input.tracked || before) spent.push(own);
      if (!input.tracked) return;
      gradients.set(input, before ? this.#allocate(input.size) : own);
      if (before) this.#release(before);
    });
    return spent;
  }

  #sharing(value: Value, tracked: boolean): Value {
    return this.#owned({ size: value.size, tracked, block: this.#held(value.block) });
  }

  #owned(value: Value): Value {
    this.#scopes.at(-1)?.push(value);
    return value;
  }

  #held(block: Block): Block {
    block.holders++;
    return block;
  }

  #allocate(size: Amount): Block {
    this.#live.perSample += size.perSample;
    this.#live.fixed += size.fixed;
    if (size.perSample > 0 || size.fixed > 0) this.#moments.push({ ...this.#live });
    return { size, holders: 1 };
  }

  #release(block: Block): void {
    if (--block.holders > 0) return;
    this.#live.perSample -= block.size.perSample;
    this.#live.fixed -= block.size.fixed;
  }
}
