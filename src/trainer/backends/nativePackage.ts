import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { nativePackages, tfjsVersion, type NativePackage } from '../../config/nativeRuntime';
import { foldersUpToRoot } from '../../config/workspaceEngine';
import { fail, ok, type Result } from '../../core/text/problem';
import { firstLine } from '../../core/text/errorText';

/** A package with libtensorflow that is made for our release of TensorFlow.js. */
export interface FoundPackage {
  readonly name: NativePackage;
  readonly version: string;
  /** Absolute folder of the package. */
  readonly folder: string;
  /** Absolute path of its Node addon. */
  readonly addon: string;
}

export interface Workspace {
  /** Absolute path of the config. */
  readonly configFile: string;
  /** Absolute folder; packages above it are not the workspace's. */
  readonly root: string;
}

/**
 * The native packages that a workspace and then a runtime folder hold, each usable or with the
 * reason why not. Nothing of them is run.
 */
export function findNativePackages(
  workspace: Workspace | null,
  runtimeFolder: string,
): Result<FoundPackage>[] {
  const folders = [
    ...(workspace ? foldersUpToRoot(path.dirname(workspace.configFile), workspace.root) : []),
    runtimeFolder,
  ];
  return folders.flatMap((folder) =>
    nativePackages
      .map((name) => ({ name, folder: path.join(folder, 'node_modules', name) }))
      .filter((candidate) => existsSync(path.join(candidate.folder, 'package.json')))
      .map(({ name, folder: found }) => inspect(name, found)),
  );
}

function inspect(name: NativePackage, folder: string): Result<FoundPackage> {
  const values = { package: name, folder };
  const manifest = path.join(folder, 'package.json');
  let version: string;
  let core: string;
  try {
    version = versionIn(manifest);
    // Strict package managers show a package only its own dependencies: from one to the next.
    const tfjs = createRequire(manifest).resolve('@tensorflow/tfjs/package.json');
    core = versionIn(createRequire(tfjs).resolve('@tensorflow/tfjs-core/package.json'));
  } catch (error) {
    return fail('nativeBroken', { ...values, cause: firstLine(error) });
  }
  if (core !== tfjsVersion) {
    return fail('nativeOtherVersion', { ...values, version, core, expected: tfjsVersion });
  }
  const addon = addonOf(folder);
  return addon === null
    ? fail('nativeNotBuilt', { ...values, version })
    : ok({ name, version, folder, addon });
}

/** The addon for the newest Node-API that this Node speaks; null where none was built. */
function addonOf(folder: string): string | null {
  const built = path.join(folder, 'lib');
  if (!existsSync(built)) return null;
  const spoken = Number(process.versions.napi);
  const [newest] = readdirSync(built)
    .map((name) => ({ name, napi: Number(/^napi-v(\d+)$/.exec(name)?.[1]) }))
    .filter(({ name, napi }) => napi <= spoken && existsSync(addonIn(built, name)))
    .sort((a, b) => b.napi - a.napi);
  return newest ? addonIn(built, newest.name) : null;
}

function addonIn(built: string, name: string): string {
  return path.join(built, name, 'tfjs_binding.node');
}

function versionIn(manifest: string): string {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown };
  if (typeof version !== 'string') throw new Error(`${manifest} names no version`);
  return version;
}
