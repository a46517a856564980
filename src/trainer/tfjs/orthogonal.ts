import {
  getBackend,
  matMul,
  randomNormal,
  reshape,
  tensor,
  tidy,
  transpose,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { initializers } from '@tensorflow/tfjs-layers';

/** Deviation from unit columns that float32 leaves anyway. */
const rounding = 1e-5;
const mostPasses = 8;

/** Products [m, n] × [n, n] and [n, m] × [m, n] of row-major matrices. */
interface Products {
  /** aᵀ · a */
  gram(a: Float32Array, m: number, n: number): ArrayLike<number>;
  /** a · b, where b is upper triangular. */
  product(a: Float32Array, b: Float32Array, m: number, n: number): Float32Array;
}

const onDevice: Products = {
  gram: (a, m, n) =>
    read(() => {
      const matrix = tensor(a, [m, n]);
      return matMul(matrix, matrix, true, false);
    }),
  product: (a, b, m, n) => read(() => matMul(tensor(a, [m, n]), tensor(b, [n, n]))),
};

function read(work: () => Tensor): Float32Array {
  const result = tidy(work);
  const values = result.dataSync<'float32'>();
  result.dispose();
  return values;
}

/** WebGPU can be read only asynchronously, and layers are built synchronously. */
const onProcessor: Products = {
  gram: (a, m, n) => {
    const sums = new Float64Array(n * n);
    for (let row = 0; row < m; row++) {
      for (let i = 0; i < n; i++) {
        const left = a[row * n + i] ?? 0;
        for (let j = 0; j <= i; j++) {
          sums[i * n + j] = (sums[i * n + j] ?? 0) + left * (a[row * n + j] ?? 0);
        }
      }
    }
    return sums;
  },
  product: (a, b, m, n) => {
    const sums = new Float64Array(m * n);
    for (let row = 0; row < m; row++) {
      for (let i = 0; i < n; i++) {
        const left = a[row * n + i] ?? 0;
        for (let j = i; j < n; j++) {
          sums[row * n + j] = (sums[row * n + j] ?? 0) + left * (b[i * n + j] ?? 0);
        }
      }
    }
    return Float32Array.from(sums);
  },
};

/**
 * The orthogonal factor of a matrix whose other factor is upper triangular with a positive diagonal:
 * the Q of its QR decomposition. It is found from the Cholesky factor of aᵀ·a, again and again until
 * the columns are orthogonal to float32's precision (shifted CholeskyQR, arXiv 1809.11085), which is
 * three matrix products a pass in place of a loop over columns.
 * @param a row-major, [m, n] with m ≥ n
 */
export function orthogonalFactor(a: Float32Array, m: number, n: number): Float32Array {
  const products = getBackend() === 'webgpu' ? onProcessor : onDevice;
  let q = a;
  for (let pass = 0; pass < mostPasses; pass++) {
    const gram = products.gram(q, m, n);
    const off = deviation(gram, n);
    if (pass > 0 && off < rounding) break;
    q = products.product(q, inverseOfFactor(gram, n), m, n);
    // What is left after this is the square of what was there before.
    if (off * off < rounding / n) break;
  }
  return q;
}

function deviation(gram: ArrayLike<number>, n: number): number {
  let most = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      most = Math.max(most, Math.abs((gram[i * n + j] ?? 0) - (i === j ? 1 : 0)));
    }
  }
  return most;
}

/** (L⁻¹)ᵀ of gram = L·Lᵀ, shifted by as little as makes the factor exist. */
function inverseOfFactor(gram: ArrayLike<number>, n: number): Float32Array {
  let trace = 0;
  for (let i = 0; i < n; i++) trace += gram[i * n + i] ?? 0;
  for (let shift = 0; ; shift = shift === 0 ? 1e-6 * (trace / n) : shift * 10) {
    const factor = choleskyFactor(gram, n, shift);
    if (factor) return transposedInverse(factor, n);
  }
}

/** The lower factor, [n, n]; null where the matrix is not positive definite to float32's precision. */
function choleskyFactor(gram: ArrayLike<number>, n: number, shift: number): Float64Array | null {
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j <= i; j++) {
      const other = j * n;
      let rest = (gram[row + j] ?? 0) + (i === j ? shift : 0);
      for (let k = 0; k < j; k++) rest -= (factor[row + k] ?? 0) * (factor[other + k] ?? 0);
      if (j < i) {
        factor[row + j] = rest / (factor[other + j] ?? 1);
      } else {
        if (!(rest > 1e-6 * (gram[row + i] ?? 0))) return null;
        factor[row + i] = Math.sqrt(rest);
      }
    }
  }
  return factor;
}

/** The transposed inverse of a lower triangular matrix, [n, n]. */
function transposedInverse(factor: Float64Array, n: number): Float32Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let k = 0; k < i; k++) {
      const above = k * n;
      const times = factor[row + k] ?? 0;
      for (let j = 0; j <= k; j++) {
        result[row + j] = (result[row + j] ?? 0) - times * (result[above + j] ?? 0);
      }
    }
    const scale = 1 / (factor[row + i] ?? 1);
    result[row + i] = 1;
    for (let j = 0; j <= i; j++) result[row + j] = (result[row + j] ?? 0) * scale;
  }
  const transposed = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) transposed[j * n + i] = result[i * n + j] ?? 0;
  }
  return transposed;
}

interface Orthogonal {
  readonly gain: number;
  readonly seed: number | undefined;
  apply(shape: readonly number[]): Tensor;
}

/** Replaces tfjs's orthogonal initializer, which takes half a minute for 512 units, by a fast one. */
export function registerFastOrthogonal(): void {
  const sample = initializers.orthogonal({ gain: 1 });
  const prototype = Object.getPrototypeOf(sample) as Orthogonal;
  prototype.apply = function (this: Orthogonal, shape) {
    const columns = shape.at(-1) ?? 1;
    const rows = shape.slice(0, -1).reduce((product, length) => product * length, 1);
    const [m, n] = [Math.max(rows, columns), Math.min(rows, columns)];
    return tidy(() => {
      const normal = randomNormal([m, n], 0, 1, 'float32', this.seed);
      const q = orthogonalFactor(normal.dataSync<'float32'>(), m, n);
      const scaled = q.map((value) => value * this.gain);
      const matrix = tensor(scaled, [m, n]);
      return reshape(rows < columns ? transpose(matrix) : matrix, [...shape]);
    });
  };
}
