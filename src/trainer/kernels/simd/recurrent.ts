import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { fusedActivations } from '../../../core/model/topology/tape/recurrent';
import {
  recurrentCells,
  recurrentKernelNames,
  slotsOf,
  type KernelInputs,
  type RecurrentAttrs,
  type RecurrentCell,
} from '../recurrentLayer';
import type { Simd } from './simd';

type Infos = Record<keyof KernelInputs | 'dy', TensorInfo>;

interface MemoryAttrs {
  readonly cell: RecurrentCell;
  readonly units: number;
  readonly batch: number;
  readonly steps: number;
}

/** In the order of the class Recurrence in assembly/recurrence.ts. */
function describe(simd: Simd, inputs: Infos, attrs: RecurrentAttrs): number {
  const { x, kernel, recurrent, states, gates } = inputs;
  const [batch = 0, steps = 0, features = 0] = x.shape;
  const optional = (name: keyof RecurrentAttrs['present']) =>
    attrs.present[name] ? simd.address(inputs[name]) : 0;
  return simd.describe([
    recurrentCells.indexOf(attrs.cell),
    batch,
    steps,
    features,
    attrs.units,
    fusedActivations.indexOf(attrs.activation),
    fusedActivations.indexOf(attrs.recurrentActivation),
    Number(attrs.goBackwards),
    Number(attrs.returnSequences),
    Number(attrs.kept),
    simd.address(x),
    simd.address(kernel),
    simd.address(recurrent),
    optional('bias'),
    optional('mask'),
    optional('stateMask'),
    simd.address(states),
    optional('cells'),
    simd.address(gates),
  ]);
}

/** Recurrent layers in one pass over all steps, and one back. */
export function recurrentKernels(simd: Simd): KernelConfig[] {
  const { functions } = simd;
  const kernel = (
    kernelName: string,
    run: (inputs: Infos, attrs: RecurrentAttrs) => TensorInfo | TensorInfo[],
  ): KernelConfig => ({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) =>
      run(inputs as unknown as Infos, attrs as unknown as RecurrentAttrs),
  });
  return [
    kernel(recurrentKernelNames.memory, (_, attrs) => {
      const { cell, units, batch, steps } = attrs as unknown as MemoryAttrs;
      const zeroStates = () => {
        const states = simd.output([steps + 1, batch, units]);
        simd.backend.typedArrayFromHeap(states).fill(0, 0, batch * units);
        return states;
      };
      const kept = [zeroStates(), simd.output([steps, batch, slotsOf(cell) * units])];
      return cell === 'lstm' ? [...kept, zeroStates()] : kept;
    }),
    kernel(recurrentKernelNames.forward, (inputs, attrs) => {
      const [batch = 0, steps = 0] = inputs.x.shape;
      const { units, returnSequences } = attrs;
      const output = simd.output(returnSequences ? [batch, steps, units] : [batch, units]);
      const bytes = functions.recurWork(describe(simd, inputs, attrs));
      simd.withWork(bytes, (work, scratch) => {
        functions.recur(describe(simd, inputs, attrs), simd.address(output), work, scratch);
      });
      return output;
    }),
    kernel(recurrentKernelNames.weightGradients, (inputs, attrs) => {
      const shapes = [
        inputs.kernel,
        inputs.recurrent,
        ...(attrs.present.bias ? [inputs.bias] : []),
      ];
      const gradients = shapes.map(({ shape }) => simd.output(shape));
      const [dKernel = 0, dRecurrent = 0, dBias = 0] = gradients.map((each) => simd.address(each));
      const bytes = functions.recurBackWork(describe(simd, inputs, attrs));
      simd.withWork(bytes, (work, scratch) => {
        const info = describe(simd, inputs, attrs);
        const dy = simd.address(inputs.dy);
        functions.recurBack(info, dy, dKernel, dRecurrent, dBias, work, scratch);
      });
      return gradients;
    }),
    kernel(recurrentKernelNames.inputGradient, (inputs, attrs) => {
      const dx = simd.output(inputs.x.shape);
      simd.withScratch(functions.matrixProductScratch(), (scratch) => {
        functions.recurInput(describe(simd, inputs, attrs), simd.address(dx), scratch);
      });
      return dx;
    }),
  ];
}
