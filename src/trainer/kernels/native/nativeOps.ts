import type { DataType, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { Attribute, NativeBackend, NativeInput } from '../../memory/nativeBackend';
import { Constants } from './constants';

/**
 * TensorFlow's operations by their own names, for what tfjs-node puts together from several
 * (https://www.tensorflow.org/api_docs/python/tf/raw_ops).
 */
export class NativeOps {
  /** Of float32 values. */
  readonly float: Attribute;
  readonly constants: Constants;

  constructor(readonly backend: NativeBackend) {
    this.constants = new Constants(backend);
    this.float = this.type('T', 'float32');
  }

  /** Runs an operation of one output. */
  run(name: string, attributes: readonly Attribute[], inputs: readonly NativeInput[]): Tensor {
    return this.backend.executeSingleOutput(name, attributes, inputs);
  }

  /** The same for inputs by their ids, which stay the caller's. */
  runOn(name: string, attributes: readonly Attribute[], ids: readonly number[]): Tensor {
    const [output] = this.backend.binding.executeOp(name, attributes, ids, 1);
    if (!output) throw new Error(`${name} of TensorFlow gave no output.`);
    return this.backend.createOutputTensor(output);
  }

  /**
   * Whether this release of the library has an operation for such attributes: by trying it on two
   * tensors of one element and this rank.
   */
  offers(name: string, attributes: readonly Attribute[], rank: number): boolean {
    const { binding } = this.backend;
    const shape = Array<number>(rank).fill(1);
    const one = binding.createTensor(shape, binding.TF_FLOAT, new Float32Array(1));
    try {
      const [output] = binding.executeOp(name, attributes, [one, one], 1);
      if (output) binding.deleteTensor(output.id);
      return true;
    } catch {
      return false;
    } finally {
      binding.deleteTensor(one);
    }
  }

  /** The addon's ids of tensors. */
  ids(...tensors: readonly NativeInput[]): number[] {
    return this.backend.getInputTensorIds(tensors);
  }

  /** The same values under a tensor of their own. */
  share({ dataId, shape, dtype }: TensorInfo): TensorInfo {
    this.backend.incRef(dataId);
    return { dataId, shape, dtype };
  }

  type(name: string, dtype: 'float32' | 'int32' | 'int64'): Attribute {
    const { TF_ATTR_TYPE: type, TF_FLOAT, TF_INT32, TF_INT64 } = this.backend.binding;
    const value = { float32: TF_FLOAT, int32: TF_INT32, int64: TF_INT64 }[dtype];
    return { name, type, value };
  }

  flag(name: string, value: boolean): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_BOOL, value };
  }

  integers(name: string, value: number | readonly number[]): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_INT, value };
  }

  text(name: string, value: string): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_STRING, value };
  }

  shape(name: string, value: readonly number[]): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_SHAPE, value };
  }
}

/** True where all tensors are of this type. */
export function allOf(dtype: DataType, ...tensors: readonly TensorInfo[]): boolean {
  return tensors.every((tensor) => tensor.dtype === dtype);
}
