import type { DataType, KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs-core';

/** What TensorFlow's addon reports about a tensor that an operation made. */
interface OutputMetadata {
  readonly id: number;
  readonly shape: readonly number[];
  /** One of the addon's TF_* numbers. */
  readonly dtype: number;
}

/** An attribute of an operation; its type is one of the addon's TF_ATTR_* numbers. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | string | readonly number[];
}

/** What is needed of the addon. */
export interface NativeBinding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_BOOL: number;
  readonly TF_UINT8: number;
  readonly TF_COMPLEX64: number;
  readonly TF_STRING: number;
  readonly TF_RESOURCE: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_SHAPE: number;
  /** The tensor shares the array's memory. Returns its id. */
  createTensor(shape: readonly number[], dtype: number, values: Float32Array | Int32Array): number;
  deleteTensor(id: number): void;
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): OutputMetadata[];
  isUsingGpuDevice(): boolean;
}

/** What the backend keeps of a tensor. */
export interface NativeData {
  readonly shape: readonly number[];
  readonly dtype: number;
  /** Values that wait to be given to the library; null once they are. */
  values: unknown;
  /** The addon's id, or −1 while values wait. */
  id: number;
  refCount: number;
}

/** What is needed of tfjs-node's backend: where it makes, names and frees tensors. */
export interface NativeBackend
  extends Pick<KernelBackend, 'disposeData' | 'incRef'>, Pick<Required<KernelBackend>, 'refCount'> {
  readonly binding: NativeBinding;
  readonly tensorMap: {
    get(dataId: object): NativeData;
    set(dataId: object, data: NativeData): void;
    delete(dataId: object): boolean;
  };
  move(dataId: object, values: unknown, shape: number[], dtype: DataType, references: number): void;
  createOutputTensor(metadata: OutputMetadata): Tensor;
  executeSingleOutput(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly NativeInput[],
  ): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly NativeInput[],
    outputs: number,
  ): Tensor[];
  getInputTensorIds(inputs: readonly NativeInput[]): number[];
}

/** A tensor; the addon's own 64-bit scalars have no dataId. */
export type NativeInput = Partial<Pick<TensorInfo, 'dataId'>>;
