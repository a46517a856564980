import { rmSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { isAlive } from '../protocol/isAlive';

/**
 * A thread that looks after the training process from beside its event loop, which code of the
 * workspace may block for ever: it shows that the process runs, and ends the process, with all that
 * it started, where the one that started it is gone.
 */
export interface WatchdogData {
  /** The process that started this one. */
  readonly starter: number;
  /** A pipe to it, for a sign of life at each look; null where there is none. */
  readonly heartbeat: number | null;
}

const lookEveryMs = 250;

const { starter, heartbeat } = workerData as WatchdogData;
const folders: string[] = [];

parentPort?.on('message', (folder: string) => {
  folders.push(folder);
});

/** False where the pipe has no reader any more. */
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
    // The group that this process leads: children of the workspace's code end with it.
    // -1 would be every process there is.
    if (process.platform !== 'win32' && process.pid > 1) process.kill(-process.pid, 'SIGKILL');
  } catch {
    // It leads none.
  }
  process.kill(process.pid, 'SIGKILL');
}

function look(): void {
  if (!showLife() || !starterLives()) endAll();
}

look();
parentPort?.postMessage('looking');
setInterval(look, lookEveryMs);
