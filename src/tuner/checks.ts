import { finalistsOf, lossFactor } from '../core/racePlan';
import { isBetter } from '../core/target';
import { makeRun } from './attempts';
import { trainToTarget, type Field } from './race';
import type { SweepContext } from './sweepContext';
import type { SweepProgress } from './sweepProgress';
import type { TrialRun } from './trialRun';
import { timeInTurns } from './turns';

/** Most of the budget that timing the finalists in turns may take. */
const turnsShare = 0.05;
const rounds = { fewestRounds: 3, mostRounds: 10 };
/** Of what is left of the budget, most that one repeat may take. */
const repeatShare = 1 / 3;
/** Share of the whole drop by which a curve may lie behind another at half the time. */
const behindShare = 0.1;

/**
 * Sizes that came close are timed in turns, then raced again with another seed: single runs of one
 * size scatter by more than neighbours differ. Returns the repeats.
 */
export async function repeatFinalists(
  context: SweepContext,
  field: Field,
  progress: SweepProgress,
): Promise<TrialRun[]> {
  const { clock } = context;
  const close = () =>
    finalistsOf(field.race.racers).flatMap(({ batchSize }) => field.of(batchSize) ?? []);
  progress.set({ id: 'progressFinalists', values: {} }, Math.min(clock.left, 3));
  await timeInTurns(context, close(), {
    ...rounds,
    seconds: Math.max(1, turnsShare * clock.budgetSeconds),
  });
  const repeats: TrialRun[] = [];
  for (const finalist of close()) {
    await finalist.release();
    const { batchSize } = finalist;
    const repeat = makeRun(context, 'otherSeed', { batchSize, seed: context.seed + 1 });
    repeats.push(repeat);
    const others = repeats.flatMap((run) => run.timeToTarget ?? []);
    const first = finalist.timeToTarget ?? Infinity;
    const capSeconds = others.length > 0 ? lossFactor * Math.min(...others) : 2 * first;
    await follow(context, repeat, capSeconds, progress);
  }
  return repeats;
}

/**
 * The winner and the configured size at half and at twice the learning rate, each for as long as
 * the winner took at most: is the order of sizes one of learning rates?
 */
export async function checkLearningRates(
  context: SweepContext,
  winner: TrialRun,
  configured: TrialRun | null,
  progress: SweepProgress,
): Promise<TrialRun[]> {
  const checks: TrialRun[] = [];
  const seconds = winner.timeToTarget;
  if (seconds === null) return checks;
  const bases = configured && configured !== winner ? [winner, configured] : [winner];
  for (const { batchSize, learningRate } of bases) {
    for (const [attempt, factor] of [
      ['halfLearningRate', 0.5],
      ['twiceLearningRate', 2],
    ] as const) {
      if (context.clock.left < 3 * seconds) return checks;
      const rate = Number((learningRate * factor).toPrecision(4));
      const run = makeRun(context, attempt, { batchSize, learningRate: rate });
      checks.push(run);
      await follow(context, run, seconds, progress, (each) => behind(context, each, winner));
    }
  }
  return checks;
}

/** Trains a side trial to the target or to its cap, and ends it. */
export async function follow(
  context: SweepContext,
  run: TrialRun,
  capSeconds: number,
  progress: SweepProgress,
  stop?: (run: TrialRun) => string | null,
): Promise<void> {
  if (run.finished) return;
  const { clock } = context;
  await trainToTarget(context, run, {
    capSeconds,
    wallSeconds: repeatShare * clock.left,
    progress,
    expected: Math.min(clock.left, 3 * capSeconds + 1),
    ...(stop && { stop }),
  });
  await run.finish();
}

/** From half the other's time on: a curve clearly behind the other's at equal seconds has lost. */
function behind(context: SweepContext, run: TrialRun, other: TrialRun): string | null {
  const { metric, target } = context;
  const start = context.starts.get(run.seed);
  const last = run.curve.at(-1);
  const whole = other.timeToTarget;
  if (!target || start === undefined || !last || whole === null || last.x < whole / 2) return null;
  const reference = other.curve.findLast(({ x }) => x <= last.x);
  if (!reference) return null;
  const allowed = behindShare * Math.abs(target.value - start);
  const bound = metric === 'loss' ? reference.value + allowed : reference.value - allowed;
  return isBetter(metric, bound, last.value) ? 'slower than the best' : null;
}
