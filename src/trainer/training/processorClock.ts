import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

/** Milliseconds that threads ran on a processor, and that they were ready to and had to wait. */
export interface ProcessorTime {
  readonly runningMs: number;
  /** Null where the system does not report it. */
  readonly waitingMs: number | null;
}

/** What a machine gave to a block of steps. */
export interface BlockTime {
  /** Wall-clock. */
  readonly ms: number;
  /** On the processor, for engines that compute on one thread. */
  readonly cpuMs?: number;
  /** Share of the time in which threads of this process were ready to run, but waited to. */
  readonly waitingShare?: number;
}

/** Times blocks of steps by the wall and, where engine and system allow it, by the processor. */
export interface BlockClock {
  /** Starts a block; what it returns ends it. */
  start(): () => BlockTime;
}

/**
 * The clock for an engine. One that computes on this thread alone is timed by the thread: its work
 * takes as long on the processor however many other programs run. One that computes on threads of
 * its own, or on another device, is timed by the wall, with what all threads of the process waited.
 */
export function blockClock(
  computesOnThisThread: boolean,
  read: () => ProcessorTime | null = computesOnThisThread ? ownThreadTime : allThreadsTime,
): BlockClock {
  return {
    start: () => {
      const before = read();
      const start = performance.now();
      return () => {
        const ms = performance.now() - start;
        const after = before && read();
        return after ? timeBetween(ms, before, after, computesOnThisThread) : { ms };
      };
    },
  };
}

function timeBetween(
  ms: number,
  before: ProcessorTime,
  after: ProcessorTime,
  computesOnThisThread: boolean,
): BlockTime {
  const running = Math.max(0, after.runningMs - before.runningMs);
  const hasWaiting = before.waitingMs !== null && after.waitingMs !== null;
  const waiting = hasWaiting ? Math.max(0, after.waitingMs - before.waitingMs) : 0;
  const ready = running + waiting;
  return {
    ms,
    // Clocks tick at their own pace: a thread cannot run for longer than the wall has it.
    ...(computesOnThisThread && running > 0 && { cpuMs: Math.min(running, ms) }),
    ...(hasWaiting && { waitingShare: ready > 0 ? waiting / ready : 0 }),
  };
}

const nanosecondsPerMs = 1e6;
const microsecondsPerMs = 1e3;

/**
 * Of the main thread, whose id is the process's. Linux reports it to the nanosecond
 * (https://docs.kernel.org/scheduler/sched-stats.html); newer Nodes know a thread's time elsewhere,
 * older ones only that of all threads.
 */
function ownThreadTime(): ProcessorTime {
  const ofThread = readStatistics(`/proc/self/task/${process.pid}/schedstat`);
  if (ofThread) return ofThread;
  const { user, system } = (process as NewerProcess).threadCpuUsage?.() ?? process.cpuUsage();
  return { runningMs: (user + system) / microsecondsPerMs, waitingMs: null };
}

/** Node 23.9 and newer. */
type NewerProcess = NodeJS.Process & { readonly threadCpuUsage?: () => NodeJS.CpuUsage };

/** Of all threads of this process; null where the system does not report it. */
function allThreadsTime(): ProcessorTime | null {
  const threads = listThreads().flatMap((id) => {
    const times = parseStatistics(readText(`/proc/self/task/${id}/schedstat`));
    return times ? [times] : [];
  });
  if (threads.length === 0) return null;
  return {
    runningMs: threads.reduce((sum, { runningMs }) => sum + runningMs, 0),
    waitingMs: threads.reduce((sum, { waitingMs }) => sum + (waitingMs ?? 0), 0),
  };
}

let ownStatistics: { readonly descriptor: number; readonly buffer: Buffer } | null | undefined;

/** Keeps the file open: it is read twice a block. */
function readStatistics(file: string): ProcessorTime | null {
  ownStatistics ??= openStatistics(file);
  if (!ownStatistics) return null;
  const { descriptor, buffer } = ownStatistics;
  // Linux counts a running thread at its ticks only; asking for its usage brings the count up to date.
  process.cpuUsage();
  try {
    const length = readSync(descriptor, buffer, 0, buffer.length, 0);
    return parseStatistics(buffer.toString('latin1', 0, length));
  } catch {
    closeSync(descriptor);
    ownStatistics = null;
    return null;
  }
}

function openStatistics(file: string) {
  try {
    return { descriptor: openSync(file, 'r'), buffer: Buffer.alloc(128) };
  } catch {
    return null;
  }
}

/** `running waiting slices`, the first two in nanoseconds; all 0 where the kernel does not count. */
export function parseStatistics(text: string | null): ProcessorTime | null {
  const [running, waiting] = (text ?? '').trim().split(/\s+/).map(Number);
  if (!running || waiting === undefined || !Number.isFinite(running + waiting)) return null;
  return { runningMs: running / nanosecondsPerMs, waitingMs: waiting / nanosecondsPerMs };
}

function listThreads(): readonly string[] {
  try {
    return readdirSync('/proc/self/task');
  } catch {
    return [];
  }
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return null;
  }
}
