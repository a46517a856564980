import { matMul, randomNormal, setBackend, type Tensor2D } from '@tensorflow/tfjs-core';
import { initializers } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { withSeededRandom } from '../../../../src/trainer/random/seededRandom';
import { orthogonalFactor, registerFastOrthogonal } from '../../../../src/trainer/tfjs/orthogonal';
import { loadCpu, loadWasm } from '../backends';

beforeAll(async () => {
  await loadCpu();
  await loadWasm();
  registerFastOrthogonal();
});

function made(shape: number[], gain = 1): Tensor2D {
  return withSeededRandom(3, () => initializers.orthogonal({ gain }).apply(shape)) as Tensor2D;
}

/** The largest difference of aᵀ·a or a·aᵀ, the smaller of the two, from gain²·I. */
function worst(a: Tensor2D, gain: number): number {
  const [rows, columns] = a.shape;
  const gram = rows < columns ? matMul(a, a, false, true) : matMul(a, a, true, false);
  const n = gram.shape[0];
  return gram
    .dataSync<'float32'>()
    .reduce(
      (most, value, at) =>
        Math.max(most, Math.abs(value - (at % n === Math.floor(at / n) ? gain * gain : 0))),
      0,
    );
}

describe.each(['cpu', 'wasm'])('orthogonal initial weights on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it.each([
    [4, 4],
    [8, 32],
    [64, 64],
    [40, 3],
    [1, 5],
  ])('has orthogonal rows or columns of length 1: %i × %i', (rows, columns) => {
    expect(worst(made([rows, columns]), 1)).toBeLessThan(1e-5);
  });

  it('scales by its gain', () => {
    expect(worst(made([16, 16], 2), 2)).toBeLessThan(2e-5);
  });

  it('takes a filter as a matrix of its last axis', () => {
    expect(made([3, 3, 4, 8]).shape).toEqual([3, 3, 4, 8]);
  });

  it('is the same for the same seed', () => {
    expect(made([6, 6]).arraySync()).toEqual(made([6, 6]).arraySync());
  });

  it('is the factor of a QR decomposition whose R has a positive diagonal', () => {
    const [m, n] = [12, 5];
    const a = randomNormal([m, n], 0, 1, 'float32', 4).dataSync<'float32'>();
    const q = orthogonalFactor(a, m, n);
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < n; i++) {
        let r = 0;
        for (let row = 0; row < m; row++) r += (q[row * n + i] ?? 0) * (a[row * n + j] ?? 0);
        if (i === j) expect(r).toBeGreaterThan(0);
        if (i > j) expect(Math.abs(r)).toBeLessThan(1e-5);
      }
    }
  });

  it('has orthogonal columns even of a matrix that is nearly singular', () => {
    const n = 6;
    const base = randomNormal([n, n], 0, 1, 'float32', 5).dataSync<'float32'>();
    for (let row = 0; row < n; row++) base[row * n + 1] = (base[row * n] ?? 0) * (1 + 1e-6 * row);
    const q = orthogonalFactor(base, n, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let dot = 0;
        for (let row = 0; row < n; row++) dot += (q[row * n + i] ?? 0) * (q[row * n + j] ?? 0);
        expect(dot).toBeCloseTo(i === j ? 1 : 0, 4);
      }
    }
  });
});

describe('large orthogonal weights', () => {
  it('are made in a few matrix products', () => {
    void setBackend('wasm');
    expect(worst(made([192, 768]), 1)).toBeLessThan(1e-5);
    expect(worst(made([256, 256]), 1)).toBeLessThan(1e-5);
  });
});
