import { median } from 'simple-statistics';
import { blockStepMs, workMs, type TimedBlock } from './stepTimeFit';

/** Fewest blocks that show whether steps still get faster. */
const fewestBlocks = 6;
/** Steps that got faster by less than this share have stopped doing so. */
const settledWithin = 0.05;
/** A step this much slower than those that follow belongs to the warm-up. */
const warmWithin = 0.1;
/** Blocks whose middle one says how long steps took at a place: a single slow one does not. */
const window = 3;

/** How far the warm-up of a size has come. */
export interface WarmUp {
  /** Whether steps have stopped getting faster, still do, or are too few to show it. */
  readonly state: 'settled' | 'falling' | 'unknown';
  /** The blocks that count: those after the warm-up, or the latest ones while it goes on. */
  readonly blocks: readonly TimedBlock[];
}

/**
 * Separates the warm-up of a size from what follows it. An engine compiles what it runs often, in
 * several stages, and caches fill, so that steps fall in time like a staircase. They have settled
 * once the second half of the work took no less for a step than the quarter before it. That has no
 * scale of its own: however long a stage is, as much work as all before it shows whether it was
 * the last. Blocks are in the order in which they ran.
 */
export function warmUpOf(blocks: readonly TimedBlock[]): WarmUp {
  const timed = blocks.filter(({ ms }) => ms > 0);
  const steps = timed.map(blockStepMs);
  const half = middleOfWork(timed);
  const latest = steps.slice(half);
  if (timed.length < fewestBlocks) return { state: 'unknown', blocks: timed.slice(half) };
  const level = median(latest);
  const before = steps.slice(middleOfWork(timed.slice(0, half)), half);
  if (before.length > 0 && level < (1 - settledWithin) * median(before)) {
    return { state: 'falling', blocks: timed.slice(half) };
  }
  return { state: 'settled', blocks: timed.slice(warmFrom(steps, level)) };
}

/** The first place from which on steps take no longer than they do at last. */
function warmFrom(steps: readonly number[], level: number): number {
  const bound = (1 + warmWithin) * level;
  const from = steps.findIndex(
    (step, at) => step <= bound && median(steps.slice(at, at + window)) <= bound,
  );
  return Math.max(0, from);
}

/** The number of blocks in which the first half of the time was spent; at least one is left. */
function middleOfWork(blocks: readonly TimedBlock[]): number {
  const total = blocks.reduce((sum, block) => sum + workMs(block), 0);
  let spent = 0;
  const at = blocks.findIndex((block) => (spent += workMs(block)) >= total / 2);
  return Math.max(0, Math.min(at + 1, blocks.length - 1));
}
