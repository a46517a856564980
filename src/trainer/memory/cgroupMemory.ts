import path from 'node:path';
import type { DeviceMemory } from '../../core/sweep/result';

/** Limits from here on mean none: cgroup v1 writes the largest number of pages. */
const unlimited = 2 ** 60;

interface Hierarchy {
  readonly root: string;
  /** The group's path in the hierarchy, such as `/system.slice/docker-…`. */
  readonly group: string;
  readonly limit: string;
  readonly usage: string;
  /** The line of memory.stat with file pages that the kernel drops when memory is needed. */
  readonly reclaimable: string;
}

/**
 * The memory of the cgroup that this process is in (a container, a systemd slice): the tightest of
 * its own limit and those above it, and what is left of it, with droppable file caches counted as
 * free. Null outside Linux or without a limit.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
 *
 * @param read gives a file's text, or null where there is none
 */
export function cgroupMemory(read: (file: string) => string | null): DeviceMemory | null {
  const hierarchy = hierarchyOf(read('/proc/self/cgroup') ?? '');
  if (!hierarchy) return null;
  const limits = groupFolders(hierarchy)
    .map((folder) => memoryIn(folder, hierarchy, read))
    .filter((limit) => limit !== null);
  if (limits.length === 0) return null;
  return {
    totalBytes: Math.min(...limits.map(({ totalBytes }) => totalBytes)),
    freeBytes: Math.min(...limits.map(({ freeBytes }) => freeBytes)),
  };
}

/** From lines such as `0::/group` (v2) or `9:memory:/group` (v1, where both may be mounted). */
function hierarchyOf(membership: string): Hierarchy | null {
  const v1 = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$/m.exec(membership)?.[1];
  if (v1 !== undefined) {
    return {
      root: '/sys/fs/cgroup/memory',
      group: v1,
      limit: 'memory.limit_in_bytes',
      usage: 'memory.usage_in_bytes',
      reclaimable: 'total_inactive_file',
    };
  }
  const v2 = /^0::(.*)$/m.exec(membership)?.[1];
  if (v2 === undefined) return null;
  return {
    root: '/sys/fs/cgroup',
    group: v2,
    limit: 'memory.max',
    usage: 'memory.current',
    reclaimable: 'inactive_file',
  };
}

/**
 * The group's folder and those above it. Inside a container the group's path may be that of the
 * host, of which only the root is mounted: folders that do not exist have no limit to read.
 */
function groupFolders({ root, group }: Hierarchy): string[] {
  const parts = group.split('/').filter((part) => part !== '' && part !== '..');
  return Array.from({ length: parts.length + 1 }, (_, above) =>
    path.posix.join(root, ...parts.slice(0, parts.length - above)),
  );
}

function memoryIn(
  folder: string,
  { limit, usage, reclaimable }: Hierarchy,
  read: (file: string) => string | null,
): DeviceMemory | null {
  const number = (name: string) => {
    const text = read(path.posix.join(folder, name))?.trim() ?? '';
    return /^\d+$/.test(text) ? Number(text) : null;
  };
  const totalBytes = number(limit);
  if (totalBytes === null || totalBytes >= unlimited) return null;
  const statistics = read(path.posix.join(folder, 'memory.stat')) ?? '';
  const caches = new RegExp(`^${reclaimable} (\\d+)$`, 'm').exec(statistics)?.[1];
  const used = Math.max(0, (number(usage) ?? 0) - Number(caches ?? 0));
  return { totalBytes, freeBytes: Math.max(0, totalBytes - used) };
}
