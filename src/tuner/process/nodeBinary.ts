import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fail, ok, type Problem, type Result } from '../../core/text/problem';

const run = promisify(execFile);
const oldestNode = 20;

/** An executable that runs the training process. */
export interface NodeBinary {
  readonly path: string;
  /** Without the leading v. */
  readonly version: string;
  /** The executable is Electron, which runs as Node only when an environment variable says so. */
  readonly isElectron: boolean;
  /** What led to it: the person's setting, PATH, or that it runs this process. */
  readonly source: 'setting' | 'path' | 'own';
  /** Why the `node` on PATH is not it; null where it is, or was not asked. */
  readonly passedOver: Problem | null;
}

const probed = new Map<string, Promise<Result<string>>>();

/**
 * Which Node trains: the person's setting, else `node` on PATH, else the executable this runs on
 * (on the desktop that is Electron, run as Node: GPU backends cannot load there). Node must be 20
 * or newer. A version is asked once per executable.
 */
export async function findNode(setting: string | null = null): Promise<Result<NodeBinary>> {
  if (setting !== null && setting.trim() !== '') {
    const version = await versionOf(setting);
    return version.ok
      ? ok({
          path: setting,
          version: version.value,
          isElectron: false,
          source: 'setting',
          passedOver: null,
        })
      : version;
  }
  const onPath = await versionOf('node');
  return onPath.ok
    ? ok({
        path: 'node',
        version: onPath.value,
        isElectron: false,
        source: 'path',
        passedOver: null,
      })
    : ok({ ...ownNode(), passedOver: onPath.problem });
}

/** The executable that runs this process. */
function ownNode(): NodeBinary {
  return {
    path: process.execPath,
    version: process.versions.node,
    isElectron: 'electron' in process.versions,
    source: 'own',
    passedOver: null,
  };
}

function versionOf(file: string): Promise<Result<string>> {
  const known = probed.get(file);
  if (known) return known;
  const asked = askVersion(file).then((version) => {
    // What is missing now may be installed later.
    if (!version.ok) probed.delete(file);
    return version;
  });
  probed.set(file, asked);
  return asked;
}

async function askVersion(path: string): Promise<Result<string>> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 10_000, windowsHide: true });
    const version = /^v(\d+)\.\S+/.exec(stdout.trim());
    if (!version) {
      return fail('nodeSettingMissing', { path, cause: 'causeNotNode' });
    }
    const plain = version[0].slice(1);
    return Number(version[1]) < oldestNode
      ? fail('nodeTooOld', { path, version: plain })
      : ok(plain);
  } catch (error) {
    const cause = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return fail('nodeSettingMissing', { path, cause });
  }
}
