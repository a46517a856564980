import type { TimedBlock } from '../core/stepTimeFit';
import type { SweepContext } from './sweepContext';
import type { SweepProgress } from './sweepProgress';
import type { TrialRun } from './trialRun';

/** Trials this close to the fastest are timed again before they are compared. */
const finalistFactor = 1.3;
const rounds = 6;
const turnSeconds = 0.12;
/** Most of the budget that the rounds may take. */
const retimingShare = 0.05;
const fewestBlocks = 4;

/** Seconds to the target of the fastest so far; null while none has reached it. */
export function fastestOf(runs: readonly TrialRun[]): number | null {
  return runs.reduce<number | null>((best, { status, timeToTarget }) => {
    if (status !== 'ok' || timeToTarget === null) return best;
    return best === null ? timeToTarget : Math.min(best, timeToTarget);
  }, null);
}

/** True for a trial that may yet turn out the fastest of these. */
export function isFinalist(run: TrialRun, runs: readonly TrialRun[]): boolean {
  const { status, timeToTarget } = run;
  if (status !== 'ok' || timeToTarget === null) return false;
  return timeToTarget <= finalistFactor * (fastestOf(runs) ?? Infinity);
}

/**
 * Times the finalists in turns, a moment each, round after round: a machine drifts, and trials that
 * ran minutes apart cannot be compared to a few percent. The new times count only where every
 * finalist could be timed.
 */
export async function retimeFinalists(
  context: SweepContext,
  runs: readonly TrialRun[],
  progress: SweepProgress,
): Promise<void> {
  const finalists = runs.filter((run) => isFinalist(run, runs));
  if (finalists.length < 2) return;
  const { clock } = context;
  const turns = finalists.map((run) => ({ run, blocks: [] as TimedBlock[] }));
  const seconds = Math.min(
    rounds * finalists.length * turnSeconds,
    clock.left - 0.2,
    Math.max(1, retimingShare * clock.budgetSeconds),
  );
  progress.set({ id: 'progressFinalists', values: {} }, Math.max(0, seconds));
  const end = clock.spent + seconds;
  for (let round = 0; round < rounds && clock.spent < end; round++) {
    for (const turn of turns) {
      const blocks = await turn.run.timeBlocks(turnSeconds);
      if (blocks === null) return;
      turn.blocks.push(...blocks);
    }
  }
  if (turns.some(({ blocks }) => blocks.length < fewestBlocks)) return;
  for (const { run, blocks } of turns) run.retime(blocks);
}
