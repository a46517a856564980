import { build, context } from 'esbuild';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

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
const node = { ...shared, platform: 'node', format: 'cjs', target: 'node20' };

/** Lazily loaded files of the host, named by their path under src/. */
const lazyEntries = (await readdir('src/languages').catch(() => []))
  .filter((name) => /^(javascript|python|yaml|json|notebook)\.ts$/.test(name))
  .map((name) => `src/languages/${name}`);

const bundles = [
  {
    ...node,
    entryPoints: ['src/extension.ts', ...lazyEntries],
    outdir: 'dist',
    outbase: 'src',
    external: ['vscode'],
    plugins: [lazyBundles],
    metafile: true,
  },
  { ...node, entryPoints: { worker: 'src/trainer/worker.ts' }, outdir: 'dist' },
  {
    ...node,
    entryPoints: { cli: 'src/cli/main.ts' },
    outdir: 'dist',
    banner: { js: '#!/usr/bin/env node' },
    plugins: [lazyBundles],
  },
  {
    ...shared,
    entryPoints: { webview: 'webview/main.ts' },
    outdir: 'dist',
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    loader: { '.css': 'css' },
  },
];

await rm('dist', { recursive: true, force: true });
await mkdir('dist', { recursive: true });
const wasmFolder = 'node_modules/@tensorflow/tfjs-backend-wasm/dist';
for (const name of await readdir(wasmFolder)) {
  if (name.endsWith('.wasm')) await cp(path.join(wasmFolder, name), path.join('dist', name));
}

if (watch) {
  for (const options of bundles) await (await context(options)).watch();
} else {
  await Promise.all(bundles.map((options) => build(options)));
}
