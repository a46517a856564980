import { exitCode } from './exitCode';

/**
 * Signals that end the command, heard from its first moment on: it is imported before all else. The
 * first asks the command to end, which may take it some seconds; a second ends it at once. Training
 * processes end with it either way.
 */
const abort = new AbortController();

/** A command that has not ended so long after it was asked to is ended. */
const patienceMs = 15_000;

/** Aborted once the person has asked the command to end. */
export const interruption = abort.signal;

/** Resolves some time after the interruption, for commands that do not hear it. */
export const outOfPatience = new Promise<void>((resolve) => {
  interruption.addEventListener('abort', () => {
    setTimeout(resolve, patienceMs).unref();
  });
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interruption.aborted) process.exit(exitCode.cancelled);
    abort.abort();
  });
}

// A file that may not grow is an error of its write. Without a listener of ours, signal-exit (which
// comes with the lock's library) would end the command.
if (process.platform !== 'win32') process.on('SIGXFSZ', () => undefined);
