import {
  engine,
  getBackend,
  getKernel,
  registerGradient,
  type GradConfig,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
} from '@tensorflow/tfjs-core';
import type { FusedActivation } from '../../core/model/topology/tape/recurrent';

/** Kernels that run a recurrent layer over whole sequences, and back. */
export const recurrentKernelNames = {
  /** Makes the tensors that are kept for the way back. */
  memory: 'BatchwiseRecurrentMemory',
  forward: 'BatchwiseRecurrent',
  weightGradients: 'BatchwiseRecurrentWeightGradients',
  inputGradient: 'BatchwiseRecurrentInputGradient',
};

/** In the order of assembly/recurrence.ts; `gru` resets before its product, `gruResetAfter` after. */
export const recurrentCells = ['simple', 'lstm', 'gru', 'gruResetAfter'] as const;
export type RecurrentCell = (typeof recurrentCells)[number];

interface RecurrentSettings {
  readonly cell: RecurrentCell;
  readonly units: number;
  readonly activation: FusedActivation;
  readonly recurrentActivation: FusedActivation;
  readonly goBackwards: boolean;
  /** Whether the outputs of all steps are wanted, or that of the last. */
  readonly returnSequences: boolean;
}

interface RecurrentInputs {
  /** [batch, steps, features] */
  readonly x: Tensor3D;
  /** [features, gates · units] */
  readonly kernel: Tensor2D;
  /** [units, gates · units] */
  readonly recurrent: Tensor2D;
  /** [gates · units], of a GRU that resets after [2, gates · units] */
  readonly bias: Tensor1D | Tensor2D | null;
  /** [batch, steps] of zeros, where the state stays as it is, and ones */
  readonly mask: Tensor2D | null;
  /** [batch, units], with which states are multiplied before they are used: dropout */
  readonly stateMask: Tensor2D | null;
}

const optionalNames = ['bias', 'mask', 'stateMask', 'cells'] as const;
const inputNames = ['x', 'kernel', 'recurrent', ...optionalNames, 'states', 'gates'] as const;

/** What the kernels take: every name, and which of the optional ones are real. */
export type KernelInputs = Record<(typeof inputNames)[number], Tensor>;

export interface RecurrentAttrs extends RecurrentSettings {
  readonly present: Readonly<Record<(typeof optionalNames)[number], boolean>>;
  /** Whether what the way back needs is kept of every step. */
  readonly kept: boolean;
}

/** Parts of a step's row of gates: those of the kernels, and what a GRU that resets after keeps. */
export function slotsOf(cell: RecurrentCell): number {
  return { simple: 1, lstm: 4, gru: 3, gruResetAfter: 4 }[cell];
}

/** True where the present backend runs whole sequences in one kernel. */
export function hasRecurrentKernel(): boolean {
  return Boolean(getKernel(recurrentKernelNames.forward, getBackend()));
}

/** Outputs of the layer from a state of zeros: [batch, steps, units] or the last, [batch, units]. */
export function recurrentLayer(inputs: RecurrentInputs, settings: RecurrentSettings): Tensor {
  const [batch, steps] = inputs.x.shape;
  // Outside of gradients nothing is kept: a step's memory is the next one's.
  const kept = engine().state.gradientDepth > 0;
  const [states, gates, cells] = engine().runKernel<Tensor[]>(
    recurrentKernelNames.memory,
    {},
    { cell: settings.cell, units: settings.units, batch, steps: kept ? steps : 1 },
  ) as [Tensor, Tensor, Tensor | undefined];
  const optional = {
    bias: inputs.bias,
    mask: inputs.mask,
    stateMask: inputs.stateMask,
    cells: cells ?? null,
  };
  const present = Object.fromEntries(
    optionalNames.map((name) => [name, optional[name] !== null]),
  ) as RecurrentAttrs['present'];
  // The engine saves no input that is not there: `states` stands in for it.
  const given = Object.fromEntries(optionalNames.map((name) => [name, optional[name] ?? states]));
  const { x, kernel, recurrent } = inputs;
  const attrs: RecurrentAttrs = { ...settings, present, kept };
  return engine().runKernel(
    recurrentKernelNames.forward,
    { x, kernel, recurrent, ...given, states, gates },
    { ...attrs },
  );
}

const gradient: GradConfig = {
  kernelName: recurrentKernelNames.forward,
  inputsToSave: [...inputNames],
  gradFunc: (dy, saved, attrs) => {
    const inputs = Object.fromEntries(inputNames.map((name, at) => [name, saved[at] as Tensor]));
    const given = { ...inputs, dy: dy as Tensor };
    const [kernel, recurrent, bias] = engine().runKernel<Tensor[]>(
      recurrentKernelNames.weightGradients,
      given,
      attrs,
    ) as [Tensor, Tensor, Tensor | undefined];
    return {
      // Where no gradient of x is asked for, as in the first layer, none is computed.
      x: () => engine().runKernel<Tensor>(recurrentKernelNames.inputGradient, given, attrs),
      kernel: () => kernel,
      recurrent: () => recurrent,
      ...(bias && { bias: () => bias }),
    };
  },
};

/** For backends that have the kernels. */
export function registerRecurrentGradient(): void {
  registerGradient(gradient);
}
