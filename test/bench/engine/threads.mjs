import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';

/**
 * Holds a process to one thread or gives it all: by the variables that libtensorflow, oneDNN and
 * PyTorch read, and on Linux by affinity to one core as well, which binds whatever they do not.
 */

export const cores = os.availableParallelism();

const variables = [
  'TF_NUM_INTRAOP_THREADS',
  'TF_NUM_INTEROP_THREADS',
  'OMP_NUM_THREADS',
  'MKL_NUM_THREADS',
];

/** The first core that this process may run on, where `taskset` can bind others to it. */
const core = (() => {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
    const status = readFileSync('/proc/self/status', 'utf8');
    return /^Cpus_allowed_list:\s*(\d+)/m.exec(status)?.[1] ?? null;
  } catch {
    return null;
  }
})();

/** How one thread is kept, for the report. */
export const pinnedBy = core === null ? 'environment variables' : `core ${core}`;

/** A command with its environment, so that it runs on so many threads: 1, or all cores. */
export function onThreads(threads, command, environment = {}) {
  const env = { ...process.env, ...environment };
  for (const name of variables) env[name] = `${threads}`;
  const pinned = threads === 1 && core !== null;
  return { command: pinned ? ['taskset', '-c', core, ...command] : command, env };
}
