import type { Readable, Writable } from 'node:stream';

const lookEveryMs = 500;

/**
 * Receives a process's signs of life, and reports once when none came for too long: it was stopped, or
 * hangs as a whole. Time is counted in looks of this process, so that a machine that was suspended
 * does not count. A process that has never shown one is not expected to.
 */
export class Heartbeat {
  readonly #pipe: Readable | Writable | null | undefined;
  #missed: number | null = null;
  readonly #timer: NodeJS.Timeout;

  constructor(
    pipe: Readable | Writable | null | undefined,
    silentMs: number,
    onSilent: () => void,
  ) {
    this.#pipe = pipe;
    pipe?.on('data', () => {
      this.#missed = 0;
    });
    pipe?.on('error', () => undefined);
    const most = Math.ceil(silentMs / lookEveryMs);
    this.#timer = setInterval(() => {
      if (this.#missed === null || ++this.#missed <= most) return;
      this.stop();
      onSilent();
    }, lookEveryMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#pipe?.destroy();
  }
}
