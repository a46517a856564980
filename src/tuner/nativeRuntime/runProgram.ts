import { spawn } from 'node:child_process';

export interface ProgramOptions {
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Needed for `npm.cmd` on Windows, whose arguments must then be harmless to a shell. */
  readonly shell?: boolean | undefined;
  /** Called with each line as it is written, of stdout and stderr alike. */
  readonly onLine?: ((line: string) => void) | undefined;
}

interface ProgramEnd {
  /** 0 for success; null when it could not be started, was cancelled or took too long. */
  readonly code: number | null;
  readonly stdout: string;
  /** The last that it wrote to stderr. */
  readonly stderr: string;
}

const stderrKept = 8000;

/** Runs a program to its end, or ends it with everything that it started. Never rejects. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramEnd> {
  const { signal } = options;
  if (signal?.aborted) return Promise.resolve({ code: null, stdout: '', stderr: '' });
  return new Promise((resolve) => {
    const grouped = process.platform !== 'win32';
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      shell: options.shell ?? false,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that compilers under npm end with it.
      detached: grouped,
      windowsHide: true,
    });
    let stdout = '';
    let stderr = '';
    let ended = false;
    const end = () => {
      ended = true;
      if (child.pid === undefined) return;
      try {
        if (grouped) process.kill(-child.pid, 'SIGKILL');
        else child.kill('SIGKILL');
      } catch {
        // It has ended by itself meanwhile.
      }
    };
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(end, options.timeoutMs);
    signal?.addEventListener('abort', end);
    const lines = (text: string) => {
      for (const line of text.split(/[\r\n]+/)) if (line.trim() !== '') options.onLine?.(line);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      lines(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-stderrKept);
      lines(text);
    });
    const done = (code: number | null) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve({ code: ended ? null : code, stdout, stderr });
    };
    child.once('error', (error) => {
      stderr += error.message;
      done(null);
    });
    child.once('close', (code) => {
      done(code);
    });
  });
}

/** The line of a program's output that best explains why it failed. */
export function tellingLine({ stdout, stderr }: ProgramEnd): string {
  const lines = `${stdout}\n${stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(at |npm (warn|notice))/i.test(line));
  const found = lines.findLast((line) => /error|fatal|cannot|not found/i.test(line));
  return (found ?? lines.at(-1) ?? 'it wrote nothing').slice(0, 300);
}
