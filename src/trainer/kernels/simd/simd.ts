import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { relaxedSimdModule, simdModule } from './module';

/** The functions of assembly/index.ts; addresses and sizes are in bytes unless noted otherwise. */
interface SimdFunctions {
  matrixProductScratch(): number;
  convolutionScratch(values: number): number;
  // prettier-ignore
  matrixProducts(
    batch: number, m: number, n: number, k: number,
    a: number, aBatch: number, aRow: number, aDepth: number,
    b: number, bBatch: number, bDepth: number, bColumn: number,
    c: number, cBatch: number, scratch: number,
  ): void;
  convolve(info: number, x: number, filter: number, y: number, scratch: number): void;
  // prettier-ignore
  convolveFilterGradient(info: number, x: number, dy: number, to: number, scratch: number): void;
  // prettier-ignore
  convolveInputGradient(info: number, dy: number, filter: number, to: number, scratch: number): void;
  maxPoolGradient(info: number, x: number, dy: number, dx: number): void;
  // prettier-ignore
  adam(
    floats: number, weights: number, first: number, second: number, gradients: number,
    beta1: number, beta2: number, rate: number, secondCorrection: number, epsilon: number,
  ): void;
  // prettier-ignore
  rmsprop(
    floats: number, weights: number, squares: number, momenta: number, gradients: number,
    decay: number, keepMomentum: number, rate: number, epsilon: number,
  ): void;
  // prettier-ignore
  adagrad(
    floats: number, weights: number, squares: number, gradients: number,
    rate: number, epsilon: number,
  ): void;
  // prettier-ignore
  passWithin(
    floats: number, dy: number, x: number, dx: number,
    lowest: number, highest: number, open: boolean,
  ): void;
  addBias(rows: number, columns: number, values: number, bias: number, lowest: number): void;
  sumRows(rows: number, columns: number, x: number, sums: number): void;
  // prettier-ignore
  batchNormalize(
    rows: number, channels: number, x: number, scale: number, offset: number, epsilon: number,
    mean: number, variance: number, y: number, factor: number,
  ): void;
  // prettier-ignore
  batchNormalizeBack(
    rows: number, channels: number, dy: number, x: number, scale: number, mean: number,
    variance: number, epsilon: number, dx: number, dScale: number, dOffset: number, work: number,
  ): void;
  // prettier-ignore
  copyBlocks(
    rows: number, bytes: number, from: number, fromStep: number, to: number, toStep: number,
  ): void;
  repeatBlocks(count: number, bytes: number, times: number, from: number, to: number): void;
  recurWork(info: number): number;
  recur(info: number, output: number, work: number, scratch: number): void;
  recurBackWork(info: number): number;
  // prettier-ignore
  recurBack(
    info: number, dy: number, dKernel: number, dRecurrent: number, dBias: number,
    work: number, scratch: number,
  ): void;
  recurInput(info: number, dx: number, scratch: number): void;
  gather(count: number, indices: number, bytes: number, x: number, to: number): void;
}

/**
 * The functions, working in this memory. Products are a quarter faster where the engine has fused
 * multiply-add, as VS Code's and Node's from 21 on have:
 * https://github.com/WebAssembly/relaxed-simd/blob/main/proposals/relaxed-simd/Overview.md
 * @param fused whether it may be used
 */
export function simdFunctions(memory: WebAssembly.Memory, fused = true): SimdFunctions {
  const relaxed = Buffer.from(relaxedSimdModule, 'base64');
  const bytes =
    fused && WebAssembly.validate(relaxed) ? relaxed : Buffer.from(simdModule, 'base64');
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return exports as unknown as SimdFunctions;
}

/** What kernels need of tfjs's backend. */
export type SimdBackend = Pick<
  BackendWasm,
  'disposeData' | 'getMemoryOffset' | 'incRef' | 'makeOutput' | 'refCount' | 'typedArrayFromHeap'
> & {
  readonly wasm: { _malloc(bytes: number): number; _free(address: number): void };
};

/** Rows of up to this many values fit into the scratch memory that is kept; larger ones get their own. */
const keptValues = 2048;
const mostParameters = 24;

/**
 * Our own compiled kernels in the memory of tfjs's backend: they take the addresses of its tensors,
 * and nothing is copied between the two.
 */
export class Simd {
  readonly #memory: WebAssembly.Memory;
  readonly functions: SimdFunctions;
  readonly #keptBytes: number;
  readonly #kept: number;
  readonly #parameters: number;

  constructor(
    readonly backend: SimdBackend,
    memory: WebAssembly.Memory,
  ) {
    this.#memory = memory;
    this.functions = simdFunctions(memory);
    this.#keptBytes = this.functions.convolutionScratch(keptValues);
    this.#kept = backend.wasm._malloc(this.#keptBytes);
    this.#parameters = backend.wasm._malloc(4 * mostParameters);
  }

  /** Where a tensor's values begin. */
  address({ dataId }: TensorInfo): number {
    return this.backend.getMemoryOffset(dataId);
  }

  /** A new float32 tensor whose values are whatever was there before. */
  output(shape: readonly number[]): TensorInfo {
    return this.backend.makeOutput([...shape], 'float32');
  }

  zeros(shape: readonly number[]): TensorInfo {
    const output = this.output(shape);
    if (util.sizeFromShape(output.shape) > 0) this.backend.typedArrayFromHeap(output).fill(0);
    return output;
  }

  /** Whether `finish` can add this bias to rows of so many columns. */
  canAdd(bias: TensorInfo | undefined, columns: number): boolean {
    return bias === undefined || [1, columns].includes(util.sizeFromShape(bias.shape));
  }

  /** Adds a bias, one for each column or for all, to rows in place and cuts off below `lowest`. */
  finish(output: TensorInfo, bias: TensorInfo | undefined, lowest: number): void {
    if (!bias && lowest === -Infinity) return;
    const [columns = 1] = output.shape.slice(-1);
    const rows = util.sizeFromShape(output.shape) / Math.max(1, columns);
    const whole = bias && util.sizeFromShape(bias.shape) === columns;
    const added = whole ? bias : this.zeros([columns]);
    if (bias && !whole) {
      const [value = 0] = this.backend.typedArrayFromHeap(bias);
      this.backend.typedArrayFromHeap(added).fill(value);
    }
    this.functions.addBias(rows, columns, this.address(output), this.address(added), lowest);
    if (!whole) this.backend.disposeData(added.dataId);
  }

  /** The address of numbers for a function that takes more than arguments can name. */
  describe(values: readonly number[]): number {
    new Int32Array(this.#memory.buffer, this.#parameters >>> 0, mostParameters).set(values);
    return this.#parameters;
  }

  /** Calls with the address of so many bytes and with that of the scratch of matrix products. */
  withWork(bytes: number, run: (work: number, scratch: number) => void): void {
    const work = this.backend.wasm._malloc(bytes);
    try {
      this.withScratch(this.functions.matrixProductScratch(), (scratch) => {
        run(work, scratch);
      });
    } finally {
      this.backend.wasm._free(work);
    }
  }

  /** Calls with the address of scratch memory, which is free again afterwards. */
  withScratch(bytes: number, work: (scratch: number) => void): void {
    if (bytes <= this.#keptBytes) {
      work(this.#kept);
      return;
    }
    const scratch = this.backend.wasm._malloc(bytes);
    try {
      work(scratch);
    } finally {
      this.backend.wasm._free(scratch);
    }
  }
}

/** Runs `load`, which instantiates tfjs's WASM module; returns the memory which that exports. */
export async function captureMemory<T>(
  load: () => Promise<T>,
): Promise<{ loaded: T; memory: WebAssembly.Memory | null }> {
  let memory: WebAssembly.Memory | null = null;
  const instantiate = WebAssembly.instantiate;
  const capturing = async (source: BufferSource, imports?: WebAssembly.Imports) => {
    const result = await instantiate(source, imports);
    for (const exported of Object.values(result.instance.exports)) {
      if (exported instanceof WebAssembly.Memory) memory = exported;
    }
    return result;
  };
  WebAssembly.instantiate = capturing as typeof WebAssembly.instantiate;
  try {
    return { loaded: await load(), memory };
  } finally {
    WebAssembly.instantiate = instantiate;
  }
}
