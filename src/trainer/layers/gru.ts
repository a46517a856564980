import {
  add,
  keep,
  matMul,
  mul,
  onesLike,
  split,
  squeeze,
  sub,
  tidy,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { register, type Call, type Settings } from './keras';

/** What a cell of tfjs holds; its class is not exported. */
interface Cell extends InstanceType<typeof layers.Layer> {
  readonly units: number;
  readonly useBias: boolean;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly kernel: { read(): Tensor };
  readonly recurrentKernel: { read(): Tensor };
  bias: { read(): Tensor } | null;
  readonly activation: { apply(x: Tensor): Tensor };
  readonly recurrentActivation: { apply(x: Tensor): Tensor };
  readonly biasInitializer: unknown;
  readonly biasRegularizer: unknown;
  readonly biasConstraint: unknown;
  dropoutMask: Tensor[] | null;
  recurrentDropoutMask: Tensor[] | null;
}

interface Recurrent extends InstanceType<typeof layers.Layer> {
  cell: Cell;
}

type CellClass = new (settings: Settings) => Cell;
type RecurrentClass = new (settings: Settings) => Recurrent;

const classOf = (sample: object) => (Object.getPrototypeOf(sample) as object).constructor;

const StockCell = classOf(layers.gruCell({ units: 1 })) as CellClass;
const StockGru = classOf(layers.gru({ units: 1 })) as RecurrentClass;

/**
 * A GRU's step as cuDNN and TensorFlow 2 compute it by default: the reset gate is applied after the
 * product with the recurrent kernel, which has a bias of its own
 * (https://keras.io/api/layers/recurrent_layers/gru/, `reset_after`).
 */
class ResetAfterCell extends StockCell {
  static readonly className = 'GRUCell';

  constructor(settings: Settings) {
    super({ ...settings, resetAfter: false });
  }

  override build(inputShape: never): void {
    super.build(inputShape);
    if (!this.useBias) return;
    // The one bias that tfjs made is taken away again.
    const own = this as unknown as { _trainableWeights: unknown[]; _addedWeightNames: string[] };
    own._trainableWeights.pop();
    own._addedWeightNames.pop();
    const { biasInitializer, biasRegularizer, biasConstraint } = this;
    const maker = this as unknown as { addWeight(...given: readonly unknown[]): Cell['bias'] };
    this.bias = maker.addWeight(
      ...['bias', [2, 3 * this.units], null, biasInitializer, biasRegularizer, true],
      biasConstraint,
    );
  }

  override call(inputs: Tensor | Tensor[], kwargs: Call[1] | undefined): Tensor[] {
    return tidy(() => {
      const [x, state] = inputs as [Tensor2D, Tensor2D];
      const training = kwargs?.['training'] === true;
      const input = mul<Tensor2D>(x, this.#mask('dropoutMask', this.dropout, x, training));
      const before = mul<Tensor2D>(
        state,
        this.#mask('recurrentDropoutMask', this.recurrentDropout, state, training),
      );
      const [inputBias, stateBias] = this.bias ? split(this.bias.read(), 2) : [];
      const product = (a: Tensor2D, kernel: Tensor, bias: Tensor | undefined) => {
        const y = matMul(a, kernel as Tensor2D);
        return split(bias ? add(y, squeeze(bias, [0])) : y, 3, 1) as [Tensor, Tensor, Tensor];
      };
      const [xz, xr, xh] = product(input, this.kernel.read(), inputBias);
      const [hz, hr, hh] = product(before, this.recurrentKernel.read(), stateBias);
      const update = this.recurrentActivation.apply(add(xz, hz));
      const reset = this.recurrentActivation.apply(add(xr, hr));
      const candidate = this.activation.apply(add(xh, mul(reset, hh)));
      const next = add(mul(update, before), mul(sub(1, update), candidate));
      return [next, next];
    });
  }

  /** One mask for all steps of a sequence; tfjs forgets it before the next. */
  #mask(
    name: 'dropoutMask' | 'recurrentDropoutMask',
    rate: number,
    like: Tensor,
    training: boolean,
  ): Tensor | number {
    if (rate <= 0 || rate >= 1 || !training) return 1;
    // It outlives the step that it was made in; the layer disposes of it before the next sequence.
    this[name] ??= [keep(dropoutMask(like, rate))];
    return this[name][0] ?? 1;
  }

  override getConfig(): ReturnType<Cell['getConfig']> {
    return { ...super.getConfig(), resetAfter: true };
  }
}

function dropoutMask(like: Tensor, rate: number): Tensor {
  return layers.dropout({ rate }).call(onesLike(like), { training: true }) as Tensor;
}

class Gru extends StockGru {
  static readonly className = 'GRU';
  /** Read by tfjs/fusedRecurrence.ts, too. */
  readonly resetAfter: boolean;

  constructor(settings: Settings) {
    super({ ...settings, resetAfter: false });
    this.resetAfter = settings['resetAfter'] === true;
    if (this.resetAfter) this.cell = new ResetAfterCell(settings);
  }

  override getConfig(): ReturnType<Recurrent['getConfig']> {
    return { ...super.getConfig(), resetAfter: this.resetAfter };
  }
}

/** A GRU of either form, for modules. */
export function gru(settings: Settings): InstanceType<typeof layers.Layer> {
  return new Gru(settings);
}

export function registerGru(): void {
  register(Gru);
}
