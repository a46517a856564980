import type { NativeBackend, NativeInput } from '../../memory/nativeBackend';

/** How many are kept on the device: enough for a step of most models, in a few kilobytes. */
const most = 256;

type Constant = Required<NativeInput>;

/**
 * Numbers, shapes and axes as inputs of operations, in a least-recently-used cache:
 * tfjs makes and frees a tensor for each use.
 */
export class Constants {
  readonly #backend: NativeBackend;
  readonly #known = new Map<number | string, Constant>();

  constructor(backend: NativeBackend) {
    this.#backend = backend;
  }

  /** A float32 scalar. */
  scalar(value: number): Constant {
    const { TF_FLOAT } = this.#backend.binding;
    return this.#get(value, () => this.#create([], TF_FLOAT, Float32Array.of(value)));
  }

  /** Int32 numbers in one dimension. */
  integers(values: readonly number[]): Constant {
    const { TF_INT32 } = this.#backend.binding;
    return this.#get(values.join(), () =>
      this.#create([values.length], TF_INT32, Int32Array.from(values)),
    );
  }

  #create(shape: number[], dtype: number, values: Float32Array | Int32Array): Constant {
    const { binding, tensorMap } = this.#backend;
    const dataId = {};
    const id = binding.createTensor(shape, dtype, values);
    tensorMap.set(dataId, { shape, dtype, id, values: null, refCount: 1 });
    return { dataId };
  }

  #get(key: number | string, create: () => Constant): Constant {
    const known = this.#known;
    const constant = known.get(key) ?? create();
    // The most recently used come last in the map.
    known.delete(key);
    known.set(key, constant);
    if (known.size > most) {
      const [[oldest, { dataId }] = [key, constant]] = known;
      known.delete(oldest);
      this.#backend.binding.deleteTensor(this.#backend.tensorMap.get(dataId).id);
      this.#backend.tensorMap.delete(dataId);
    }
    return constant;
  }
}
