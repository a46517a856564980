import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts', 'test/process/**/*.test.ts'],
    globalSetup: 'test/temporaryFolder.mjs',
    // Its files import each other without extensions, which Node itself does not resolve.
    server: { deps: { inline: [/tfjs-core\/dist\/(?!tf-core)/] } },
    // Process tests start real workers; two cores are shared with them.
    maxWorkers: 2,
    // A native runtime that this person has installed would be what 'auto' takes.
    env: { BATCHWISE_DATA_FOLDER: 'test/output/no-data' },
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
