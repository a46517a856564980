import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { problem, ProblemError } from '../../core/text/problem';
import type { Program } from './programs';
import { runProgram, tellingLine } from './runProgram';

/** The Node-API that the addon's package is written for at most; every Node since 15 speaks it. */
const napi = 8;

/** Where the package looks for its addon, and where it lies for this Node-API. */
export function addonFile(packageFolder: string): string {
  return path.join(packageFolder, 'lib', `napi-v${napi}`, 'tfjs_binding.node');
}

/**
 * Compiles the package's addon against the libtensorflow in its `deps` folder. Its own build runs
 * node-gyp, which fetches Node's headers from nodejs.org; those of Node-API, which are all that the
 * addon needs, come as a package from npm (https://github.com/nodejs/node-api-headers).
 * @param modules the `node_modules` that holds `node-api-headers`
 */
export async function compileAddon(
  packageFolder: string,
  modules: string,
  compiler: Program,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<void> {
  const output = addonFile(packageFolder);
  await mkdir(path.dirname(output), { recursive: true });
  const libraries = await librariesIn(path.join(packageFolder, 'deps', 'lib'));
  const origin = process.platform === 'darwin' ? '@loader_path' : '$ORIGIN';
  const args = [
    ...['-O2', '-shared', '-fPIC', '-std=c++17'],
    ...[`-DNAPI_VERSION=${napi}`, '-DBUILDING_NODE_EXTENSION'],
    ...[`-I${path.join(modules, 'node-api-headers', 'include')}`, '-I.', '-Ideps/include'],
    ...['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'],
    ...libraries.map((name) => `deps/lib/${name}`),
    `-Wl,-rpath,${origin}/../../deps/lib`,
    // Node itself has the symbols of Node-API, and is not linked.
    ...(process.platform === 'darwin' ? ['-Wl,-undefined,dynamic_lookup'] : []),
    ...['-o', output],
  ];
  const ended = await runProgram(compiler.file, [...compiler.args, ...args], {
    cwd: packageFolder,
    signal,
    onLine: log,
  });
  if (ended.code !== 0 || !existsSync(output)) {
    const values = { program: compiler.title, cause: tellingLine(ended) };
    throw new ProblemError(problem('nativeStepFailed', values));
  }
}

/** One file of each library: archives hold each under several names. */
async function librariesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter((name) => /^libtensorflow(_cc|_framework)?\.(so\.2|2\.dylib)$/.test(name));
}
