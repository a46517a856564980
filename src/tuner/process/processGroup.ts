import { execFile, type ChildProcess } from 'node:child_process';

/**
 * Kills a process and whatever it started. On POSIX it must lead a group of its own (`detached`), so
 * that nothing else is in it; the group outlives its leader, and this ends what is left of it, too.
 */
export function killGroup(child: ChildProcess): void {
  const { pid } = child;
  // -1 would signal every process.
  if (pid === undefined || pid <= 1) return;
  if (process.platform === 'win32') {
    // https://learn.microsoft.com/windows-server/administration/windows-commands/taskkill
    execFile('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true }, () => {
      child.kill('SIGKILL');
    });
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is empty, or there is none.
    child.kill('SIGKILL');
  }
}
