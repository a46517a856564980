import {
  ClipByValue,
  engine,
  getBackend,
  getGradient,
  getKernel,
  registerGradient,
  Relu,
  util,
  type ClipByValueAttrs,
  type GradConfig,
  type KernelConfig,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Simd } from './simd';

/** Where an activation that only cuts off below does so; null for any other. */
export function lowestOf(activation: string | undefined): number | null {
  if (activation === undefined || activation === 'linear') return -Infinity;
  return activation === 'relu' ? 0 : null;
}

export const passWithin = 'BatchwisePassWithin';

export interface Bounds {
  readonly lowest: number;
  readonly highest: number;
  /** Whether the lowest itself is outside. */
  readonly open: boolean;
}

/** dy where x lies within bounds, else 0: the gradient of whatever cuts off its input. */
export function passWithinKernel(simd: Simd): KernelConfig {
  return {
    kernelName: passWithin,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { dy, x } = inputs as { dy: TensorInfo; x: TensorInfo };
      const { lowest, highest, open } = attrs as unknown as Bounds;
      const dx = simd.output(x.shape);
      simd.functions.passWithin(
        util.sizeFromShape(x.shape),
        simd.address(dy),
        simd.address(x),
        simd.address(dx),
        lowest,
        highest,
        open,
      );
      return dx;
    },
  };
}

/** Computes two gradients in one pass where the backend can; elsewhere they stay as they are. */
export function registerPassingGradients(): void {
  replaceGradient(Relu, () => ({ lowest: 0, highest: Infinity, open: true }));
  replaceGradient(ClipByValue, (attrs) => {
    const { clipValueMin, clipValueMax } = attrs as unknown as ClipByValueAttrs;
    return { lowest: clipValueMin, highest: clipValueMax, open: false };
  });
}

function replaceGradient(
  kernelName: string,
  boundsOf: (attrs: Parameters<GradConfig['gradFunc']>[2]) => Bounds,
): void {
  const original = getGradient(kernelName);
  registerGradient({
    ...original,
    gradFunc: (dy, saved, attrs) => {
      const [x] = saved;
      const floats = x?.dtype === 'float32' && !Array.isArray(dy) && dy.dtype === 'float32';
      const single = floats && (getKernel(passWithin, getBackend()) as unknown);
      if (!single) return original.gradFunc(dy, saved, attrs);
      const bounds = { ...boundsOf(attrs) };
      return { x: () => engine().runKernel<Tensor>(passWithin, { dy, x }, bounds) };
    },
  });
}
