import type { NativeBackend, NativeInput } from '../../memory/nativeBackend';

/** So many are kept on the device: all of a step of most models, in a few kilobytes. */
const most = 256;

type Constant = Required<NativeInput>;

/**
 * Numbers, shapes and axes as inputs of operations, kept until many others were asked for since:
 * tfjs makes and frees a tensor for each, every time.
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
    // Last in the map are those asked for last.
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
