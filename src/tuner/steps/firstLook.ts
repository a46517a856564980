import { nearestRung } from '../../core/batches/ladder';
import { blockStepMs } from '../../planner/measure/stepTimeFit';
import { forwardShare } from '../../planner/race/budget';
import { tooSlowText } from '../../planner/advice/slowModel';
import type { Text } from '../../core/text/problem';
import { capabilitiesOf } from '../../protocol/trainer';
import type { SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import { makeRun } from '../trial/makeRun';
import type { TrialRun } from '../trial/trialRun';

/** Shares of what is left of the budget: for a look, and for its first call alone. */
const [patience, mostForFirst] = [0.25, 0.4];
/** Samples whose loss a trainer may measure before the first update. */
const mostStartSamples = 256;
const sliceSeconds = 0.025;
/** Calls after which another size is looked at, where this one leaves it open. */
const fewCalls = 4;

/**
 * Finds out whether the budget suffices to compare sizes, before any of it is spent on
 * evaluations, and tells at once where it does not. The smallest size is looked at; the one that
 * would pilot only where that leaves it open. Returns the runs that were begun.
 */
export async function firstLook(
  context: SweepContext,
  ladder: readonly number[],
  progress: SweepProgress,
): Promise<readonly TrialRun[]> {
  const { configuredBatchSize, exhaustive, prepared, resumedTrials } = context;
  const [smallest = null] = ladder;
  const own = nearestRung(ladder, configuredBatchSize);
  const canWait = capabilitiesOf(prepared).pauses > ladder.length;
  if (smallest === null || own === null) return [];
  // Where a start takes long, or all is measured anyway, a look would only cost.
  if (exhaustive || !canWait || resumedTrials.size > 0) return [];
  progress.set({ id: 'progressProbing', values: { batchSize: smallest } }, null);
  const first = makeRun(context, 'probe', { batchSize: smallest });
  const isSlow = (seconds: number) => whyTooSlow(context, own, seconds) !== null;
  const mayBeSlow = (seconds: number) => isSlow((seconds * own) / smallest);
  const least = await look(context, first, (seconds, calls) =>
    calls < fewCalls ? mayBeSlow(seconds) : isSlow(seconds),
  );
  if (least === null || !mayBeSlow(least)) return [first];
  // An update of the larger size takes no less.
  if (isSlow(least)) {
    tell(context, whyTooSlow(context, smallest, least));
    return [first];
  }
  progress.set({ id: 'progressProbing', values: { batchSize: own } }, null);
  const second = makeRun(context, 'probe', { batchSize: own });
  const seconds = await look(context, second, isSlow);
  tell(context, seconds === null ? null : whyTooSlow(context, own, seconds));
  return [first, second];
}

function tell({ findings, note }: SweepContext, why: Text | null): void {
  if (why === null) return;
  findings.foundTooSlow(why);
  note(why);
}

/**
 * Trains a few updates and evaluates nothing, not even the start; returns the seconds of one, or
 * null where it cannot be trained. The first call of a process takes many times as long as the
 * later ones: the loss at the start is measured with it, and the engine compiles. So it is left out
 * unless it took too much of the budget by itself, and while updates look too slow, it looks on.
 */
async function look(
  { clock }: SweepContext,
  run: TrialRun,
  isTooSlow: (seconds: number, calls: number) => boolean,
): Promise<number | null> {
  const { left, spent: begun } = clock;
  let [updates, since] = [0, begun];
  const calls: number[] = [];
  const fastest = () => Math.min(...calls.slice(calls.length > 1 ? 1 : 0), fastestBlock(run));
  await run.train({
    wallSeconds: Infinity,
    reason: ({ iterations }) => {
      const [made, seconds] = [iterations - updates, clock.spent - since];
      [updates, since] = [iterations, clock.spent];
      // Not begun, or begun again after its process was lost.
      if (made <= 0) return null;
      calls.push(seconds / made);
      if (calls.length > 1 && !isTooSlow(fastest(), calls.length)) return 'probed';
      const share = (clock.spent - begun) / left;
      return share > (calls.length > 1 ? patience : mostForFirst) ? 'probed' : null;
    },
    isProbe: 'look',
    sliceSeconds,
  });
  const seconds = fastest();
  run.forgetTiming();
  if (run.record.status !== 'ok' || calls.length === 0) return null;
  return calls.length > 1 ? seconds : seconds / callsForStart(run.record.batchSize);
}

/** Seconds of an update in the fastest block, by the work's own time; Infinity without any. */
function fastestBlock({ record }: TrialRun): number {
  return Math.min(...record.blocks.map(blockStepMs)) / 1000;
}

/** Updates that a first call takes as long as, where it measures the loss of most samples before. */
function callsForStart(batchSize: number): number {
  return 1 + (mostStartSamples * forwardShare) / batchSize;
}

function whyTooSlow(
  { clock, prepared, epochs, grid }: SweepContext,
  batchSize: number,
  stepSeconds: number,
): Text | null {
  const { samples, validationSamples } = prepared.dataset;
  return tooSlowText({
    batchSize,
    stepSeconds,
    validationSamples: capabilitiesOf(prepared).evaluates ? validationSamples : 0,
    nextEvaluation: (updates) => grid.nextIteration(batchSize, updates),
    samples,
    epochs,
    spentSeconds: clock.spent,
    secondsLeft: clock.left,
    secondsGiven: clock.budgetSeconds - clock.given.startSeconds,
  });
}
