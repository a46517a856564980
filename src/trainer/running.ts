import type { Running } from '../protocol/trainer';

let tell: (running: Running | null) => void = () => undefined;

/** Calls `listener` with what is about to run, and with null once that has ended. */
export function onRunning(listener: (running: Running | null) => void): void {
  tell = listener;
}

/** Does what may never end, or may end the process, and tells so: code of the workspace, or reading data. */
export async function told<T>(running: Running, work: () => T): Promise<Awaited<T>> {
  tell(running);
  try {
    return await work();
  } finally {
    tell(null);
  }
}
