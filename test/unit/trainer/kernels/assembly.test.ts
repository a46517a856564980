import { expect, it } from 'vitest';
import { compileAssembly } from '../../../../scripts/buildAssembly.mjs';
import { readFile } from 'node:fs/promises';

it('the compiled kernels in the repository are those of assembly/', async () => {
  // After a change there: npm run build:assembly.
  expect(await readFile('src/trainer/kernels/simd/module.ts', 'utf8')).toBe(
    await compileAssembly(),
  );
});
