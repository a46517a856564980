import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { RunningTrainer } from './trainer';

/** Lets a process have so many more bytes of data than it has now (Linux, with prlimit). */
export function limitData({ child }: RunningTrainer, moreBytes: number): void {
  const limits = readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8');
  const used = Number(/^VmData:\s*(\d+) kB$/m.exec(limits)?.[1]) * 1024;
  execFileSync('prlimit', ['--pid', String(child.pid), `--data=${used + moreBytes}`]);
}
