import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { RunningTrainer } from './trainer';

/** What a limit on a process needs that is missing here; null where nothing is. */
export const noPrlimit: string | null = (() => {
  if (process.platform !== 'linux') return 'needs Linux';
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'needs prlimit (util-linux)';
  }
})();

/** Lets a process have so many more bytes of data than it has now (Linux, with prlimit). */
export function limitData({ child }: RunningTrainer, moreBytes: number): void {
  const limits = readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8');
  const used = Number(/^VmData:\s*(\d+) kB$/m.exec(limits)?.[1]) * 1024;
  execFileSync('prlimit', ['--pid', String(child.pid), `--data=${used + moreBytes}`]);
}
