import { nearestRung } from '../../core/batches/ladder';
import { tooSlowText } from '../../planner/advice/slowModel';
import type { Text } from '../../core/text/problem';
import { capabilitiesOf } from '../../protocol/trainer';
import type { SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import { makeRun } from '../trial/makeRun';
import type { TrialRun } from '../trial/trialRun';

/** The share of what is left of the budget after which one update is enough to look at. */
const patience = 0.2;
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
  const least = await look(context, first);
  if (least === null || whyTooSlow(context, own, (least * own) / smallest) === null) return [first];
  // An update of the larger size takes no less.
  if (whyTooSlow(context, own, least) !== null) {
    tell(context, whyTooSlow(context, smallest, least));
    return [first];
  }
  progress.set({ id: 'progressProbing', values: { batchSize: own } }, null);
  const second = makeRun(context, 'probe', { batchSize: own });
  const seconds = await look(context, second);
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
 * null where it cannot be trained. The first is left out, unless that alone took long.
 */
async function look({ clock }: SweepContext, run: TrialRun): Promise<number | null> {
  const begun = clock.spent;
  const most = patience * clock.left;
  let from = { updates: 0, seconds: begun };
  await run.train({
    wallSeconds: Infinity,
    reason: ({ iterations }) => {
      if (iterations === 0) return null;
      if (from.updates > 0 || clock.spent - begun > most) return 'probed';
      from = { updates: iterations, seconds: clock.spent };
      return null;
    },
    isProbe: 'look',
    sliceSeconds,
  });
  const made = run.record.iterations - from.updates;
  const seconds = clock.spent - from.seconds;
  run.forgetTiming();
  return run.record.status === 'ok' && made > 0 ? seconds / made : null;
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
