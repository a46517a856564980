import { build, context } from 'esbuild';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inputDigest, writeBuildStamp } from './scripts/buildStamp.mjs';
import { thirdPartyNotices } from './scripts/thirdPartyNotices.mjs';
import { webviewBundles } from './scripts/webviewBundles.mjs';
import { writeJsonSchema } from './scripts/writeJsonSchema.mjs';

const watch = process.argv.includes('--watch');
const production = !watch;

/**
 * A dynamic import of one of our own files is a bundle of its own, loaded on first use:
 * `import('./python')` in src/languages becomes `require('./languages/python.js')` beside the caller.
 */
const lazyBundles = {
  name: 'lazy-bundles',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, ({ path: request, kind, resolveDir }) => {
      if (kind !== 'dynamic-import') return null;
      const file = path.relative(path.resolve('src'), path.resolve(resolveDir, request));
      return { path: `./${file.split(path.sep).join('/')}.js`, external: true };
    });
  },
};

const shared = {
  bundle: true,
  minify: production,
  sourcemap: production ? 'linked' : 'inline',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
};
const node = {
  ...shared,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // Its `main` is UMD, whose inner requires esbuild cannot follow (microsoft/node-jsonc-parser#57).
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
};

/** Lazily loaded files of the host, named by their path under src/. */
const lazyEntries = [
  'src/editor/workbench.ts',
  'src/editor/agentTools.ts',
  'src/editor/doctor.ts',
  'src/tuner/doctor.ts',
  'src/editor/installNative.ts',
  'src/editor/webviews/sweepPanel.ts',
  'src/editor/webviews/sideView.ts',
  'src/tuner/sweep.ts',
  'src/tuner/nativeRuntime/install.ts',
  ...(await readdir('src/languages').catch(() => []))
    .filter((name) => /^(javascript|python|yaml|json|toml|shell|notebook)\.ts$/.test(name))
    .map((name) => `src/languages/${name}`),
].filter((file) => existsSync(file));

/** The suites that run inside VS Code, and what starts them. */
const testEntries = (await readdir('test/integration', { recursive: true }))
  .filter((name) => name.endsWith('.test.ts') || name === 'index.ts')
  .map((name) => `test/integration/${name.split(path.sep).join('/')}`);

const bundles = [
  {
    ...node,
    entryPoints: ['src/extension.ts', ...lazyEntries],
    outdir: 'dist',
    outbase: 'src',
    external: ['vscode'],
    plugins: [lazyBundles],
  },
  {
    ...node,
    entryPoints: {
      worker: 'src/trainer/worker.ts',
      // The worker's thread that reads data from disk.
      rowReader: 'src/trainer/streaming/rowReader.ts',
      // The worker's thread that ends it with its host.
      watchdog: 'src/trainer/watchdog.ts',
      // Loaded by those who have a model of this format.
      'trainer/model/files/kerasFile': 'src/trainer/model/files/kerasFile.ts',
      // Loaded by those who have data of this format.
      'trainer/data/table/parquetFile': 'src/trainer/data/table/parquetFile.ts',
      'trainer/data/table/arrowFile': 'src/trainer/data/table/arrowFile.ts',
    },
    outdir: 'dist',
    plugins: [lazyBundles],
  },
  {
    ...node,
    entryPoints: { cli: 'src/cli/main.ts' },
    outdir: 'dist',
    banner: { js: '#!/usr/bin/env node' },
    plugins: [lazyBundles],
  },
  {
    // Loaded by `batchwise mcp` alone: the SDK is large.
    ...node,
    entryPoints: { 'cli/mcpServer': 'src/cli/mcpServer.ts' },
    outdir: 'dist',
    plugins: [lazyBundles],
  },
  ...webviewBundles.map((options) => ({ ...shared, ...options, outdir: 'dist' })),
  {
    // One file per suite, found by test/integration/index.ts at run time.
    ...node,
    entryPoints: testEntries,
    outdir: 'dist/test/integration',
    outbase: 'test/integration',
    minify: false,
    external: ['vscode', 'mocha'],
  },
];

const digest = inputDigest('.');
await mkdir('dist', { recursive: true });
const wasmFolder = 'node_modules/@tensorflow/tfjs-backend-wasm/dist';
for (const name of await readdir(wasmFolder)) {
  if (name.endsWith('.wasm')) await cp(path.join(wasmFolder, name), path.join('dist', name));
}
const jsonSchema = 'batchwise.schema.json';
await writeJsonSchema(path.join('dist', jsonSchema));
const notices = 'thirdPartyNotices.txt';
/** What a build leaves in dist/ besides the outputs of esbuild. */
const copied = (file) =>
  file.endsWith('.wasm') || ['.buildStamp', jsonSchema, notices].includes(file);

if (watch) {
  for (const options of bundles) await (await context(options)).watch();
} else {
  const results = await Promise.all(
    bundles.map((options) => build({ ...options, metafile: true })),
  );
  await chmod('dist/cli.js', 0o755);
  await writeFile(path.join('dist', notices), thirdPartyNotices(shippedInputs(results)));
  await removeLeftovers(new Set(results.flatMap(({ metafile }) => Object.keys(metafile.outputs))));
  writeBuildStamp('.', digest);
}

/** The files that have left code in what is shipped. */
function shippedInputs(results) {
  return results
    .flatMap(({ metafile }) => Object.entries(metafile.outputs))
    .filter(([output]) => !output.startsWith('dist/test/'))
    .flatMap(([, { inputs }]) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([input]) => input);
}

/** Removes what earlier builds made and this one did not; what is in use is overwritten in place. */
async function removeLeftovers(outputs) {
  for (const entry of await readdir('dist', { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    const key = file.split(path.sep).join('/');
    if (entry.isFile() && !outputs.has(key) && !copied(entry.name)) await rm(file);
  }
}
