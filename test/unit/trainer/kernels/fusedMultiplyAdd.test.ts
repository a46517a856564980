import fc from 'fast-check';
import { setFlagsFromString } from 'node:v8';
import { expect, it } from 'vitest';
import { relaxedSimdModule } from '../../../../src/trainer/kernels/simd/module';
import { simdFunctions } from '../../../../src/trainer/kernels/simd/simd';

const isSupported = () => WebAssembly.validate(Buffer.from(relaxedSimdModule, 'base64'));

// Node 20 has it behind a flag; https://nodejs.org/api/v8.html#v8setflagsfromstringflags
if (!isSupported()) setFlagsFromString('--experimental-wasm-relaxed-simd');

it.skipIf(!isSupported())('products are the same with fused multiply-add', () => {
  const memory = new WebAssembly.Memory({ initial: 64 });
  const [plain, fused] = [simdFunctions(memory, false), simdFunctions(memory)];
  const scratch = 16;
  const start = (scratch + plain.matrixProductScratch() + 15) & ~15;
  const size = fc.integer({ min: 1, max: 40 });
  let differing = 0;
  fc.assert(
    fc.property(size, size, fc.integer({ min: 1, max: 300 }), (m, n, k) => {
      const [a, b, c] = [start, start + 4 * m * k, start + 4 * (m * k + k * n)];
      const floats = new Float32Array(memory.buffer);
      for (let at = a / 4; at < c / 4; at++) floats[at] = Math.sin(at * 1.7);
      const product = (functions: typeof plain) => {
        // prettier-ignore
        functions.matrixProducts(1, m, n, k, a, 0, 4 * k, 4, b, 0, 4 * n, 4, c, 0, scratch);
        return floats.slice(c / 4, c / 4 + m * n);
      };
      const [expected, actual] = [product(plain), product(fused)];
      actual.forEach((value, at) => {
        expect(Math.abs(value - (expected[at] ?? NaN))).toBeLessThan(1e-6 * (k + 10));
        if (value !== expected[at]) differing++;
      });
    }),
    { seed: 3 },
  );
  // Sums that are rounded once less differ somewhere, if the module is another.
  expect(differing).toBeGreaterThan(0);
});
