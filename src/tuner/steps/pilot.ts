import { nearestRung } from '../../core/batches/ladder';
import { crossing, isBetter } from '../../core/sweep/curve';
import { hasLevelledOff, leastShareOfEpochs, targetFromCurve } from '../../planner/race/target';
import { isClearlyBehind, valueAt, type Rivalry } from '../../planner/race/comparison';
import { mostEpochsFactor, promisingChallenger } from '../../planner/race/racePlan';
import type { Field } from './race';
import type { SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import type { TrialRun } from '../trial/trialRun';

/** Most of what is left of the budget that the pilot may take. */
const pilotShare = 1 / 3;
/** Evaluations of the configured size before other sizes are compared with it. */
const firstLook = 5;
/** How much further the leader trains between two looks at who might overtake it. */
const lookAgainFactor = 1.5;

/** The run nearest to the configured size, which pilots; null when none can. */
export function pilotOf(context: SweepContext, runs: readonly TrialRun[]): TrialRun | null {
  const open = runs.filter(({ status }) => status === 'ok');
  const size = nearestRung(
    open.map(({ batchSize }) => batchSize),
    context.configuredBatchSize,
  );
  return open.find(({ batchSize }) => batchSize === size) ?? null;
}

/**
 * Trains until training levels off, and freezes the target. The size nearest to the configured one
 * begins, and gradient noise is measured on it; a size that is expected to be faster trains to the
 * leader's time to most of its drop, and whoever is ahead then goes on, so that a slow size does not
 * pilot to its end.
 */
export async function pilot(
  context: SweepContext,
  field: Field,
  first: TrialRun,
  progress: SweepProgress,
): Promise<void> {
  const { clock, exhaustive } = context;
  const end = exhaustive ? Infinity : clock.spent + pilotShare * clock.left;
  const { noise } = field;
  const leg = async (run: TrialRun, until: (run: TrialRun) => boolean) => {
    run.phase = exhaustive ? 'exhaustive' : 'race';
    progress.set({ id: 'progressPilot', values: { batchSize: run.batchSize } }, clock.left);
    await run.train({
      wallSeconds: end - clock.spent,
      reason: () => whyOver(context, run) ?? (until(run) ? 'paused' : null),
      evaluates: ({ isEvaluationDue }) => exhaustive || isEvaluationDue,
      onPoint: noise.onPoint,
    });
  };
  let leader = first;
  const isOver = () => leader.status !== 'ok' || clock.spent >= end || whyOver(context, leader);
  const compared = new Map<TrialRun, number>();
  await leg(leader, ({ points }) => !exhaustive && points.length >= firstLook);
  while (!isOver()) {
    const { seconds } = leader;
    const challenger = challengerOf(context, field, leader, compared);
    if (challenger) {
      // The noise scale is known now, and with it AdaScale's gain.
      if (!compared.has(challenger)) {
        await challenger.useLearningRate(context.learningRateOf(challenger.batchSize));
      }
      compared.set(challenger, seconds);
      const bar = barOf(context, leader);
      const { curve } = leader;
      await leg(
        challenger,
        (run) =>
          run.seconds >= (bar?.seconds ?? seconds) ||
          (bar !== null && !run.startsFlat && isClearlyBehind(run.curve, curve, bar)),
      );
      if (isAhead(context, challenger, leader)) leader = challenger;
    } else await leg(leader, (run) => run.seconds >= lookAgainFactor * seconds);
  }
  // Who began and could not go on leaves the pilot to whoever can.
  if (leader.status !== 'ok' && leader === first) {
    const other = pilotOf(context, field.runs);
    if (other) await leg(other, () => false);
    leader = other ?? leader;
  }
  await noise.atEnd(leader);
  freezeTarget(context, leader);
}

/** Why a pilot need not train on; null while it must. */
function whyOver(context: SweepContext, run: TrialRun): string | null {
  if (levelledOffAt(context, run) !== null) return 'plateau';
  return run.points.length > 2 && run.epoch >= mostEpochsFactor * context.epochs ? 'epochs' : null;
}

/** A size to compare with the leader; one that was behind is asked again at twice the seconds. */
function challengerOf(
  context: SweepContext,
  field: Field,
  leader: TrialRun,
  compared: ReadonlyMap<TrialRun, number>,
): TrialRun | null {
  const { race } = field;
  const racers = race.racers.filter((racer) => {
    const before = compared.get(field.of(racer.batchSize) ?? leader) ?? 0;
    return racer.batchSize === leader.batchSize || leader.seconds >= 2 * before;
  });
  const { batchSize, seconds } = leader;
  const ahead = { batchSize, seconds, isStuck: isStuck(context, leader) };
  const found = promisingChallenger({ ...race, racers }, ahead);
  return found && field.of(found.batchSize);
}

/**
 * What a challenger must beat: the leader's time to where 90% of its drop so far was made, as if
 * training ended there. Null for a leader that is stuck.
 */
function barOf(context: SweepContext, leader: TrialRun): Rivalry | null {
  const { metric } = context;
  const [start, ...values] = leader.curve.map(({ value }) => value);
  if (start === undefined || isStuck(context, leader)) return null;
  const target = targetFromCurve(start, values, metric);
  const seconds = target === null ? null : crossing(leader.curve, metric, target);
  return target === null || seconds === null ? null : { metric, start, target, seconds };
}

/** No better than before training by more than evaluations err: its rate does not suit it, or its seed. */
function isStuck(context: SweepContext, run: TrialRun): boolean {
  const [start, ...values] = run.curve.map(({ value }) => value);
  if (start === undefined) return true;
  const best = targetFromCurve(start, values, context.metric, 1) ?? start;
  return Math.abs(best - start) <= 2 * errorOf(context, run, run.points.length - 1);
}

function isAhead({ metric }: SweepContext, run: TrialRun, leader: TrialRun): boolean {
  const last = run.curve.at(-1);
  if (run.status !== 'ok' || !last || last.x === 0) return false;
  const theirs = valueAt(leader.curve, last.x);
  return theirs === null || isBetter(metric, last.value, theirs);
}

function freezeTarget(context: SweepContext, run: TrialRun): void {
  const { metric } = context;
  const start = context.starts.get(run.seed);
  // Timing may have trained it past that: the target must not depend on how long timing took.
  const values = run.evaluationsOverEpochs
    .map(({ value }) => value)
    .slice(0, levelledOffAt(context, run) ?? undefined);
  const value = start === undefined ? null : targetFromCurve(start, values, metric);
  if (value === null) return;
  context.target = { metric, value: Number(value.toPrecision(4)), source: 'pilot' };
  context.emit({ type: 'target', target: context.target });
}

/** Evaluations up to the first at which a trial had levelled off; null where it had not. */
function levelledOffAt(context: SweepContext, run: TrialRun): number | null {
  const { metric } = context;
  const start = context.starts.get(run.seed);
  if (start === undefined) return null;
  const evaluations = run.evaluationsOverEpochs.map(({ iteration: x, value }) => ({ x, value }));
  // Every sample counts for the target.
  const fewestEpochs = Math.max(1, leastShareOfEpochs * context.epochs) - 1e-9;
  for (let count = 1; count <= evaluations.length; count++) {
    if ((run.evaluationsOverEpochs[count - 1]?.epoch ?? 0) < fewestEpochs) continue;
    const error = errorOf(context, run, count - 1);
    if (hasLevelledOff(start, evaluations.slice(0, count), metric, error)) return count;
  }
  return null;
}

/** Standard error of an evaluation; an accuracy's is that of a proportion of the validation samples. */
function errorOf({ metric, prepared }: SweepContext, run: TrialRun, evaluation: number): number {
  if (metric === 'loss') return run.standardErrors[evaluation] ?? 0;
  const accuracy = run.evaluationsOverEpochs[evaluation]?.value ?? 0.5;
  return Math.sqrt((accuracy * (1 - accuracy)) / Math.max(1, prepared.dataset.validationSamples));
}
