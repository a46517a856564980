import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: ['test/e2e/globalSetup.mjs'],
    // Each test starts a VS Code and a browser: one at a time.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // A second, as it is by default, is little for a page on a busy machine.
    expect: { poll: { timeout: 15_000 } },
  },
});
