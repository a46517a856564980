import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { WatchdogData } from './watchdog';

/** How a training process ends, and that nothing of it is left. */

/** The process that started this one. */
const starter = process.ppid;
const exit = process.exit.bind(process);
let watchdog: Worker | null = null;

/** Argument that names the pipe for signs of life. */
const heartbeatArgument = /^--heartbeat=(\d+)$/;

/**
 * Starts the thread that ends this process once its starter has ended, whatever the main thread does.
 * Without the thread's file (code that is not bundled) there is none. Resolves once the thread has
 * shown the first sign of life, or is lost.
 */
export async function watchStarter(threadFile: string): Promise<void> {
  if (!existsSync(threadFile)) return;
  const pipe = process.argv.map((each) => heartbeatArgument.exec(each)?.[1]).find(Boolean);
  const workerData: WatchdogData = { starter, heartbeat: pipe === undefined ? null : Number(pipe) };
  watchdog = new Worker(threadFile, {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  });
  const thread = watchdog;
  await new Promise<void>((resolve) => {
    // Without it the process still ends with its channel.
    const lost = () => {
      watchdog = null;
      resolve();
    };
    thread
      .on('error', lost)
      .on('exit', lost)
      .once('message', () => {
        resolve();
      });
    thread.unref();
  });
}

/** Ends the process once the channel to its starter is closed. */
export function leave(): void {
  // The kernel closes the channel of a process that is killed a moment before it gives away its
  // children; the watchdog ends them, with this process.
  setTimeout(() => {
    if (watchdog === null || process.ppid === starter) exit(0);
    setTimeout(() => exit(0), 2000);
  }, 50);
}

/** Ends the process. */
export function end(code: number): never {
  return exit(code);
}

/**
 * Keeps code of the workspace from ending the process: `process.exit` and `process.abort` throw an error
 * that says so.
 */
export function refuseToBeEnded(): void {
  process.exit = (code) => {
    throw new Error(`it called process.exit(${code ?? ''})`);
  };
  process.abort = () => {
    throw new Error('it called process.abort()');
  };
}

/** Removes a folder of the process that started this one, at the end, if that one has ended. */
export function removeIfOrphaned(folder: string): void {
  watchdog?.postMessage(folder);
  process.on('exit', () => {
    if (process.ppid !== starter) rmSync(folder, { recursive: true, force: true });
  });
}

/** A folder for data that is unpacked, removed when this process ends. */
export function temporaryDataFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), `batchwise-data-${process.pid}-`));
  watchdog?.postMessage(folder);
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
