import { nearestRung } from '../core/ladder';
import { hasLevelledOff, isBetter, leastShareOfEpochs, targetFromCurve } from '../core/target';
import { valueAt } from '../core/comparison';
import { mostEpochsFactor, promisingChallenger } from '../core/racePlan';
import type { Field } from './race';
import { noiseMeter } from './noiseMeter';
import type { SweepContext } from './sweepContext';
import type { SweepProgress } from './sweepProgress';
import type { TrialRun } from './trialRun';

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
 * begins, and gradient noise is measured on it; a size that is expected to be faster trains for as
 * many seconds, and whoever is ahead then goes on, so that a slow size does not pilot to its end.
 */
export async function pilot(
  context: SweepContext,
  field: Field,
  first: TrialRun,
  progress: SweepProgress,
): Promise<void> {
  const { clock, exhaustive } = context;
  const end = exhaustive ? Infinity : clock.spent + pilotShare * clock.left;
  const noise = noiseMeter(context);
  const leg = async (run: TrialRun, until: (run: TrialRun) => boolean) => {
    run.phase = exhaustive ? 'exhaustive' : 'race';
    progress.set({ id: 'progressPilot', values: { batchSize: run.batchSize } }, clock.left);
    await run.train({
      wallSeconds: end - clock.spent,
      reason: () => whyOver(context, run) ?? (until(run) ? 'paused' : null),
      onPoint: noise.onPoint,
    });
  };
  let leader = first;
  const isOver = () => leader.status !== 'ok' || clock.spent >= end || whyOver(context, leader);
  const compared = new Map<TrialRun, number>();
  await leg(leader, ({ points }) => !exhaustive && points.length >= firstLook);
  while (!isOver()) {
    const { seconds } = leader;
    const challenger = challengerOf(field, leader, compared);
    if (challenger) {
      // The noise scale is known now, and with it AdaScale's gain.
      if (!compared.has(challenger)) {
        await challenger.useLearningRate(context.learningRateOf(challenger.batchSize));
      }
      compared.set(challenger, seconds);
      await leg(challenger, (run) => run.seconds >= seconds);
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
  field: Field,
  leader: TrialRun,
  compared: ReadonlyMap<TrialRun, number>,
): TrialRun | null {
  const { race } = field;
  const racers = race.racers.filter(({ batchSize }) => {
    const before = compared.get(field.of(batchSize) ?? leader) ?? 0;
    return batchSize === leader.batchSize || leader.seconds >= 2 * before;
  });
  const found = promisingChallenger({ ...race, racers }, leader.batchSize);
  return found && field.of(found.batchSize);
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
    const error =
      metric === 'loss'
        ? (run.standardErrors[count - 1] ?? 0)
        : accuracyError(context, evaluations[count - 1]?.value ?? 0.5);
    if (hasLevelledOff(start, evaluations.slice(0, count), metric, error)) return count;
  }
  return null;
}

/** Standard error of an accuracy as a proportion of the validation samples. */
function accuracyError({ prepared }: SweepContext, accuracy: number): number {
  return Math.sqrt((accuracy * (1 - accuracy)) / Math.max(1, prepared.dataset.validationSamples));
}
