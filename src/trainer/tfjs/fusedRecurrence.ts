import {
  cast,
  expandDims,
  mul,
  ones,
  tidy,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
} from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import {
  fusedActivations,
  hasRecurrentKernel,
  recurrentLayer,
  type FusedActivation,
  type RecurrentCell,
} from '../kernels/recurrentLayer';

type Layer = InstanceType<typeof layers.Layer>;
type Kwargs = Partial<Record<string, unknown>>;

type Call = (
  this: Layer,
  inputs: Tensor | Tensor[],
  kwargs: Kwargs | null | undefined,
) => Tensor | Tensor[];

interface Weight {
  read(): Tensor;
}

interface Activation {
  getClassName(): string;
}

/** What LSTM, GRU and SimpleRNN of tfjs hold; their classes are not exported. */
interface Recurrent extends Layer {
  readonly cell: Layer & {
    readonly units: number;
    readonly kernel: Weight;
    readonly recurrentKernel: Weight;
    readonly bias: Weight | null;
    readonly activation: Activation;
    readonly recurrentActivation?: Activation;
    readonly dropout: number;
    readonly recurrentDropout: number;
  };
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  /** Of a GRU of ours. */
  readonly resetAfter?: boolean;
}

const cells: Readonly<Record<string, RecurrentCell>> = {
  SimpleRNNCell: 'simple',
  LSTMCell: 'lstm',
  GRUCell: 'gru',
};

/** How many masks of dropout tfjs draws for a cell. */
const gates: Readonly<Record<RecurrentCell, number>> = {
  simple: 1,
  lstm: 4,
  gru: 3,
  gruResetAfter: 3,
};

/**
 * Lets recurrent layers run in one kernel where the backend has it and it knows their settings;
 * tfjs calls dozens of operations for each step in time.
 */
export function fuseRecurrence(): void {
  for (const sample of [
    layers.lstm({ units: 1 }),
    layers.gru({ units: 1 }),
    layers.simpleRNN({ units: 1 }),
  ]) {
    const prototype = Object.getPrototypeOf(sample) as Layer;
    const original = Reflect.get(prototype, 'call') as Call;
    prototype.call = function (this: Recurrent, inputs, kwargs) {
      return fused(this, inputs, kwargs) ?? original.call(this, inputs, kwargs);
    };
  }
}

function fusedName(activation: Activation): FusedActivation | undefined {
  const name = activation.getClassName();
  return fusedActivations.find((each) => each === name);
}

/** The layer's outputs, or null where the kernel does not know the case. */
function fused(
  layer: Recurrent,
  inputs: Tensor | Tensor[],
  kwargs: Kwargs | null | undefined,
): Tensor | null {
  const { cell, returnSequences, goBackwards } = layer;
  const x = (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor3D;
  const given = kwargs?.['mask'] as Tensor | Tensor[] | null | undefined;
  const mask = Array.isArray(given) ? given[0] : given;
  const activation = fusedName(cell.activation);
  const recurrentActivation = fusedName(cell.recurrentActivation ?? cell.activation);
  const kind = cells[cell.getClassName()];
  const keepsState = layer.returnState || layer.stateful || Boolean(kwargs?.['initialState']);
  if (!hasRecurrentKernel() || !activation || !recurrentActivation || !kind) return null;
  if (keepsState || x.dtype !== 'float32' || x.size === 0) return null;
  if (mask && mask.rank !== 2) return null;
  return tidy(() => {
    const [batch, , features] = x.shape;
    const dropped = (rate: number, values: number): Tensor2D | null => {
      if (kwargs?.['training'] !== true || rate <= 0 || rate >= 1) return null;
      const dropout = layers.dropout({ rate });
      // tfjs draws a mask for each gate and uses the first: equal seeds drop the same everywhere.
      const [mask] = Array.from(
        { length: gates[kind] },
        () => dropout.call(ones([batch, values]), { training: true }) as Tensor2D,
      );
      return mask ?? null;
    };
    const inputMask = dropped(cell.dropout, features);
    return recurrentLayer(
      {
        x: inputMask ? mul(x, expandDims(inputMask, 1)) : x,
        kernel: cell.kernel.read() as Tensor2D,
        recurrent: cell.recurrentKernel.read() as Tensor2D,
        bias: cell.bias ? (cell.bias.read() as Tensor1D) : null,
        mask: mask ? cast<Tensor2D>(cast(mask as Tensor2D, 'bool'), 'float32') : null,
        stateMask: dropped(cell.recurrentDropout, cell.units),
      },
      {
        cell: kind === 'gru' && layer.resetAfter === true ? 'gruResetAfter' : kind,
        units: cell.units,
        activation,
        recurrentActivation,
        goBackwards,
        returnSequences,
      },
    );
  });
}
