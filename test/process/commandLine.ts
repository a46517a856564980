import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { expect } from 'vitest';
import { buildWorker } from './buildWorker';

/** The terminal's command, bundled beside its training process; returns its path. */
export async function buildCommandLine(): Promise<string> {
  const worker = await buildWorker();
  const outfile = path.join(path.dirname(worker), 'cli.js');
  await build({
    entryPoints: ['src/cli/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    logLevel: 'warning',
  });
  await cp('python', path.resolve(outfile, '../../python'), { recursive: true });
  return outfile;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Its own temporary folder: what is left there is left by it. */
  readonly temporary: string;
  stdout(): string;
  stderr(): string;
  /** Exit code or signal, once it has ended and nothing holds its pipes. */
  readonly ended: Promise<number | string>;
}

/** Never 0, 1 or negative: a signal to those goes to many processes. */
function idOf({ pid }: ChildProcess): number {
  if (pid === undefined || pid <= 1) throw new Error('The process did not start.');
  return pid;
}

const running = new Set<ChildProcess>();

/** Starts the command in a folder. */
export function runCommand(
  commandLine: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
  /** A program that runs it, such as one that sets limits. */
  runner: readonly string[] = [],
): RunningCommand {
  const temporary = mkdtempSync(path.join(tmpdir(), 'batchwise-own-'));
  const [program = '', ...rest] = [...runner, process.execPath, commandLine, ...args];
  const child = spawn(program, rest, {
    cwd,
    env: { ...process.env, LANG: 'en_US.UTF-8', LC_ALL: '', TMPDIR: temporary, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text.stdout += more));
  child.stderr.setEncoding('utf8').on('data', (more: string) => (text.stderr += more));
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => {
    running.delete(child);
    return (code ?? signal) as number | string;
  });
  return {
    child,
    pid: idOf(child),
    temporary,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    ended,
  };
}

/** Ends every command still running, by its own id. */
export function endCommands(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** A folder with these files; objects are written as JSON. */
export function folderOf(files: Readonly<Record<string, string | Buffer | object>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'batchwise-faults-'));
  for (const [name, content] of Object.entries(files)) {
    const isRaw = typeof content === 'string' || Buffer.isBuffer(content);
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), isRaw ? content : JSON.stringify(content));
  }
  return folder;
}

/** Ids of the processes that a process started and that still run. */
export function childrenOf(pid: number): number[] {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,comm=']).toString();
  return listed.split('\n').flatMap((line) => {
    const [id, parent, state = '', command = ''] = line.trim().split(/\s+/);
    const isChild = Number(parent) === pid && !state.startsWith('Z') && command !== 'ps';
    return isChild ? [Number(id)] : [];
  });
}

/** Waits until the command's training process runs; gives its id. */
export async function trainingProcessOf(command: RunningCommand): Promise<number> {
  let pid: number | undefined;
  await expect
    .poll(() => (pid = childrenOf(command.pid)[0]), { timeout: 30_000 })
    .toBeGreaterThan(1);
  if (pid === undefined) throw new Error('There is no training process.');
  return pid;
}

export function isAlive(pid: number): boolean {
  if (pid <= 1) throw new Error(`${pid} is no process of a test.`);
  try {
    process.kill(pid, 0);
    // A zombie has ended; whoever started it has not looked yet.
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)])
      .toString()
      .startsWith('Z');
  } catch {
    return false;
  }
}

/** Waits until a process is gone. */
export async function gone(pid: number, timeout = 20_000): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout }).toBe(false);
}

/** Data folders that are left in the temporary folder of a command. */
export function leftovers({ temporary }: RunningCommand): string[] {
  return readdirSync(temporary).filter((name) => /^batchwise-(data|doctor)-/.test(name));
}

/** Rows of two noisy classes. */
export function csv(rows = 240): string {
  const lines = Array.from({ length: rows }, (_, index) => {
    const side = index % 2 === 0 ? 0.8 : -0.8;
    const values = [1.3, 2.3, 3.3].map((factor) => (Math.sin(index * factor) + side).toFixed(4));
    return [...values, index % 2 === 0 ? 'left' : 'right'].join(',');
  });
  return ['a,b,c,side', ...lines].join('\n');
}

export const denseConfig = {
  model: {
    layers: [
      { className: 'Dense', config: { units: 8, activation: 'relu' } },
      { className: 'Dense', config: { units: 2, activation: 'softmax' } },
    ],
  },
  data: { train: 'data.csv', label: 'side' },
  training: { loss: 'categoricalCrossentropy', batchSize: 16, learningRate: 0.01 },
};

/** A config whose data is what a module exports; `load` is the body of its function. */
export function moduleFolder(load: string, before = ''): string {
  return folderOf({
    'data.mjs': `${before}\nexport function load(tf) { ${load} }`,
    'batchwise.json': {
      ...denseConfig,
      data: { train: 'data.mjs' },
      training: { ...denseConfig.training, loss: 'sparseCategoricalCrossentropy' },
    },
  });
}

/** Data of two classes, as the body of a module's `load`. */
export const twoClasses = `const count = 240;
  return {
    x: tf.randomUniform([count, 3], -1, 1, 'float32', 1),
    y: tf.tensor1d(Array.from({ length: count }, (_, index) => index % 2), 'int32'),
  };`;
