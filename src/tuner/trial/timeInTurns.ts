import { isPrecise, type TimedBlock } from '../../planner/measure/stepTimeFit';
import { capabilitiesOf } from '../../protocol/trainer';
import type { StepTimes } from '../context/stepTimes';
import type { SweepContext } from '../context/sweepContext';
import type { TrialRun } from './trialRun';

interface TurnsPlan {
  /** Most seconds that all rounds may take. */
  readonly seconds: number;
  readonly fewestRounds: number;
  readonly mostRounds: number;
  /** Each turn has the device for itself, and trains only for its timing. */
  readonly isAlone?: boolean;
}

/**
 * Seconds of a trial's turn, unless a step takes longer: enough for a block of steps, few enough that
 * a spike hits few turns.
 */
export const turnSeconds = 0.05;
/** Works whose trials together would hold more than this share of the memory rest off the device. */
const waitingShare = 0.1;

/**
 * Times trials in turns, a moment each, round after round, until every 95% interval lies within 5%
 * or the time is up: a machine drifts, and trials timed minutes apart cannot be compared to a few
 * percent. What they train meanwhile counts.
 */
export async function timeInTurns(
  context: SweepContext,
  runs: readonly TrialRun[],
  plan: TurnsPlan,
  times: StepTimes = context.times,
): Promise<void> {
  const { clock } = context;
  const timed = runs.filter(({ record }) => record.status === 'ok' && !record.schedule);
  // Where a trial gives up its place to another, each turn would be a new start.
  if (timed.length < 2 || capabilitiesOf(context.prepared).pauses < 2) return;
  const end = clock.spent + Math.min(plan.seconds, clock.left - 0.2);
  for (let round = 0; round < plan.mostRounds && clock.spent < end; round++) {
    const blocks = new Map<string, readonly TimedBlock[]>();
    for (const run of timed) {
      // Half a round says nothing of how its trials compare.
      if (clock.spent > end + turnSeconds * timed.length) return;
      const own = plan.isAlone ? await run.timeApart(turnSeconds) : await run.timeTurn(turnSeconds);
      if (isHeavy(context, run, timed.length)) await run.release();
      if (own && own.length > 0) blocks.set(run.record.work, own);
    }
    if (blocks.size < 2) return;
    times.addRound(blocks);
    const precise = timed.every(({ record }) => {
      const time = times.of(record.work);
      return time !== null && isPrecise(time);
    });
    if (round + 1 >= plan.fewestRounds && precise) return;
  }
}

/** True for a trial that should not stay on the device while others run. */
export function isHeavy({ limitBytes }: SweepContext, run: TrialRun, trials: number): boolean {
  const { memory } = run.record;
  if (!memory || limitBytes === null) return false;
  return (memory.parameters + memory.optimizer) * trials > waitingShare * limitBytes;
}
