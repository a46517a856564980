import { totalIterations } from '../../core/batches/arithmetic';
import { nearestRung } from '../../core/batches/ladder';
import type { StopReason } from '../../core/sweep/result';
import type { Text } from '../../core/text/problem';
import { budgetText } from '../../core/text/valueText';
import { isClearlyBehind } from '../../planner/race/comparison';
import {
  barOf,
  hasLearned,
  isAhead,
  levelledOffAt,
  targetOfPilot,
  type PilotCurve,
} from '../../planner/race/pilotPlan';
import { mostEpochsFactor, promisingChallenger } from '../../planner/race/racePlan';
import type { Candidates } from './candidates';
import type { SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import type { TrialFacts } from '../trial/trialRecord';
import type { TrialRun } from '../trial/trialRun';

/** Most of what is left of the budget that the pilot may take, once anything was learned. */
const pilotShare = 1 / 3;
/** The same before that: it may need much longer, and without a target nothing can be raced. */
const flatPilotShare = 0.95;
/** Evaluations of the configured size before other sizes are compared with it. */
const pointsBeforeOthers = 5;
/** How much further the leader trains between two looks at who might overtake it. */
const lookAgainFactor = 1.5;

/** The run nearest to the configured size, which pilots; null when none can. */
export function pilotOf(context: SweepContext, runs: readonly TrialRun[]): TrialRun | null {
  const open = runs.filter(({ record }) => record.status === 'ok');
  const size = nearestRung(
    open.map(({ record }) => record.batchSize),
    context.configuredBatchSize,
  );
  return open.find(({ record }) => record.batchSize === size) ?? null;
}

/**
 * Trains until training levels off, and freezes the target. The size nearest to the configured one
 * begins, and gradient noise is measured on it; a size that is expected to be faster trains to the
 * leader's time to most of its drop, and the one ahead then goes on, so that a slow size does not
 * pilot to its end.
 */
export async function pilot(
  context: SweepContext,
  candidates: Candidates,
  first: TrialRun,
  progress: SweepProgress,
): Promise<void> {
  const { clock, exhaustive, metric } = context;
  const endAt = (share: number) => (exhaustive ? Infinity : clock.spent + share * clock.left);
  const [end, flatEnd] = [endAt(pilotShare), endAt(flatPilotShare)];
  const ownSeconds = end - clock.spent;
  const plan = planOf(context, first.record, ownSeconds);
  const wholeSeconds = plan?.isAffordable ? plan.seconds : ownSeconds;
  const curveOf = (trial: TrialFacts) => pilotCurve(context, trial, plan);
  const targetOf = (trial: TrialFacts) => targetOfPilot(curveOf(trial));
  const whyOver = (trial: TrialFacts) => whyPilotEnds(context, curveOf(trial), trial);
  const isTimeUp = (trial: TrialFacts) =>
    clock.spent >= flatEnd || (clock.spent >= end && targetOf(trial) !== null);
  const { noise } = candidates;
  const leg = async (run: TrialRun, until: (trial: TrialFacts) => boolean) => {
    const { batchSize } = run.record;
    progress.set({ id: 'progressPilot', values: { batchSize } }, null);
    await run.train({
      purpose: exhaustive ? 'exhaustive' : 'pilot',
      wallSeconds: flatEnd - clock.spent,
      reason: (trial) => {
        const over = whyOver(trial) ?? (until(trial) ? 'paused' : null);
        return over ?? (isTimeUp(trial) ? 'budget' : null);
      },
      evaluates: (trial) =>
        exhaustive || trial.isEvaluationDue(clock.spent < end ? wholeSeconds : Infinity),
      onPoint: noise.onPoint,
    });
  };
  let leader = first;
  const isOver = () =>
    leader.record.status !== 'ok' || isTimeUp(leader.record) || whyOver(leader.record);
  const compared = new Map<TrialRun, number>();
  // Before anything is learned, most of the time is the leader's: others would start as flat.
  let isLeadersTurn = false;
  await leg(leader, ({ points, epoch }) =>
    plan?.isAffordable ? epoch >= plan.epochs : !exhaustive && points.length >= pointsBeforeOthers,
  );
  // Its end may lie between two evaluations.
  if (plan?.isAffordable && leader.record.epoch >= plan.epochs) await leader.evaluateHere();
  while (!isOver()) {
    const { seconds, curve } = leader.record;
    const isFlat = !hasLearned(curveOf(leader.record));
    const { hasEnded } = leader.record;
    const challenger: TrialRun | null =
      isFlat && isLeadersTurn && !hasEnded
        ? null
        : challengerOf(candidates, leader, isFlat, compared);
    isLeadersTurn = challenger !== null;
    if (challenger) {
      // The noise scale is known now, and with it AdaScale's gain.
      if (!compared.has(challenger)) {
        await challenger.useLearningRate(context.learningRateOf(challenger.record.batchSize));
      }
      compared.set(challenger, seconds);
      const bar = isFlat ? null : barOf(metric, curve);
      await leg(
        challenger,
        (trial) =>
          trial.seconds >= (bar?.seconds ?? seconds) ||
          (bar !== null && !trial.startsFlat && isClearlyBehind(trial.curve, curve, bar)),
      );
      const { record } = challenger;
      const isBetter = record.status === 'ok' && isAhead(metric, record.curve, leader.record.curve);
      // Of two that have learned nothing, neither is ahead.
      if (isBetter && (!isFlat || hasLearned(curveOf(record)))) leader = challenger;
    } else if (hasEnded) break;
    else await leg(leader, (trial) => trial.seconds >= lookAgainFactor * seconds);
  }
  // A size that began and could not go on leaves the pilot to another one.
  if (leader.record.status !== 'ok' && leader === first) {
    const other = pilotOf(context, candidates.runs);
    if (other) await leg(other, () => false);
    leader = other ?? leader;
  }
  // What it learned since its last evaluation counts as well.
  if (targetOf(leader.record) === null) await leader.evaluateHere();
  await noise.atEnd(leader);
  const value = targetOf(leader.record);
  if (value === null) return;
  context.findings.foundTarget({ metric, value, source: 'pilot' });
  if (plan && !leader.record.hasEnded && leader.record.epoch < plan.epochs)
    context.note(endTooFar(plan));
}

/** What the training itself plans. */
interface TrainingPlan {
  readonly epochs: number;
  /** Of training, in all. */
  readonly seconds: number;
  /** The pilot's share of the budget suffices for it. */
  readonly isAffordable: boolean;
  /** The budget that would. */
  readonly budgetSeconds: number;
}

/** How long the training means to go on; null where it does not tell. */
function planOf(
  { prepared, clock }: SweepContext,
  first: TrialFacts,
  pilotSeconds: number,
): TrainingPlan | null {
  const epochs = prepared.found?.epochs ?? null;
  if (epochs === null) return null;
  const updates = totalIterations(prepared.dataset.samples, first.batchSize, epochs);
  const seconds = first.secondsAt(updates);
  const left = seconds - first.seconds;
  const budgetSeconds = clock.spent + left / pilotShare;
  return { epochs, seconds, isAffordable: left <= pilotSeconds, budgetSeconds };
}

/** Says that the target lies before the end, and the budget in which it would lie there. */
function endTooFar({ epochs, budgetSeconds }: TrainingPlan): Text {
  const values = { epochs: Math.ceil(epochs), budget: budgetText(budgetSeconds) };
  return { id: 'endTooFar', values };
}

/** Why a pilot need not train on; null while it must. */
function whyPilotEnds(
  { epochs }: SweepContext,
  curve: PilotCurve,
  { points, epoch }: TrialFacts,
): StopReason | null {
  if (levelledOffAt(curve) !== null) return 'plateau';
  return points.length > 2 && epoch >= mostEpochsFactor * epochs ? 'epochs' : null;
}

/** A size to compare with the leader; one that was behind is asked again at twice the seconds. */
function challengerOf(
  candidates: Candidates,
  leader: TrialRun,
  isStuck: boolean,
  compared: ReadonlyMap<TrialRun, number>,
): TrialRun | null {
  const { race } = candidates;
  const { batchSize, seconds } = leader.record;
  const racers = race.racers.filter((racer) => {
    const before = compared.get(candidates.of(racer.batchSize) ?? leader) ?? 0;
    return racer.batchSize === batchSize || seconds >= 2 * before;
  });
  const ahead = { batchSize, seconds, isStuck };
  const found = promisingChallenger({ ...race, racers }, ahead);
  return found && candidates.of(found.batchSize);
}

function pilotCurve(
  { metric, epochs, prepared }: SweepContext,
  { start, evaluations, hasEnded }: TrialFacts,
  plan: TrainingPlan | null,
): PilotCurve {
  const { validationSamples, guess } = prepared.dataset;
  return {
    metric,
    start,
    guess: guess?.[metric] ?? null,
    evaluations,
    validationSamples,
    epochs,
    end: hasEnded ? (evaluations.at(-1)?.epoch ?? null) : plan?.isAffordable ? plan.epochs : null,
  };
}
