import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { fail, ok, type Result } from '../../core/text/problem';

/**
 * One sweep runs on a machine at a time: two would measure each other. The lock is a file in a
 * temporary folder of the user; that of a process that died goes stale by itself.
 */
export interface MachineLock {
  release(): Promise<void>;
}

export interface LockOptions {
  /** What is being tuned, told to whoever waits. */
  readonly owner: string;
  /** Called once when somebody else holds the lock; returning false gives up. */
  readonly onBusy?: (owner: string) => boolean | Promise<boolean>;
  readonly signal?: AbortSignal;
  /** Default: a folder of the user's own in the system's temporary folder. */
  readonly folder?: string;
  readonly pollMs?: number;
}

const staleMs = 15_000;

/** Takes the lock; a sweep that runs already is waited for when `onBusy` says so, else refused. */
export async function lockMachine(options: LockOptions): Promise<Result<MachineLock>> {
  const folder = options.folder ?? userFolder();
  const file = path.join(folder, 'sweep');
  const ownerFile = path.join(folder, 'owner.txt');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    return fail('lockUnusable', { folder, cause: causeOf(error) });
  }
  let asked = false;
  for (;;) {
    try {
      const release = await lockfile.lock(file, {
        realpath: false,
        stale: staleMs,
        update: staleMs / 5,
        // The lock is lost when this process was stopped for long; the sweep itself is unharmed.
        onCompromised: () => undefined,
      });
      await writeFile(ownerFile, `${options.owner} (${process.pid})`).catch(() => undefined);
      return ok({ release: () => release().catch(() => undefined) });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ELOCKED')) {
        return fail('lockUnusable', { folder, cause: causeOf(error) });
      }
    }
    const owner = await readFile(ownerFile, 'utf8').catch(() => 'unknown');
    if (!asked) {
      asked = true;
      if (!((await options.onBusy?.(owner)) ?? false)) return fail('sweepRunning', { owner });
    }
    if (options.signal?.aborted) return fail('sweepRunning', { owner });
    await sleep(options.pollMs ?? 500, undefined, { signal: options.signal }).catch(
      () => undefined,
    );
  }
}

function userFolder(): string {
  return path.join(tmpdir(), `batchwise-${process.getuid?.() ?? userInfo().username}`);
}

function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
