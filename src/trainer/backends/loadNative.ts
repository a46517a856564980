import { Module, createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import { tf } from '../tfjs/tf';
import type { FoundPackage } from './nativePackage';

/** What Node keeps of a loaded CommonJS module, as far as one is made here. */
interface CachedModule {
  exports: unknown;
  loaded: boolean;
}

/**
 * Loads a native package so that it computes for this process's TensorFlow.js. The package does
 * `require('@tensorflow/tfjs')` and registers its kernels and backend there: it is given ours, which
 * is the same release, in place of a second copy beside it
 * (https://github.com/tensorflow/tfjs/blob/master/tfjs-node/src/index.ts). Throws what the package
 * or its addon throw.
 */
export function loadNative({ addon, folder }: FoundPackage): void {
  restoreUtilities();
  // The person's own choice stays. 2: errors only; the library prints a page of its settings.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // Else the first session takes all of a GPU's memory, also memory that other programs need.
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';

  const require = createRequire(path.join(folder, 'package.json'));
  // Loaded first: if it fails, nothing of the package has been registered.
  require(addon);
  const tfjs = require.resolve('@tensorflow/tfjs');
  const before = require.cache[tfjs];
  const ours: CachedModule = Object.assign(new Module(tfjs), { exports: tf, loaded: true });
  require.cache[tfjs] = ours as NodeJS.Module;
  try {
    require(folder);
  } finally {
    if (before) require.cache[tfjs] = before;
    else Reflect.deleteProperty(require.cache, tfjs);
  }
}

/**
 * The package calls two functions of Node's `util` that newer Nodes lack (isNullOrUndefined, removed
 * in 23) or warn about (isArray): https://nodejs.org/api/deprecations.html#DEP0051, #DEP0044.
 */
function restoreUtilities(): void {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });
}
