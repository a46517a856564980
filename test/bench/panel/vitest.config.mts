import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/bench/panel/panelBench.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
