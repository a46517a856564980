import { contendersOf } from '../../planner/advice/choice';
import { sizesToTime, sizesToRaceAgain, patienceOf } from '../../planner/race/finals';
import { timeRatios } from '../../planner/race/timeRatios';
import { makeRun } from '../trial/makeRun';
import type { Candidates } from './candidates';
import { raceSideTrial } from './race';
import type { SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import type { TrialRun } from '../trial/trialRun';
import { timeInTurns } from '../trial/timeInTurns';

/** Most of the budget that timing the finalists in turns may take. */
const turnsShare = 0.05;
const rounds = { fewestRounds: 5, mostRounds: 10 };
/** Most seeds that finalists are raced with again. */
const mostRepeats = 8;
/** While no repeat of its seed reached the target, one may take so many times its size's first time. */
const alone = 2;

/**
 * Sizes that came close are timed in turns, then raced again with other seeds, for single runs of
 * one size scatter by more than neighbours differ: with every seed, those that are clearly behind
 * fall out, until one is left or the sweep has taken long enough. `pilotBegan` is what was spent
 * before the pilot. Returns the repeats.
 */
export async function repeatFinalists(
  context: SweepContext,
  candidates: Candidates,
  pilotBegan: number,
  progress: SweepProgress,
): Promise<TrialRun[]> {
  const { clock } = context;
  const repeats: TrialRun[] = [];
  const contenders = () =>
    contendersOf(
      [...candidates.runs, ...repeats]
        .map(({ record }) => record.toTrial())
        .filter(({ status }) => status === 'ok'),
    );
  progress.set({ id: 'progressFinalists', values: {} }, Math.min(clock.left, 3));
  const close = sizesToTime(contenders());
  await timeInTurns(
    context,
    close.flatMap(({ batchSize }) => candidates.of(batchSize) ?? []),
    { ...rounds, seconds: turnsShare * clock.budgetSeconds },
  );
  for (let round = 1; round <= mostRepeats; round++) {
    const { budgetSeconds, spent } = clock;
    const trainingSeconds = candidates.best?.record.timeToTarget ?? 0;
    const patience = patienceOf({ budgetSeconds, spent, pilotBegan, trainingSeconds });
    const own: TrialRun[] = [];
    for (const { batchSize, trial } of sizesToRaceAgain(contenders(), patience)) {
      await candidates.of(batchSize)?.release();
      const { learningRate, timeToTargetSeconds } = trial;
      const seed = context.seed + round;
      const repeat = makeRun(context, 'repeat', { batchSize, learningRate, seed });
      const rival = fastestOf(own);
      const fastest = rival?.record.timeToTarget ?? null;
      const capSeconds =
        fastest === null ? alone * (timeToTargetSeconds ?? Infinity) : timeRatios.lost * fastest;
      own.push(repeat);
      await raceSideTrial(context, repeat, { purpose: 'repeat', capSeconds, rival, progress });
    }
    if (own.length === 0) break;
    repeats.push(...own);
  }
  return repeats;
}

function fastestOf(runs: readonly TrialRun[]): TrialRun | null {
  const seconds = (run: TrialRun | null) => run?.record.timeToTarget ?? Infinity;
  return runs.reduce<TrialRun | null>((a, b) => (seconds(b) < seconds(a) ? b : a), null);
}
