import {
  ClipByValue,
  engine,
  getBackend,
  getGradient,
  getKernel,
  registerGradient,
  Sigmoid,
  Tanh,
  type ClipByValueAttrs,
  type KernelConfig,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { passWithin, type Bounds } from '../simd/activations';
import { allOf, type NativeOps } from './nativeOps';

/** The gradients of these, from their outputs, are operations of TensorFlow's own. */
const fromOutput = { [Sigmoid]: 'SigmoidGrad', [Tanh]: 'TanhGrad' };

const gradientOf = (kernelName: string) => `Batchwise${kernelName}Gradient`;

/** Activations and their gradients, for which tfjs puts several passes together. */
export function activationKernels(ops: NativeOps): KernelConfig[] {
  const { kernelFunc: clipOther } = getKernel(ClipByValue, 'tensorflow');
  const clip = (x: TensorInfo, lowest: number, highest: number) => {
    const bounds = [ops.constants.scalar(lowest), ops.constants.scalar(highest)];
    return ops.run('ClipByValue', [ops.float], [x, ...bounds]);
  };
  return [
    {
      kernelName: ClipByValue,
      backendName: 'tensorflow',
      kernelFunc: (args) => {
        const { x } = args.inputs as { x: TensorInfo };
        const { clipValueMin, clipValueMax } = args.attrs as unknown as ClipByValueAttrs;
        return allOf('float32', x) ? clip(x, clipValueMin, clipValueMax) : clipOther(args);
      },
    },
    {
      kernelName: passWithin,
      backendName: 'tensorflow',
      kernelFunc: ({ inputs, attrs }) => {
        const { dy, x } = inputs as Record<'dy' | 'x', TensorInfo>;
        const { lowest, highest, open } = attrs as unknown as Bounds;
        if (open && lowest === 0) return ops.run('ReluGrad', [ops.float], [dy, x]);
        // Values within the bounds are those that clipping does not change.
        const clipped = clip(x, lowest, highest);
        const within = ops.run('Equal', [ops.float], [x, clipped]);
        clipped.dispose();
        const zero = ops.constants.scalar(0);
        const dx = ops.run('SelectV2', [ops.float], [within, dy, zero]);
        within.dispose();
        return dx;
      },
    },
    ...Object.entries(fromOutput).map(([kernelName, operation]): KernelConfig => ({
      kernelName: gradientOf(kernelName),
      backendName: 'tensorflow',
      kernelFunc: ({ inputs }) => {
        const { dy, y } = inputs as Record<'dy' | 'y', TensorInfo>;
        return ops.run(operation, [ops.float], [y, dy]);
      },
    })),
  ];
}

/** Computes gradients in the one operation where the backend has it; elsewhere they stay as they are. */
export function registerActivationGradients(): void {
  for (const kernelName of Object.keys(fromOutput)) {
    const original = getGradient(kernelName);
    registerGradient({
      ...original,
      gradFunc: (dy, saved, attrs) => {
        const [y] = saved;
        const floats = y && !Array.isArray(dy) && allOf('float32', y, dy);
        if (!floats || getBackend() !== 'tensorflow') return original.gradFunc(dy, saved, attrs);
        return { x: () => engine().runKernel<Tensor>(gradientOf(kernelName), { dy, y }) };
      },
    });
  }
}
