import type { TrialPurpose } from '../../core/sweep/result';
import {
  comparedFrom,
  isClearlyBehind,
  isWorthEvaluating,
  type Rivalry,
} from '../../planner/race/comparison';
import { expectedSeconds, mostEpochsFactor, nextMove } from '../../planner/race/racePlan';
import { timeRatios } from '../../planner/race/timeRatios';
import type { NoiseMeter } from '../trial/noiseMeter';
import { probeAbove } from './probe';
import type { Candidates } from './candidates';
import { reserveSeconds, type SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import type { TrialFacts } from '../trial/trialRecord';
import type { TrialRun } from '../trial/trialRun';
import { timeInTurns } from '../trial/timeInTurns';

/** Of what is left of the budget, most that one trial may take while no size has reached the target. */
const firstShare = 1 / 2;
/** As soon as somebody has. */
const otherShare = 1 / 3;
/** A size is timed in turns with the best before it races it: machines drift. */
const turns = { fewestRounds: 3, mostRounds: 6 };
/** What that may take: a share of the best size's time, but no less and no more seconds than these. */
const turnsSeconds = { least: 0.3, most: 0.6, share: 0.2 };

/**
 * Races sizes to the target as `nextMove` plans it. Sizes that need not be trained stay probed.
 */
export async function race(
  context: SweepContext,
  candidates: Candidates,
  progress: SweepProgress,
): Promise<void> {
  const { clock } = context;
  for (;;) {
    const left = clock.left - reserveSeconds;
    const move = nextMove(candidates.race);
    if (move.kind === 'end' || left <= 0.02 * clock.budgetSeconds) return;
    const { batchSize } = move;
    if (move.kind === 'extend') {
      const expected = expectedSeconds(candidates.race);
      progress.set({ id: 'progressProbing', values: { batchSize } }, expected);
      candidates.add(await probeAbove(context, batchSize));
      continue;
    }
    const run = candidates.of(batchSize);
    if (!run) return;
    run.predict(move.predictedSeconds);
    await raceAgainstBest(context, candidates, run, progress);
    context.suggest(candidates.runs.map(({ record }) => record.toTrial()));
  }
}

/** Sizes that reached the target in the pilot, at different moments, are timed in turns, too. */
export async function endPilots(context: SweepContext, candidates: Candidates): Promise<void> {
  const reached = candidates.runs.filter(({ record }) => record.timeToTarget !== null);
  for (const run of reached) await run.finish(true);
  if (!context.exhaustive)
    await timeInTurns(context, reached, { ...turns, seconds: turnsSeconds.most });
}

/** Trains a size to the target, or until it has lost against the best so far. */
export async function raceAgainstBest(
  context: SweepContext,
  candidates: Candidates,
  run: TrialRun,
  progress: SweepProgress,
): Promise<void> {
  const { record } = run;
  if (record.finished) return;
  const { best } = candidates;
  const bestSeconds = best?.record.timeToTarget ?? null;
  if (record.purpose === 'probe') {
    await run.useLearningRate(context.learningRateOf(record.batchSize));
  }
  // Before that, no evaluation is needed.
  await run.leaveProbe(comparedFrom * (bestSeconds ?? 0));
  if (best && context.times.roundsOf(record.work) === 0) {
    const { least, most, share } = turnsSeconds;
    const seconds = Math.max(least, Math.min(most, share * (bestSeconds ?? Infinity)));
    await timeInTurns(context, [best, run], { ...turns, seconds });
  }
  const share = best ? otherShare : firstShare;
  await trainToTarget(context, run, {
    purpose: 'race',
    // Timing in turns may have changed it.
    capSeconds: timeRatios.lost * (best?.record.timeToTarget ?? Infinity),
    wallSeconds: share * (context.clock.left - reserveSeconds),
    progress,
    expected: expectedSeconds(candidates.race),
    rival: best,
    noise: candidates.noise,
  });
  await run.finish(record.timeToTarget !== null);
}

/** Every size to the target, or to three times the configured epochs: the ground truth. */
export async function raceAll(
  context: SweepContext,
  candidates: Candidates,
  progress: SweepProgress,
): Promise<void> {
  const open = candidates.runs.filter(({ record }) => record.status === 'ok' && !record.finished);
  for (const run of open) {
    if (run.record.purpose === 'probe') {
      await run.useLearningRate(context.learningRateOf(run.record.batchSize));
    }
    await trainToTarget(context, run, {
      purpose: 'exhaustive',
      capSeconds: Infinity,
      wallSeconds: Infinity,
      progress,
      expected: null,
      noise: candidates.noise,
    });
    await run.finish(run.record.timeToTarget !== null);
  }
}

/** What a trial is raced to the target for, and when it has lost. */
interface RaceTerms {
  readonly purpose: TrialPurpose;
  /** Seconds of training after which the trial has lost. */
  readonly capSeconds: number;
  /** Wall-clock it may take. */
  readonly wallSeconds: number;
  readonly progress: SweepProgress;
  /** Seconds that the whole sweep may still take; null where it is not known. */
  readonly expected: number | null;
  /** A trial that reached the target: one that is clearly behind it has lost before the cap. */
  readonly rival?: TrialRun | null;
  /** Most of the rival's seconds that the trial may take; default 1. */
  readonly mostTimeRatio?: number;
  /** Measures noise on the configured size, where no pilot did. */
  readonly noise?: NoiseMeter;
}

/** Trains a trial to the target, or until it has lost. */
async function trainToTarget(
  context: SweepContext,
  run: TrialRun,
  terms: RaceTerms,
): Promise<void> {
  const { exhaustive, epochs } = context;
  const { capSeconds, wallSeconds, progress, rival = null, mostTimeRatio = 1, noise } = terms;
  const { batchSize } = run.record;
  progress.set({ id: 'progressTraining', values: { batchSize } }, terms.expected);
  // Where it starts from is known only once it has begun.
  const rivalry = (trial: TrialFacts) => {
    const known = rival && rivalryOf(context, trial, rival.record);
    return known && { ...known, mostTimeRatio };
  };
  const isBehind = (trial: TrialFacts) => {
    const known = rivalry(trial);
    const isAlike = !trial.startsFlat || batchSize === rival?.record.batchSize;
    return rival && known && isAlike
      ? isClearlyBehind(trial.curve, rival.record.curve, known)
      : false;
  };
  const mostSeconds = Math.min(capSeconds, wallSeconds);
  const isNoiseWanted =
    batchSize === context.configuredBatchSize && context.findings.noiseScale === null;
  await run.train({
    purpose: terms.purpose,
    wallSeconds,
    reason: (trial) => {
      if (trial.points.length < 2) return null;
      if (trial.timeToTarget !== null) return 'reached target';
      if (trial.epoch >= mostEpochsFactor * epochs) return 'epochs';
      // The target is crossed only once the next evaluation confirms it.
      if (trial.mayHaveReached) return null;
      if (trial.seconds > capSeconds) return 'slower than the best';
      return isBehind(trial) ? 'behind the best' : null;
    },
    evaluates: (trial) => {
      const known = rivalry(trial);
      if (!exhaustive && !trial.isEvaluationDue(mostSeconds)) return false;
      return !known || isWorthEvaluating(trial.curve, trial.seconds, known);
    },
    ...(noise && isNoiseWanted && { onPoint: noise.onPoint }),
  });
}

/** Of what is left of the budget, most that one side trial may take. */
const sideShare = 1 / 3;

/** Trains a trial beside the race to the target or until it has lost, and ends it. */
export async function raceSideTrial(
  context: SweepContext,
  run: TrialRun,
  terms: Omit<RaceTerms, 'wallSeconds' | 'expected' | 'noise'>,
): Promise<void> {
  if (run.record.finished) return;
  const { left } = context.clock;
  await trainToTarget(context, run, {
    ...terms,
    wallSeconds: sideShare * left,
    // This trial may be stopped at once, and others may follow it.
    expected: Math.min(left, 2 * terms.capSeconds + 1),
  });
  await run.finish();
}

/** What a trial must beat to win against another; null where that has not reached the target. */
function rivalryOf(
  { metric, findings }: SweepContext,
  { start }: TrialFacts,
  { timeToTarget: seconds }: TrialFacts,
): Rivalry | null {
  const { target } = findings;
  if (!target || seconds === null || start === null) return null;
  return { metric, start, target: target.value, seconds };
}
