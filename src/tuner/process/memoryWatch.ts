import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';

/** Of all there is, a share of free memory from which on a process could not run out of it at once. */
const plenty = 0.15;
const lookEveryMs = 500;
/** Limits from here on mean none: control groups of version 1 write the largest number of pages. */
const unlimited = 2 ** 60;

interface MemorySource {
  /** The text of a file; null where there is none. */
  readonly read: (file: string) => string | null;
  readonly freeBytes: () => number;
  readonly totalBytes: number;
  readonly platform: NodeJS.Platform;
}

const thisMachine: MemorySource = {
  read: (file) => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return null;
    }
  },
  freeBytes: freemem,
  totalBytes: totalmem(),
  platform: process.platform,
};

/**
 * Looks now and then at the memory around a process, so that its death can be judged: a process that
 * was killed while memory was there did not run out of it.
 */
export class MemoryWatch {
  readonly #pid: number;
  readonly #source: MemorySource;
  readonly #killsBefore: number | null;
  readonly #timer: NodeJS.Timeout;
  #group: string | null = null;
  #groupKillsBefore: number | null = null;
  #leastShare = 1;
  #ownShare = 0;

  constructor(pid: number, source: MemorySource = thisMachine) {
    this.#pid = pid;
    this.#source = source;
    this.#killsBefore = this.#kills();
    this.look();
    this.#timer = setInterval(() => {
      this.look();
    }, lookEveryMs);
    this.#timer.unref();
  }

  /** Takes down how much memory is free now. */
  look(): void {
    const { read, freeBytes, totalBytes } = this.#source;
    this.#lookAtGroup();
    this.#leastShare = Math.min(freeBytes() / totalBytes, this.#groupShare());
    const resident = /^VmRSS:\s*(\d+) kB$/m.exec(read(`/proc/${this.#pid}/status`) ?? '')?.[1];
    if (resident !== undefined) this.#ownShare = (Number(resident) * 1024) / totalBytes;
  }

  /**
   * Stops looking, once the process is dead, and says whether memory was there: false where the kernel
   * has killed for memory, or little was free when it was looked at last; true where there was plenty;
   * null where the system does not report it.
   */
  end(): boolean | null {
    clearInterval(this.#timer);
    const kills = this.#kills();
    if (kills !== null && kills > (this.#killsBefore ?? kills)) return false;
    const inGroup = this.#groupKills();
    if (inGroup !== null && inGroup > (this.#groupKillsBefore ?? inGroup)) return false;
    // Elsewhere the reported free memory excludes caches, which are released when needed.
    if (this.#source.platform !== 'linux') return null;
    return this.#leastShare > plenty && this.#ownShare < 1 - plenty;
  }

  /** Processes that the kernel has killed for memory since it started, where it counts them. */
  #kills(): number | null {
    return numberIn(this.#source.read('/proc/vmstat'), 'oom_kill');
  }

  /** The control group of the process may be set once it runs. */
  #lookAtGroup(): void {
    const membership = this.#source.read(`/proc/${this.#pid}/cgroup`);
    const group = membership === null ? null : groupFolder(membership);
    if (group === null || group === this.#group) return;
    this.#group = group;
    this.#groupKillsBefore = this.#groupKills();
  }

  /** https://docs.kernel.org/admin-guide/cgroup-v2.html: memory.events; version 1: memory.oom_control. */
  #groupKills(): number | null {
    if (this.#group === null) return null;
    const { read } = this.#source;
    const text = read(`${this.#group}/memory.events`) ?? read(`${this.#group}/memory.oom_control`);
    return numberIn(text, 'oom_kill');
  }

  #groupShare(): number {
    if (this.#group === null) return 1;
    const number = (...names: string[]) => {
      for (const name of names) {
        const text = this.#source.read(`${this.#group}/${name}`)?.trim() ?? '';
        if (/^\d+$/.test(text)) return Number(text);
      }
      return null;
    };
    const limit = number('memory.max', 'memory.limit_in_bytes');
    const used = number('memory.current', 'memory.usage_in_bytes');
    if (limit === null || used === null || limit >= unlimited || limit === 0) return 1;
    const statistics = this.#source.read(`${this.#group}/memory.stat`);
    const caches =
      numberIn(statistics, 'total_inactive_file') ?? numberIn(statistics, 'inactive_file');
    return Math.max(0, limit - used + (caches ?? 0)) / limit;
  }
}

/** From lines such as `0::/group` (version 2) or `9:memory:/group` (version 1, which goes first). */
function groupFolder(membership: string): string | null {
  const first = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$/m.exec(membership)?.[1];
  if (first !== undefined) return `/sys/fs/cgroup/memory${first}`;
  const second = /^0::(.*)$/m.exec(membership)?.[1];
  return second === undefined ? null : `/sys/fs/cgroup${second}`;
}

function numberIn(text: string | null, name: string): number | null {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '')?.[1];
  return found === undefined ? null : Number(found);
}
