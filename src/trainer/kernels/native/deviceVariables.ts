import type { TensorInfo } from '@tensorflow/tfjs-core';
import type {
  Attribute,
  NativeBinding,
  NativeBackend,
  NativeData,
} from '../../memory/nativeBackend';
import type { NativeOps } from './nativeOps';

/**
 * What the backend keeps of a tensor whose values live in a TensorFlow variable: its id is that of
 * a reading, which shares the variable's memory and is made when somebody asks.
 */
class VariableData implements NativeData {
  readonly #binding: NativeBinding;
  readonly #readAttributes: readonly Attribute[];
  readonly shape: readonly number[];
  readonly dtype: number;
  readonly values = null;
  refCount: number;
  #reading: number | null;

  constructor(
    binding: NativeBinding,
    readAttributes: readonly Attribute[],
    readonly handle: number,
    { shape, dtype, refCount, id }: NativeData,
  ) {
    this.#binding = binding;
    this.#readAttributes = readAttributes;
    this.shape = shape;
    this.dtype = dtype;
    this.refCount = refCount;
    this.#reading = id;
  }

  get id(): number {
    return (this.#reading ??= this.#read());
  }

  /** Releases the reading: while there is one, an update would copy the values first. */
  release(): void {
    if (this.#reading !== null) this.#binding.deleteTensor(this.#reading);
    this.#reading = null;
  }

  #read(): number {
    const [output] = this.#binding.executeOp(
      'ReadVariableOp',
      this.#readAttributes,
      [this.handle],
      1,
    );
    if (!output) throw new Error('A variable of TensorFlow had no value to read.');
    return output.id;
  }
}

/**
 * Values of tensors as TensorFlow's variables, which its optimizers update in place, in one
 * operation (https://www.tensorflow.org/api_docs/python/tf/raw_ops/VarHandleOp). A tensor becomes a
 * variable by its first update; for all other code it stays what it was.
 */
export class DeviceVariables {
  readonly #ops: NativeOps;
  readonly #known = new WeakMap<object, VariableData>();
  readonly #backend: NativeBackend;
  #named = 0;

  constructor(ops: NativeOps) {
    this.#ops = ops;
    this.#backend = ops.backend;
    const disposeData = this.#backend.disposeData.bind(this.#backend);
    this.#backend.disposeData = (dataId, force) => {
      const released = disposeData(dataId, force);
      const variable = released ? this.#known.get(dataId) : undefined;
      if (variable) {
        this.#known.delete(dataId);
        this.#destroy(variable.handle);
      }
      return released;
    };
  }

  /**
   * Runs one of TensorFlow's `ResourceApply…` operations: `updated` are its first inputs, the ids of
   * `others` those that follow. No other tensor may share the dataId of an updated one.
   */
  apply(
    operation: string,
    updated: readonly TensorInfo[],
    others: readonly number[],
    flags: readonly Attribute[],
  ): void {
    const { binding } = this.#backend;
    const variables = updated.map((tensor) => this.#variableOf(tensor));
    const handles = variables.map(({ handle }) => handle);
    binding.executeOp(operation, [this.#ops.float, ...flags], [...handles, ...others], 0);
    // At the first update a reading still holds the memory that it shares with an array of
    // JavaScript or with another tensor, so that TensorFlow wrote the new values to memory of their own.
    for (const variable of variables) variable.release();
  }

  #variableOf({ dataId, shape }: TensorInfo): VariableData {
    const known = this.#known.get(dataId);
    if (known) {
      known.release();
      return known;
    }
    const ops = this.#ops;
    const backend = this.#backend;
    const { binding, tensorMap } = backend;
    const dtype = ops.type('dtype', 'float32');
    const [value = -1] = backend.getInputTensorIds([{ dataId }]);
    const name = [ops.text('container', ''), ops.text('shared_name', `batchwise-${this.#named++}`)];
    const attributes = [...name, dtype, ops.shape('shape', shape)];
    const [made] = binding.executeOp('VarHandleOp', attributes, [], 1);
    if (!made) throw new Error('TensorFlow made no variable.');
    try {
      binding.executeOp('AssignVariableOp', [dtype], [made.id, value], 0);
    } catch (error) {
      this.#destroy(made.id);
      throw error;
    }
    const variable = new VariableData(binding, [dtype], made.id, tensorMap.get(dataId));
    tensorMap.set(dataId, variable);
    this.#known.set(dataId, variable);
    return variable;
  }

  #destroy(handle: number): void {
    const { binding } = this.#backend;
    const lenient = this.#ops.flag('ignore_lookup_error', true);
    binding.executeOp('DestroyResourceOp', [lenient], [handle], 0);
    binding.deleteTensor(handle);
  }
}
