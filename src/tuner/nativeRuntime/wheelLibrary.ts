import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { problem, ProblemError } from '../../core/text/problem';
import { pythonOf, type Program } from './programs';
import { runProgram, tellingLine } from './runProgram';
import type { Wheel } from './sources';

const pollMs = 500;

/** The headers that the addon includes lie in these folders of the wheel. */
const headerFolders = [
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/',
  'tensorflow/include/tsl/platform/',
  'tensorflow/include/xla/tsl/c/',
];

/**
 * Copies members of a wheel piece by piece: the library is far too large to hold. Arguments: the
 * wheel, the library folder, the include folder, the names of libraries, a bar, the header folders.
 */
const unpackScript = `
import os, shutil, sys, zipfile
wheel, lib, include, *rest = sys.argv[1:]
bar = rest.index('|')
libraries, headers = rest[:bar], tuple(rest[bar + 1:])
def copy(member, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with archive.open(member) as source, open(target, 'wb') as out:
        shutil.copyfileobj(source, out, 1 << 20)
with zipfile.ZipFile(wheel) as archive:
    for member in archive.infolist():
        name = member.filename
        if '..' in name.split('/') or name.endswith('/'):
            continue
        if name in ['tensorflow/' + each for each in libraries]:
            copy(member, os.path.join(lib, os.path.basename(name)))
        elif name == 'tensorflow/THIRD_PARTY_NOTICES.txt':
            copy(member, os.path.join(lib, '..', os.path.basename(name)))
        elif name.startswith(headers):
            copy(member, os.path.join(include, *name.split('/')[2:]))
`;

interface WheelDownload {
  readonly wheel: Wheel;
  readonly pip: Program;
  /** An empty folder for the download and pip's own temporary files. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/**
 * Downloads a wheel with pip, from wherever the person's pip is set to look; returns its path.
 * Whichever Python pip runs on, it takes the wheel of Python 3.11: only the library in it is used.
 */
export async function downloadWheel(
  { wheel, pip, folder, signal, log }: WheelDownload,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const temporary = path.join(folder, 'tmp');
  const target = path.join(folder, 'wheel');
  await mkdir(temporary, { recursive: true });
  await mkdir(target);
  const options = [
    ...['--no-deps', '--only-binary=:all:', '--no-cache-dir', '--progress-bar', 'off'],
    ...['--disable-pip-version-check', '--retries', '2', '--timeout', '30'],
    ...['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'],
    ...['--platform', wheel.platformTag, '--dest', target],
  ];
  const poll = setInterval(() => {
    void bytesIn(folder).then(onBytes);
  }, pollMs);
  try {
    const ended = await runProgram(
      pip.file,
      [...pip.args, 'download', ...options, `${wheel.project}==${wheel.version}`],
      {
        // pip downloads into its temporary folder first: there its progress can be seen.
        env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
        signal,
        onLine: log,
      },
    );
    const [name] = (await readdir(target)).filter((each) => each.endsWith('.whl'));
    if (ended.code !== 0 || name === undefined) {
      const cause = tellingLine(ended);
      throw new ProblemError(problem('nativeStepFailed', { program: 'pip', cause }));
    }
    return path.join(target, name);
  } finally {
    clearInterval(poll);
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Puts a wheel's libraries and headers where the package looks for them, its `deps` folder. */
export async function unpackLibrary(
  { wheel, pip, signal, log }: WheelDownload,
  file: string,
  deps: string,
): Promise<void> {
  const python = pythonOf(pip);
  const lib = path.join(deps, 'lib');
  const where = [file, lib, path.join(deps, 'include')];
  const members = [...wheel.libraries, '|', ...headerFolders];
  const ended = await runProgram(
    python.file,
    [...python.args, '-c', unpackScript, ...where, ...members],
    { signal, onLine: log },
  );
  if (ended.code !== 0) {
    const values = { program: 'Python', cause: tellingLine(ended) };
    throw new ProblemError(problem('nativeStepFailed', values));
  }
  const found = await readdir(lib).catch((): string[] => []);
  const missing = wheel.libraries.filter((name) => !found.includes(name));
  if (missing.length > 0) {
    const values = { wheel: path.basename(file), missing: missing.join(', ') };
    throw new ProblemError(problem('nativeWheelIncomplete', values));
  }
}

/** Bytes of all files under a folder; files that go away meanwhile count nothing. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(path.join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
