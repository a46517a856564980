import { readFileSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';

/**
 * The most memory that this process had resident at once since `resetProcessPeak`, in bytes; since
 * its start where the system cannot reset it.
 */
export function processPeakBytes(): number {
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

/** Starts the process's peak again; does nothing where the system has no such thing. */
export function resetProcessPeak(): void {
  try {
    // https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not permitted.
  }
}

/** Kept free for everything else on the machine: an eighth, and never under 256 MiB. */
function withoutMargin(bytes: number): number {
  return Math.max(0, bytes - Math.max(bytes / 8, 256 * 2 ** 20));
}

/**
 * Bytes that this process may still take: the system's free memory, or what a container's limit
 * leaves where that is less; less a margin.
 */
export function availableProcessBytes(): number {
  const constrained = process.constrainedMemory();
  const limit = constrained > 0 ? constrained - process.memoryUsage.rss() : Infinity;
  return Math.floor(withoutMargin(Math.min(freemem(), limit)));
}
