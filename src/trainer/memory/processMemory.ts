import { readFileSync, writeFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import type { DeviceMemory } from '../../core/sweep/result';
import { withoutMargin, type MemoryMargin } from '../../config/memoryMargin';
import { cgroupMemory } from './cgroupMemory';

/** Kept free for everything else on the machine: an eighth, and never under 256 MiB. */
const defaultFraction = 1 / 8;
const leastMargin = 256 * 2 ** 20;

/**
 * The most memory that this process had resident at once since `resetProcessPeak`, in bytes; since
 * its start where the system cannot reset it.
 */
export function processPeakBytes(): number {
  const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(read('/proc/self/status') ?? '')?.[1];
  return kilobytes === undefined ? process.resourceUsage().maxRSS * 1024 : Number(kilobytes) * 1024;
}

/** Resets the process's peak; does nothing where the system cannot. */
export function resetProcessPeak(): void {
  try {
    // https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not permitted.
  }
}

/**
 * The memory that this process can have in all, and what of it is free: the machine's (on Linux
 * what the kernel calls available, caches included, which is what libuv's freemem reads), or less
 * where a container (cgroup) or a resource limit on the process leaves less.
 */
export function processMemory(): DeviceMemory {
  const machine = { totalBytes: totalmem(), freeBytes: freemem() };
  const limits = [machine, cgroupMemory(read), constrainedMemory(), dataLimit()];
  const known = limits.filter((limit) => limit !== null);
  const least = (key: keyof DeviceMemory) =>
    Math.max(0, Math.min(...known.map((limit) => limit[key])));
  return { totalBytes: least('totalBytes'), freeBytes: least('freeBytes') };
}

/**
 * Bytes that this process may still take, less a margin; without one, less an eighth and at least
 * 256 MiB, for everything else on the machine.
 */
export function availableProcessBytes(margin: MemoryMargin | null = null): number {
  const { freeBytes } = processMemory();
  return withoutMargin(
    freeBytes,
    margin ?? { bytes: Math.max(freeBytes * defaultFraction, leastMargin) },
  );
}

/** What Node knows of a container's limit, where its files are elsewhere; 0 is none. */
function constrainedMemory(): DeviceMemory | null {
  const limit = process.constrainedMemory();
  if (limit <= 0 || limit >= totalmem()) return null;
  return { totalBytes: limit, freeBytes: limit - process.memoryUsage.rss() };
}

/** The limit of `ulimit -d` and `prlimit --data`: https://man7.org/linux/man-pages/man2/setrlimit.2.html */
function dataLimit(): DeviceMemory | null {
  const limit = /^Max data size\s+(\d+)/m.exec(read('/proc/self/limits') ?? '')?.[1];
  const used = /^VmData:\s*(\d+) kB$/m.exec(read('/proc/self/status') ?? '')?.[1];
  if (limit === undefined || used === undefined) return null;
  return { totalBytes: Number(limit), freeBytes: Number(limit) - Number(used) * 1024 };
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
