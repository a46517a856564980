/** How a process ended and the last it wrote to stderr. */
export interface WorkerDeath {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderrTail: string;
}

/** Ends of a process that mean it had no more memory, and where that is known from. */
const outOfMemorySignals: ReadonlySet<NodeJS.Signals> = new Set<NodeJS.Signals>([
  // The kernel's and a container's out-of-memory killer.
  'SIGKILL',
  // V8's "JavaScript heap out of memory" and C++'s std::bad_alloc abort the process.
  'SIGABRT',
]);

const outOfMemoryExitCodes: ReadonlySet<number> = new Set([
  // 128 + SIGABRT and 128 + SIGKILL, as shells and containers report them; 134 is also abort on Windows.
  134,
  137,
  // Windows: STATUS_NO_MEMORY, STATUS_COMMITMENT_LIMIT, V8's own out-of-memory exception.
  0xc0000017, 0xc000012d, 0xe0000008,
]);

const outOfMemoryText =
  /heap out of memory|memory access out of bounds|allocation failed|out of memory|cannot enlarge memory|bad_alloc|could not allocate memory|cannot allocate memory/i;

/** True when a death looks like memory ran out: by signal, by exit code, by its last words. */
export function looksLikeOutOfMemory({ exitCode, signal, stderrTail }: WorkerDeath): boolean {
  if (signal !== null && outOfMemorySignals.has(signal)) return true;
  if (exitCode !== null && outOfMemoryExitCodes.has(exitCode)) return true;
  return exitCode !== 0 && outOfMemoryText.test(stderrTail);
}

/** A death in a few words: the signal or exit code, and the last line that was written. */
export function causeOfDeath({ exitCode, signal, stderrTail }: WorkerDeath): string {
  const end = signal ?? `exit code ${exitCode ?? 'unknown'}`;
  const lines = stderrTail
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at '));
  const telling = lines.findLast((line) => /error|fatal|memory/i.test(line)) ?? lines.at(-1);
  return telling === undefined ? end : `${end}: ${telling.slice(0, 200)}`;
}
