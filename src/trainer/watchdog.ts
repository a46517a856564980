import { rmSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { isAlive } from '../protocol/isAlive';

/**
 * A thread that watches the training process independently of its event loop, which code of the
 * workspace may block forever: it sends signs of life, and ends the process, with everything that
 * it started, once its starter has ended.
 */
export interface WatchdogData {
  /** The process that started this one. */
  readonly starter: number;
  /** A pipe to it, for a sign of life at each check; null where there is none. */
  readonly heartbeat: number | null;
}

const lookEveryMs = 250;

const { starter, heartbeat } = workerData as WatchdogData;
const folders: string[] = [];

parentPort?.on('message', (folder: string) => {
  folders.push(folder);
});

/** False once the pipe has no reader. */
function showLife(): boolean {
  if (heartbeat === null) return true;
  try {
    writeSync(heartbeat, '.');
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
  }
}

function starterLives(): boolean {
  // An orphan goes to another parent, except on Windows.
  return process.ppid === starter && isAlive(starter);
}

function endAll(): void {
  for (const folder of folders) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // The next sweep removes it.
    }
  }
  try {
    // The group that this process leads, so that children of the workspace's code end too.
    // -1 would signal every process.
    if (process.platform !== 'win32' && process.pid > 1) process.kill(-process.pid, 'SIGKILL');
  } catch {
    // It leads no group.
  }
  process.kill(process.pid, 'SIGKILL');
}

function look(): void {
  if (!showLife() || !starterLives()) endAll();
}

look();
parentPort?.postMessage('looking');
setInterval(look, lookEveryMs);
