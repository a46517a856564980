import { readlinkSync } from 'node:fs';
import { lstat, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import * as z from 'zod';
import { fail, ok, type Result } from '../../core/text/problem';
import { isAlive } from '../../protocol/isAlive';
import { causeOf } from '../../core/text/errorText';
import { replaceFile } from './replaceFile';

/**
 * One sweep runs on a machine at a time: two would measure each other. The lock is a file in a
 * temporary folder of the user. That of a process that is dead is taken at once; where that cannot be
 * seen (another container), it goes stale by itself.
 */
interface MachineLock {
  release(): Promise<void>;
}

interface LockOptions {
  /** What is being tuned, for those that wait. */
  readonly owner: string;
  /** Called once when somebody else holds the lock; returning false gives up. */
  readonly onBusy?: (owner: string) => boolean | Promise<boolean>;
  readonly signal?: AbortSignal;
  /** Default: a folder of the user's own in the system's temporary folder. */
  readonly folder?: string;
  readonly pollMs?: number;
}

const staleMs = 15_000;

/** Who holds the lock; process ids mean something only where they were given. */
const ownerSchema = z.object({ owner: z.string(), pid: z.number().int(), processes: z.string() });
type Owner = z.infer<typeof ownerSchema>;

/** Takes the lock; a sweep that runs already is waited for when `onBusy` says so, else refused. */
export async function lockMachine(options: LockOptions): Promise<Result<MachineLock>> {
  const folder = options.folder ?? userFolder();
  let asked = false;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (!(await isOwn(folder))) return fail('lockUnusable', { folder, cause: 'causeForeign' });
    for (;;) {
      const taken = await take(folder, options.owner);
      if ('release' in taken) return ok(taken);
      const { owner } = taken;
      if (!asked) {
        asked = true;
        if (!((await options.onBusy?.(owner)) ?? false)) return fail('sweepRunning', { owner });
      }
      if (options.signal?.aborted) return fail('sweepRunning', { owner });
      await sleep(options.pollMs ?? 500, undefined, { signal: options.signal }).catch(
        () => undefined,
      );
    }
  } catch (error) {
    return fail('lockUnusable', { folder, cause: causeOf(error) });
  }
}

/**
 * Takes the lock, or returns who holds it. A second lock, the door, makes looking, removing the lock of
 * a dead process, taking it and writing the owner down one step: otherwise two that wait could remove
 * each other's.
 */
async function take(folder: string, name: string): Promise<MachineLock | { owner: string }> {
  const file = path.join(folder, 'sweep');
  const ownerFile = path.join(folder, 'owner.json');
  const close = await lockfile.lock(path.join(folder, 'door'), {
    realpath: false,
    stale: 5000,
    onCompromised: () => undefined,
    retries: { retries: 200, factor: 1, minTimeout: 20, maxTimeout: 60, randomize: true },
  });
  try {
    const owner = await readOwner(ownerFile);
    if (owner && isDead(owner)) await rm(`${file}.lock`, { recursive: true, force: true });
    if (await lockfile.check(file, { realpath: false, stale: staleMs }))
      return { owner: owner ? `${owner.owner} (${owner.pid})` : 'unknown' };
    // Before the lock is there: of a process that is killed in between, the next knows that it is dead.
    const own: Owner = { owner: name, pid: process.pid, processes: processSpace() };
    writeOwner(ownerFile, own);
    const release = await lockfile.lock(file, {
      realpath: false,
      stale: staleMs,
      update: staleMs / 5,
      // The lock is lost when this process was stopped for long; the sweep itself is unharmed.
      onCompromised: () => undefined,
    });
    return { release: () => release().catch(() => undefined) };
  } finally {
    await close().catch(() => undefined);
  }
}

/** Whether nobody else can hold up the sweeps of this user by what lies in the folder. */
async function isOwn(folder: string): Promise<boolean> {
  const found = await lstat(folder);
  return found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid);
}

async function readOwner(file: string): Promise<Owner | null> {
  try {
    if (!(await stat(file)).isFile()) return null;
    return ownerSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

function writeOwner(file: string, owner: Owner): void {
  try {
    replaceFile(file, JSON.stringify(owner));
  } catch {
    // The lock holds without it: those that wait do not learn for whom.
  }
}

function isDead({ pid, processes }: Owner): boolean {
  return processes === processSpace() && !isAlive(pid);
}

/** Where process ids are those of this process: the machine, and on Linux the container. */
function processSpace(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

function userFolder(): string {
  return path.join(tmpdir(), `batchwise-${process.getuid?.() ?? userInfo().username}`);
}
