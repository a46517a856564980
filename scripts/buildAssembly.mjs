// Compiles assembly/ (AssemblyScript) into src/trainer/kernels/simd/module.ts: `npm run build:assembly`.
// The result is kept in the repository, so that nothing that bundles the trainer needs a compiler
// or a second file beside it; a unit test tells when it is stale.
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

// Not a literal import: its declarations redeclare Array and other globals for every file that
// TypeScript checks, so that `.at()` and indexing would no longer be possibly undefined.
const compilerPackage = 'assemblyscript/asc';

const target = 'src/trainer/kernels/simd/module.ts';

/**
 * The module, which has no memory and no data of its own.
 *
 * @param {readonly string[]} features of WebAssembly that it needs
 */
async function compileFor(features) {
  const { default: asc } = await import(compilerPackage);
  /** @type {Uint8Array | null} */
  let binary = null;
  const { error, stderr } = await asc.main(
    [
      ...['assembly/index.ts', '--outFile', 'kernels.wasm', '-O3', '--converge', '--noAssert'],
      ...features.flatMap((feature) => ['--enable', feature]),
      ...['--runtime', 'stub', '--importMemory', '--noExportMemory', '--use', 'abort='],
    ],
    {
      /** @type {(name: string, contents: Uint8Array) => void} */
      writeFile: (_, contents) => {
        binary = contents;
      },
    },
  );
  if (error || !binary) throw new Error(`${error?.message}\n${stderr.toString()}`);
  return Buffer.from(binary).toString('base64');
}

/** Source text of both modules. */
export async function compileAssembly() {
  const plain = await compileFor(['simd']);
  const relaxed = await compileFor(['simd', 'relaxed-simd']);
  return [
    '/** Compiled from assembly/ by scripts/buildAssembly.mjs: WebAssembly with SIMD, as base64. */',
    `export const simdModule =\n  '${plain}';\n`,
    '/** The same, with fused multiply-add (relaxed SIMD). */',
    `export const relaxedSimdModule =\n  '${relaxed}';\n`,
  ].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(target, await compileAssembly());
}
