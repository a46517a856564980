/** Pure: where libtensorflow can be had for a machine, and which way suits what was found there. */

import { tfjsVersion } from '../../config/nativeRuntime';

/** The release that @tensorflow/tfjs-node 4.22.0 asks its storage host for (its deps-constants.js). */
const packageLibrary = '2.9.1';
const storageHost = 'https://storage.googleapis.com/';

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
}

/** A mirror as the package's own install script knows it; null for its default host. */
export function configuredMirror(env: NodeJS.ProcessEnv, setting: string | null): string | null {
  const chosen =
    setting?.trim() ||
    env['TFJS_NODE_BASE_URI'] ||
    env['npm_config_TFJS_NODE_BASE_URI'] ||
    env['TFJS_NODE_CDN_STORAGE'] ||
    env['npm_config_TFJS_NODE_CDN_STORAGE'] ||
    env['CDN_STORAGE'];
  return chosen || null;
}

/** The environment that makes the install script use a mirror chosen in our settings. */
export function mirrorEnvironment(setting: string | null): NodeJS.ProcessEnv {
  const mirror = setting?.trim();
  return mirror ? { TFJS_NODE_CDN_STORAGE: withSlash(mirror) } : {};
}

/**
 * The archive that the install script will download, by the rules of its `scripts/install.js`; null
 * for a machine that it has none for.
 */
export function archiveUrl(
  { platform, arch }: Machine,
  env: NodeJS.ProcessEnv,
  setting: string | null,
): string | null {
  const environment = { ...env, ...mirrorEnvironment(setting) };
  const host =
    environment['TFJS_NODE_CDN_STORAGE'] ||
    environment['npm_config_TFJS_NODE_CDN_STORAGE'] ||
    environment['CDN_STORAGE'] ||
    storageHost;
  const base =
    environment['TFJS_NODE_BASE_URI'] ||
    environment['npm_config_TFJS_NODE_BASE_URI'] ||
    `${host}tensorflow/libtensorflow/libtensorflow-`;
  switch (`${platform}-${arch}`) {
    case 'linux-x64':
      return `${base}cpu-linux-x86_64-${packageLibrary}.tar.gz`;
    case 'linux-arm64':
      return `${host}tf-builds/libtensorflow_r2_7_linux_arm64.tar.gz`;
    case 'darwin-x64':
      return `${base}cpu-darwin-x86_64-${packageLibrary}.tar.gz`;
    case 'darwin-arm64':
      return `${host}tf-builds/libtensorflow_r2_7_darwin_arm64_cpu.tar.gz`;
    case 'win32-x64':
      return `${base}cpu-windows-x86_64-${packageLibrary}.zip`;
    default:
      return null;
  }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

/** A Python wheel that holds libtensorflow as a shared library with the headers of its C API. */
export interface Wheel {
  /** Name on PyPI. */
  readonly project: string;
  readonly version: string;
  /** pip's name for the machine, https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/ */
  readonly platformTag: string;
  readonly downloadBytes: number;
  /** Unpacked, of what is kept. */
  readonly diskBytes: number;
  /** File names in the wheel's `tensorflow` folder. */
  readonly libraries: readonly string[];
}

const wheelVersion = '2.21.0';
const linuxLibraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;
const macLibraries = ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'] as const;

/**
 * The wheel for a machine; null where no wheel has the library. Only linux-x64 has been installed
 * and trained on; of the others it is known that the wheels exist. Wheels for Windows hold the
 * library only inside a Python module, and there are none for Intel Macs.
 */
export function wheelFor({ platform, arch }: Machine): Wheel | null {
  switch (`${platform}-${arch}`) {
    case 'linux-x64':
      return {
        project: 'tensorflow-cpu',
        version: wheelVersion,
        platformTag: 'manylinux_2_27_x86_64',
        downloadBytes: 273_829_956,
        diskBytes: 855_000_000,
        libraries: linuxLibraries,
      };
    case 'linux-arm64':
      return {
        project: 'tensorflow',
        version: wheelVersion,
        platformTag: 'manylinux_2_27_aarch64',
        downloadBytes: 275_000_000,
        diskBytes: 900_000_000,
        libraries: linuxLibraries,
      };
    case 'darwin-arm64':
      return {
        project: 'tensorflow',
        version: wheelVersion,
        platformTag: 'macosx_12_0_arm64',
        downloadBytes: 223_400_000,
        diskBytes: 800_000_000,
        libraries: macLibraries,
      };
    default:
      return null;
  }
}

/** npm packages without their source maps, and room to work in. */
export const packagesBytes = 350_000_000;
/** The unpacked size of the install script's archive. */
export const archiveDiskBytes = 500_000_000;
export const npmPackage = { name: '@tensorflow/tfjs-node', version: tfjsVersion } as const;

/** What was found on the machine. */
export interface Findings {
  readonly npm: boolean;
  /** The archive's host: its size where it answers, else why it does not. */
  readonly archive:
    | { readonly reachable: true; readonly bytes: number | null }
    | { readonly reachable: false; readonly cause: string };
  readonly wheel: Wheel | null;
  readonly python: boolean;
  readonly compiler: string | null;
}

export type Source = 'package' | 'wheel';
type WheelObstacle = 'nativeNoWheel' | 'nativeNoPython' | 'nativeNoCompiler';

/** The ways that are open, best first. */
export function openSources(findings: Findings): Source[] {
  if (!findings.npm) return [];
  const sources: Source[] = [];
  if (findings.archive.reachable) sources.push('package');
  if (wheelObstacle(findings) === null) sources.push('wheel');
  return sources;
}

/** Why the wheel cannot be used; null where it can. */
export function wheelObstacle({ wheel, python, compiler }: Findings): WheelObstacle | null {
  if (!wheel) return 'nativeNoWheel';
  if (!python) return 'nativeNoPython';
  return compiler === null ? 'nativeNoCompiler' : null;
}
