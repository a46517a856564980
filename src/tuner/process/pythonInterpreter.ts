import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { fail, ok, type Result } from '../../core/text/problem';
import { firstLine } from '../../core/text/errorText';

const run = promisify(execFile);
const oldest = [3, 9] as const;

/** A Python that runs scripts. */
export interface PythonInterpreter {
  readonly path: string;
  readonly version: string;
  /** What led to it: the config, the caller (an editor's choice), a `.venv` on the way up, PATH. */
  readonly source: 'config' | 'editor' | 'environment' | 'path';
}

interface InterpreterSearch {
  /** As the config names it; relative to the config's folder. */
  readonly configured?: string | undefined;
  /** The caller's choice where the config names none. */
  readonly chosen?: string | null | undefined;
  /** Absolute folder where the search for an environment begins. */
  readonly folder: string;
  /** Absolute folder where it ends. */
  readonly root: string;
}

/**
 * Which Python runs a script: the config's, else the caller's, else that of the nearest `.venv` (or
 * `venv`) between the script and the root, else `python3` on PATH.
 */
export async function findPython(search: InterpreterSearch): Promise<Result<PythonInterpreter>> {
  const { configured, chosen, folder } = search;
  if (configured !== undefined) {
    const named = /[\\/]/.test(configured) ? path.resolve(folder, configured) : configured;
    return checked(named, 'config');
  }
  if (chosen !== undefined && chosen !== null) return checked(chosen, 'editor');
  const environment = nearestEnvironment(search);
  if (environment !== null) return checked(environment, 'environment');
  for (const name of process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python']) {
    const found = await checked(name, 'path');
    if (found.ok || found.problem.reason === 'pythonTooOld') return found;
  }
  return fail('pythonInterpreterNone');
}

/** The Python of the nearest virtual environment on the way from a folder up to the root. */
export function nearestEnvironment({
  folder,
  root,
}: Pick<InterpreterSearch, 'folder' | 'root'>): string | null {
  const within = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  for (let each = folder; ; each = path.dirname(each)) {
    for (const name of ['.venv', 'venv']) {
      const file = path.join(each, name, ...within);
      if (existsSync(file)) return file;
    }
    if (each === root || each === path.dirname(each)) return null;
  }
}

const examinationSchema = z.object({
  version: z.string(),
  frameworks: z.record(z.string(), z.string()),
  devices: z.array(z.string()),
});

/** What an interpreter has: frameworks by version, and the GPUs that PyTorch sees. */
type PythonExamination = z.infer<typeof examinationSchema> & { readonly path: string };

/** Asks the Python that would run scripts of a folder what it has; imports PyTorch for that. */
export async function examinePython(search: InterpreterSearch): Promise<Result<PythonExamination>> {
  const python = await findPython(search);
  if (!python.ok) return python;
  const { path: file } = python.value;
  try {
    const { stdout } = await run(file, [pythonFile('doctor.py')], {
      timeout: 60_000,
      windowsHide: true,
    });
    return ok({ path: file, ...examinationSchema.parse(JSON.parse(stdout)) });
  } catch (error) {
    return fail('pythonInterpreterBroken', { path: file, cause: firstLine(error) });
  }
}

/** A file of `python/`, beside the folder of the bundles, of which this may be one or lie in one. */
export function pythonFile(name: string): string {
  const candidates = ['..', '../..', '../../..'].map((up) =>
    path.join(__dirname, up, 'python', name),
  );
  return candidates.find((file) => existsSync(file)) ?? candidates[0] ?? name;
}

async function checked(
  file: string,
  source: PythonInterpreter['source'],
): Promise<Result<PythonInterpreter>> {
  try {
    const { stdout } = await run(
      file,
      ['-c', 'import platform; print(platform.python_version())'],
      {
        timeout: 20_000,
        windowsHide: true,
      },
    );
    const version = stdout.trim();
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const isOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
    return isOld
      ? fail('pythonTooOld', { path: file, version })
      : ok({ path: file, version, source });
  } catch (error) {
    return fail('pythonInterpreterBroken', { path: file, cause: firstLine(error) });
  }
}
