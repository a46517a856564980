import path from 'node:path';
import { runProgram, type ProgramOptions } from './runProgram';

/** A program with the arguments that come before all others. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly shell?: boolean;
  /** What it calls itself, for people. */
  readonly title: string;
}

type Candidate = Omit<Program, 'title'>;
const askMs = 20_000;

/** npm: the one that started this process, else the one on PATH. */
export function findNpm(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<Program | null> {
  const own = env['npm_execpath'];
  const onPath: Candidate =
    process.platform === 'win32' ? { file: 'npm.cmd', args: [], shell: true } : plain('npm');
  const beside: Candidate[] =
    own && path.basename(own).startsWith('npm-cli')
      ? [{ file: process.execPath, args: [own] }]
      : [];
  return firstAnswering([...beside, onPath], ['--version'], () => 'npm', { signal });
}

/** A Python 3 that has pip. */
export function findPip(signal?: AbortSignal): Promise<Program | null> {
  const pythons = [plain('python3'), plain('python'), { file: 'py', args: ['-3'] }];
  return firstAnswering(
    pythons.map(({ file, args }) => ({ file, args: [...args, '-m', 'pip'] })),
    ['--version'],
    (answer) => (/\(python 3\./.test(answer) ? answer.split(' from ')[0] : undefined),
    { signal },
  );
}

/** The Python that a pip belongs to. */
export function pythonOf({ file, args, title }: Program): Program {
  return { file, args: args.slice(0, -2), title };
}

/** A C++ compiler that takes the options of GCC and Clang: `CXX`, else the usual names. */
export function findCompiler(
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<Program | null> {
  // CXX may carry options, as in "ccache g++".
  const [file, ...args] = (env['CXX'] ?? '').split(/\s+/).filter(Boolean);
  const chosen = file === undefined ? [] : [{ file, args }];
  const usual = ['c++', 'g++', 'clang++'].map(plain);
  return firstAnswering([...chosen, ...usual], ['--version'], (answer) => answer.split('\n')[0], {
    signal,
  });
}

function plain(file: string): Candidate {
  return { file, args: [] };
}

async function firstAnswering(
  candidates: readonly Candidate[],
  question: readonly string[],
  titleIn: (answer: string) => string | undefined,
  options: ProgramOptions,
): Promise<Program | null> {
  for (const candidate of candidates) {
    const { code, stdout } = await runProgram(candidate.file, [...candidate.args, ...question], {
      ...options,
      shell: candidate.shell,
      timeoutMs: askMs,
    });
    const title = code === 0 ? titleIn(stdout.trim()) : undefined;
    if (title !== undefined) return { ...candidate, title };
  }
  return null;
}
