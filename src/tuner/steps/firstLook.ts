import { nearestRung } from '../../core/batches/ladder';
import { tooSlowText } from '../../planner/advice/slowModel';
import type { Text } from '../../core/text/problem';
import { capabilitiesOf } from '../../protocol/trainer';
import type { SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import { makeRun } from '../trial/makeRun';
import type { TrialRun } from '../trial/trialRun';

/** The share of what is left of the budget that one look may take. */
const patience = 0.1;
const sliceSeconds = 0.025;

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
  const least = await look(context, first, (seconds) => isSlow((seconds * own) / smallest));
  if (least === null || !isSlow((least * own) / smallest)) return [first];
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
 * Trains a few updates and evaluates nothing, not even the start; returns the seconds of the fastest,
 * or null where it cannot be trained. An engine compiles in the first ones: while they are too
 * slow, it looks on for some of the budget.
 */
async function look(
  { clock }: SweepContext,
  run: TrialRun,
  isTooSlow: (seconds: number) => boolean,
): Promise<number | null> {
  const most = clock.spent + patience * clock.left;
  let [updates, since] = [0, clock.spent];
  let fastest = Infinity;
  let isFirst = true;
  await run.train({
    wallSeconds: Infinity,
    reason: ({ iterations }) => {
      const [made, seconds] = [iterations - updates, clock.spent - since];
      [updates, since] = [iterations, clock.spent];
      // Not begun, or begun again after its process was lost.
      if (made <= 0) return null;
      const isLast = clock.spent >= most;
      // Where it comes from is measured with the first.
      if (!isFirst || isLast) fastest = Math.min(fastest, seconds / made);
      isFirst = false;
      return isLast || (fastest < Infinity && !isTooSlow(fastest)) ? 'probed' : null;
    },
    isProbe: 'look',
    sliceSeconds,
  });
  run.forgetTiming();
  return run.record.status === 'ok' && fastest < Infinity ? fastest : null;
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
  });
}
