import { homedir } from 'node:os';
import path from 'node:path';

/**
 * Where TensorFlow's native library (libtensorflow with its Node addon) is kept. Extension and
 * terminal share one folder per user, so that it is downloaded once.
 */

/** The release of TensorFlow.js that Batchwise is built with; the native package must be its twin. */
export const tfjsVersion = '4.22.0';

/** Those with CUDA first. */
export const nativePackages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;
export type NativePackage = (typeof nativePackages)[number];

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly home: string;
}

export const here: Surroundings = {
  env: process.env,
  platform: process.platform,
  arch: process.arch,
  home: homedir(),
};

/**
 * The folder for data that Batchwise keeps for a user, where each system has such data;
 * `BATCHWISE_DATA_FOLDER` overrides it.
 */
export function userDataFolder({ env, platform, home }: Surroundings = here): string {
  const chosen = env['BATCHWISE_DATA_FOLDER'];
  if (chosen) return path.resolve(chosen);
  if (platform === 'win32') {
    return path.join(env['LOCALAPPDATA'] || path.join(home, 'AppData', 'Local'), 'Batchwise');
  }
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Batchwise');
  // A relative path there is to be ignored: https://specifications.freedesktop.org/basedir-spec/
  const base = env['XDG_DATA_HOME'];
  const folder = base && path.isAbsolute(base) ? base : path.join(home, '.local', 'share');
  return path.join(folder, 'batchwise');
}

/** Where the installed runtime of this release and machine lies; it holds a `node_modules`. */
export function nativeRuntimeFolder(around: Surroundings = here): string {
  const { platform, arch } = around;
  return path.join(userDataFolder(around), 'native', `tfjs-${tfjsVersion}-${platform}-${arch}`);
}
