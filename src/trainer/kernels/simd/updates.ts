import { util, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { updateKernelName, type UpdateName, type UpdateNumbers } from '../updateRules';
import type { Simd } from './simd';

/**
 * Updates in one pass, of optimizers for which tfjs makes many: they take half of a step and more
 * without (dense model at batch size 8: RMSProp 63%, Adagrad 49%). Plain and momentum SGD stay
 * tfjs's own: two and four passes, 15% and 25%.
 */
export function updateKernels(simd: Simd): KernelConfig[] {
  const kernelOf = (
    name: UpdateName,
    run: (floats: number, at: (tensor: string) => number, numbers: UpdateNumbers) => void,
  ): KernelConfig => ({
    kernelName: updateKernelName(name),
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const tensors = inputs as Record<string, TensorInfo>;
      const address = (tensor: string) => {
        const found = tensors[tensor];
        if (!found) throw new Error(`${name} was not given its ${tensor}.`);
        return simd.address(found);
      };
      const floats = util.sizeFromShape(tensors['weights']?.shape ?? [0]);
      run(floats, address, attrs as unknown as UpdateNumbers);
      return [];
    },
  });
  const { functions } = simd;
  return [
    kernelOf('rmsprop', (floats, at, { decay, momentum, learningRate, epsilon }) => {
      const [weights, squares, momenta] = [at('weights'), at('rms'), at('momentum')];
      // prettier-ignore
      functions.rmsprop(
        floats, weights, squares, momenta, at('gradient'), decay, momentum, learningRate, epsilon,
      );
    }),
    kernelOf('adagrad', (floats, at, { learningRate, epsilon }) => {
      const [weights, squares] = [at('weights'), at('accumulator')];
      functions.adagrad(floats, weights, squares, at('gradient'), learningRate, epsilon);
    }),
  ];
}
