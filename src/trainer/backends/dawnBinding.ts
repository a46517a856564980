import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { fail, ok, type Result } from '../../core/text/problem';
import { firstLine } from '../../core/text/errorText';

/** Dawn, the WebGPU of Chromium, as the npm package `webgpu` gives it to Node. */
export interface Dawn {
  /** Makes a `navigator.gpu`. Options are Dawn's own, such as `adapter=NVIDIA`. */
  readonly create: (options: string[]) => GPU;
  /** The classes and constants of WebGPU (`GPUBufferUsage` …) that a browser has as globals. */
  readonly globals: object;
  /** Of the npm package. */
  readonly version: string;
  /** Absolute folder of the package. */
  readonly folder: string;
}

/**
 * Where the npm package `webgpu` lies, seen from the folder of the built trainer (`dist`):
 * - in a VSIX for a platform: `dist/dawn`, a copy of the package with that platform's binaries only
 *   (scripts/packageFiles.mjs puts it there);
 * - in development: `node_modules`, where it is a devDependency;
 * - in the terminal's npm package: `node_modules`, where a person has installed it beside Batchwise.
 * The universal VSIX has none. Nothing is loaded yet; null when there is none.
 */
export function findDawn(distFolder: string): string | null {
  const packaged = path.join(distFolder, 'dawn');
  if (existsSync(path.join(packaged, 'package.json'))) return packaged;
  try {
    const require = createRequire(path.join(distFolder, 'worker.js'));
    return path.dirname(require.resolve('webgpu/package.json'));
  } catch {
    return null;
  }
}

/**
 * Loads Dawn, or says why this process cannot. Nothing global is changed: the caller puts `globals`
 * and `navigator.gpu` where tfjs looks for them.
 *
 * @param distFolder absolute folder of the built trainer, its `__dirname`
 */
export async function loadDawn(distFolder: string): Promise<Result<Dawn>> {
  // Electron allows no external buffers: https://github.com/dawn-gpu/node-webgpu/issues/5
  if ('electron' in process.versions) return fail('dawnInElectron');
  const platform = `${process.platform}-${process.arch}`;
  const folder = findDawn(distFolder);
  if (folder === null) return fail('dawnMissing', { platform });
  if (!existsSync(path.join(folder, 'dist', binaryFolder(), 'dawn.node'))) {
    return fail('dawnOtherPlatform', { platform, folder });
  }
  const broken = (cause: string) => fail('dawnBroken', { folder, cause });
  try {
    const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
      version?: unknown;
    };
    const loaded: unknown = await import(pathToFileURL(path.join(folder, 'index.js')).href);
    if (!isDawn(loaded)) return broken('causeDawnExports');
    const { create, globals } = loaded;
    return ok({ create, globals, folder, version: typeof version === 'string' ? version : '' });
  } catch (error) {
    return broken(firstLine(error));
  }
}

/** The package's name for our platform; on macOS one binary serves both architectures. */
function binaryFolder(): string {
  return process.platform === 'darwin' ? 'darwin-universal' : `${process.platform}-${process.arch}`;
}

function isDawn(loaded: unknown): loaded is Pick<Dawn, 'create' | 'globals'> {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'create' in loaded &&
    typeof loaded.create === 'function' &&
    'globals' in loaded &&
    typeof loaded.globals === 'object'
  );
}
