// Compiles assembly/ (AssemblyScript) into src/trainer/kernels/simd/module.ts: `npm run build:assembly`.
// The result is kept in the repository, so that nothing that bundles the trainer needs a compiler
// or a second file beside it; a unit test tells when it is stale.
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

// Not a literal import: its declarations redeclare Array and other globals for every file that
// TypeScript checks, so that `.at()` and indexing would no longer be possibly undefined.
const compilerPackage = 'assemblyscript/asc';

const target = 'src/trainer/kernels/simd/module.ts';

/** Source text of the module. It has no memory and no data of its own. */
export async function compileAssembly() {
  const { default: asc } = await import(compilerPackage);
  let binary = null;
  const { error, stderr } = await asc.main(
    [
      ...['assembly/index.ts', '--outFile', 'kernels.wasm', '-O3', '--converge', '--noAssert'],
      ...['--enable', 'simd', '--runtime', 'stub', '--importMemory', '--noExportMemory'],
      ...['--use', 'abort='],
    ],
    {
      writeFile: (_, contents) => {
        binary = contents;
      },
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  const base64 = Buffer.from(binary).toString('base64');
  return [
    '/** Compiled from assembly/ by scripts/buildAssembly.mjs: WebAssembly with SIMD, as base64. */',
    `export const simdModule =\n  '${base64}';\n`,
  ].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(target, await compileAssembly());
}
