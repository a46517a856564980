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
import { fusedActivations, type FusedActivation } from '../../core/model/topology/tape/recurrent';
import {
  hasRecurrentKernel,
  recurrentLayer,
  slotsOf,
  type RecurrentCell,
} from '../kernels/recurrentLayer';
import type { Call, Kwargs } from './overrideCall';

type Layer = InstanceType<typeof layers.Layer>;

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

const cells: Readonly<Record<string, Exclude<RecurrentCell, 'gruResetAfter'>>> = {
  SimpleRNNCell: 'simple',
  LSTMCell: 'lstm',
  GRUCell: 'gru',
};

/**
 * Runs LSTM, GRU and SimpleRNN in one kernel where the backend has it and it knows their settings;
 * tfjs calls dozens of operations for each step in time.
 */
export function recurrenceInOneKernel(
  layer: Recurrent,
  inputs: Tensor | Tensor[],
  kwargs: Kwargs,
  original: Call,
): Tensor | Tensor[] {
  return fused(layer, inputs, kwargs) ?? original(inputs, kwargs);
}

function fusedName(activation: Activation): FusedActivation | undefined {
  const name = activation.getClassName();
  return fusedActivations.find((each) => each === name);
}

/** The layer's outputs, or null where the kernel does not know the case. */
function fused(
  layer: Recurrent,
  inputs: Tensor | Tensor[],
  given: Kwargs | null | undefined,
): Tensor | null {
  const kwargs: Partial<Record<string, unknown>> = given ?? {};
  const { cell, returnSequences, goBackwards } = layer;
  const x = (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor3D;
  const masks = kwargs['mask'] as Tensor | Tensor[] | null | undefined;
  const mask = Array.isArray(masks) ? masks[0] : masks;
  const activation = fusedName(cell.activation);
  const recurrentActivation = fusedName(cell.recurrentActivation ?? cell.activation);
  const kind = cells[cell.getClassName()];
  const keepsState = layer.returnState || layer.stateful || Boolean(kwargs['initialState']);
  if (!hasRecurrentKernel() || !activation || !recurrentActivation || !kind) return null;
  if (keepsState || x.dtype !== 'float32' || x.size === 0) return null;
  if (mask && mask.rank !== 2) return null;
  return tidy(() => {
    const [batch, , features] = x.shape;
    const dropped = (rate: number, values: number): Tensor2D | null => {
      if (kwargs['training'] !== true || rate <= 0 || rate >= 1) return null;
      const dropout = layers.dropout({ rate });
      // tfjs draws a mask for each gate and uses the first: equal seeds drop the same everywhere.
      const [mask] = Array.from(
        { length: slotsOf(kind) },
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
