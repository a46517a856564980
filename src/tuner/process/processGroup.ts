import { execFile, type ChildProcess } from 'node:child_process';

export type EndSignal = 'SIGTERM' | 'SIGKILL';

/**
 * Sends a signal to the group that a process leads; on Windows, ends the process and whatever it
 * started. False where there is no such group.
 */
export function signalGroup(
  pid: number | null | undefined,
  signal: EndSignal,
  onWindowsEnd: () => void = () => undefined,
): boolean {
  // -1 would signal every process.
  if (typeof pid !== 'number' || pid <= 1) return false;
  if (process.platform === 'win32') {
    // https://learn.microsoft.com/windows-server/administration/windows-commands/taskkill
    execFile('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true }, onWindowsEnd);
    return true;
  }
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/**
 * Kills a process and whatever it started. On POSIX it must lead a group of its own (`detached`), so
 * that nothing else is in it; the group outlives its leader, and this ends what is left of it, too.
 */
export function killGroup(child: ChildProcess): void {
  const killAlone = () => child.kill('SIGKILL');
  // The group may be empty, or there is none.
  if (!signalGroup(child.pid, 'SIGKILL', killAlone)) killAlone();
}
