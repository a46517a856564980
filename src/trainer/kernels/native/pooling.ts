import {
  backend_util,
  getKernel,
  MaxPoolGrad,
  type KernelConfig,
  type MaxPoolGradAttrs,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Attribute } from '../../memory/nativeBackend';
import type { NativeOps } from './nativeOps';

type Shape4D = [number, number, number, number];

/**
 * The gradient of max-pooling by the places of the highest values. TensorFlow's own operation for it
 * finds the same places on processors, but as 64-bit numbers, and takes more than twice as long;
 * with 32-bit ones it does not offer the second half, hence the cast.
 */
export function poolingKernels(ops: NativeOps): KernelConfig[] {
  // On a GPU the operation is cuDNN's.
  if (ops.backend.binding.isUsingGpuDevice() || !offersPlaces(ops)) return [];
  const { kernelFunc: original } = getKernel(MaxPoolGrad, 'tensorflow');
  return [
    {
      kernelName: MaxPoolGrad,
      backendName: 'tensorflow',
      kernelFunc: (args) => {
        const { dy, input } = args.inputs as Record<'dy' | 'input', TensorInfo>;
        const { filterSize, strides, pad, dimRoundingMode } =
          args.attrs as unknown as MaxPoolGradAttrs;
        const window = backend_util.computePool2DInfo(
          input.shape as Shape4D,
          filterSize,
          strides,
          1,
          pad,
          dimRoundingMode,
        );
        const padding = window.padInfo.type;
        const named = padding === 'VALID' || padding === 'SAME';
        if (!named || input.dtype !== 'float32') return original(args);
        const attributes = [
          ops.float,
          ops.integers('ksize', [1, window.filterHeight, window.filterWidth, 1]),
          ops.integers('strides', [1, window.strideHeight, window.strideWidth, 1]),
          ops.text('padding', padding),
          ops.flag('include_batch_in_index', false),
        ];
        const [inputId = -1, dyId = -1] = ops.ids(input, dy);
        return withPlaces(ops, attributes, inputId, (places) =>
          ops.runOn(
            'MaxPoolGradWithArgmax',
            [...attributes, ops.type('Targmax', 'int64')],
            [inputId, dyId, places],
          ),
        );
      },
    },
  ];
}

/** Finds the places of the highest values in each window, and frees them after their use. */
function withPlaces<T>(
  ops: NativeOps,
  attributes: readonly Attribute[],
  input: number,
  use: (places: number) => T,
): T {
  const { binding } = ops.backend;
  const made: number[] = [];
  const run = (name: string, given: readonly Attribute[], id: number, outputs: number): number => {
    const ids = binding.executeOp(name, given, [id], outputs).map((output) => output.id);
    made.push(...ids);
    return ids.at(-1) ?? -1;
  };
  try {
    const narrow = ops.type('Targmax', 'int32');
    const places = run('MaxPoolWithArgmax', [...attributes, narrow], input, 2);
    const types = [ops.type('SrcT', 'int32'), ops.type('DstT', 'int64')];
    return use(run('Cast', [...types, ops.flag('Truncate', false)], places, 1));
  } finally {
    for (const id of made) binding.deleteTensor(id);
  }
}

/** Whether this release of the library finds places as 32-bit numbers. */
function offersPlaces(ops: NativeOps): boolean {
  const { binding } = ops.backend;
  const pixel = binding.createTensor([1, 1, 1, 1], binding.TF_FLOAT, new Float32Array(1));
  const window = [ops.integers('ksize', [1, 1, 1, 1]), ops.integers('strides', [1, 1, 1, 1])];
  const rest = [ops.text('padding', 'VALID'), ops.flag('include_batch_in_index', false)];
  try {
    return withPlaces(ops, [ops.float, ...window, ...rest], pixel, () => true);
  } catch {
    return false;
  } finally {
    binding.deleteTensor(pixel);
  }
}
