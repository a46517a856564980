import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { BackendName, WorkspaceEngine } from '../core/sweep/result';

/** A workspace as far as its packages are concerned. */
export interface WorkspaceFolder {
  /** Absolute path of the config. */
  readonly configFile: string;
  /** Absolute folder; packages above it are not the workspace's. */
  readonly root: string;
}

type NamedEngine = Pick<WorkspaceEngine, 'package' | 'engine'>;

const engines: readonly NamedEngine[] = [
  { package: '@tensorflow/tfjs-node-gpu', engine: 'tensorflow' },
  { package: '@tensorflow/tfjs-node', engine: 'tensorflow' },
  { package: '@tensorflow/tfjs-backend-webgpu', engine: 'webgpu' },
  { package: '@tensorflow/tfjs-backend-wasm', engine: 'wasm' },
  { package: '@tensorflow/tfjs-backend-webgl', engine: 'webgl' },
];
/** Alone, it is the browser's build, which trains on WebGL; beside others, they decide. */
const browserBuild: NamedEngine = { package: '@tensorflow/tfjs', engine: 'webgl' };

const dependencyKeys = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

/**
 * The engine that a workspace itself trains with: the first package.json from the config's folder
 * up to the root that names one decides. Null when none does, or when it names several, between
 * which its code chooses. Broken files are passed over.
 */
export function workspaceEngine({ configFile, root }: WorkspaceFolder): NamedEngine | null {
  for (const folder of foldersUpToRoot(path.dirname(configFile), root)) {
    const names = dependenciesIn(path.join(folder, 'package.json'));
    const found = engines.filter((engine) => names.has(engine.package));
    const [first] = found;
    if (first) return found.every(({ engine }) => engine === first.engine) ? first : null;
    if (names.has(browserBuild.package)) return browserBuild;
  }
  return null;
}

/**
 * Backends in the order `auto` tries them, for what the workspace trains with: its own engine
 * first. A browser's WebGL computes on the GPU, which WebGPU reaches too and is first anyway.
 */
export function inOrderOf<T extends { readonly name: BackendName }>(
  backends: readonly T[],
  engine: NamedEngine | null,
): T[] {
  const own = backends.filter(({ name }) => name === engine?.engine);
  return [...own, ...backends.filter((backend) => !own.includes(backend))];
}

/** A folder and those above it, as far as the root; the root alone where the folder is not below it. */
export function foldersUpToRoot(start: string, root: string): string[] {
  const relative = path.relative(root, start);
  if (relative.startsWith('..') || path.isAbsolute(relative)) return [root];
  const parts = relative === '' ? [] : relative.split(path.sep);
  return Array.from({ length: parts.length + 1 }, (_, above) =>
    path.join(root, ...parts.slice(0, parts.length - above)),
  );
}

/** Larger files are no manifest that a person wrote. */
const mostBytes = 2 ** 24;

function dependenciesIn(manifest: string): Set<string> {
  try {
    // Reading from a pipe may never end.
    const found = statSync(manifest);
    if (!found.isFile() || found.size > mostBytes) return new Set();
    const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
    if (typeof content !== 'object' || content === null) return new Set();
    const read = content as Partial<Record<(typeof dependencyKeys)[number], unknown>>;
    return new Set(
      dependencyKeys.flatMap((key) => {
        const listed = read[key];
        return typeof listed === 'object' && listed !== null ? Object.keys(listed) : [];
      }),
    );
  } catch {
    return new Set();
  }
}
