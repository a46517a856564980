import {
  comparedFrom,
  isClearlyBehind,
  isWorthEvaluating,
  type Rivalry,
} from '../../planner/race/comparison';
import {
  bestOf,
  lossFactor,
  mostEpochsFactor,
  nextMove,
  predictedSecondsOf,
  type Race,
  type Racer,
} from '../../planner/race/racePlan';
import { noiseMeter, type NoiseMeter } from '../trial/noiseMeter';
import { probeAbove, type Probe } from './probe';
import { reserveSeconds, type SweepContext } from '../context/sweepContext';
import type { SweepProgress } from '../context/sweepProgress';
import type { TrialRun } from '../trial/trialRun';
import { timeInTurns } from '../trial/timeInTurns';

/** Of what is left of the budget, most that one trial may take while nobody reached the target. */
const firstShare = 1 / 2;
/** As soon as somebody has. */
const otherShare = 1 / 3;
/** A size is timed in turns with the best before it races it: machines drift. */
const turns = { fewestRounds: 3, mostRounds: 6 };
/** What that may take: a share of the best size's time, but no less and no more seconds than these. */
const turnsSeconds = { least: 0.3, most: 0.6, share: 0.2 };

/** The sizes of a race, and what became of them. */
export class Field {
  /** One for pilot and race, for what it may take is a share of the whole sweep. */
  readonly noise: NoiseMeter;
  readonly #runs: TrialRun[];
  #rungsAbove: readonly number[];

  constructor(
    private readonly context: SweepContext,
    { runs, rungsAbove }: Pick<Probe, 'runs' | 'rungsAbove'>,
  ) {
    this.noise = noiseMeter(context);
    this.#runs = [...runs];
    this.#rungsAbove = rungsAbove;
  }

  get runs(): readonly TrialRun[] {
    return [...this.#runs].sort((a, b) => a.batchSize - b.batchSize);
  }

  get race(): Race {
    const { samples } = this.context.prepared.dataset;
    // A guess until noise is measured: a tenth of the data set, within what is common.
    const guess = Math.min(2000, Math.max(32, samples / 10));
    return {
      racers: this.#runs.flatMap((run) => racerOf(run) ?? []),
      priorNoiseScale: this.context.noiseScale ?? guess,
      rungAbove: this.#rungsAbove[0] ?? null,
      samples,
    };
  }

  /** The fastest to the target; null while none has reached it. */
  get best(): TrialRun | null {
    const best = bestOf(this.race.racers);
    return best && this.of(best.batchSize);
  }

  of(batchSize: number): TrialRun | null {
    return this.#runs.find((run) => run.batchSize === batchSize) ?? null;
  }

  extend(run: TrialRun): void {
    this.#runs.push(run);
    this.#rungsAbove = this.#rungsAbove.filter((rung) => rung > run.batchSize);
  }
}

/**
 * Races sizes to the target as `nextMove` plans it. Sizes that nobody needs to train stay probed.
 */
export async function race(
  context: SweepContext,
  field: Field,
  progress: SweepProgress,
): Promise<void> {
  const { clock } = context;
  for (;;) {
    const left = clock.left - reserveSeconds;
    const move = nextMove(field.race);
    if (move.kind === 'end' || left <= 0.02 * clock.budgetSeconds) return;
    const { batchSize } = move;
    if (move.kind === 'extend') {
      progress.set({ id: 'progressProbing', values: { batchSize } }, expected(context, field));
      const run = await probeAbove(context, batchSize);
      field.extend(run);
      continue;
    }
    const run = field.of(batchSize);
    if (!run) return;
    run.predictedSeconds = move.predictedSeconds;
    await raceBest(context, field, run, progress);
  }
}

/** Sizes that have come to the target in the pilot, at different moments, are timed in turns, too. */
export async function endPilots(context: SweepContext, field: Field): Promise<void> {
  const reached = field.runs.filter(({ timeToTarget }) => timeToTarget !== null);
  for (const run of reached) await run.finish(true);
  if (!context.exhaustive)
    await timeInTurns(context, reached, { ...turns, seconds: turnsSeconds.most });
}

/** Trains a size to the target, or until it has lost against the best so far. */
export async function raceBest(
  context: SweepContext,
  field: Field,
  run: TrialRun,
  progress: SweepProgress,
): Promise<void> {
  if (run.finished) return;
  const { best } = field;
  if (run.phase === 'probe') await run.useLearningRate(context.learningRateOf(run.batchSize));
  // Before that, no evaluation is needed.
  await run.leaveProbe(comparedFrom * (best?.timeToTarget ?? 0));
  if (best && context.times.roundsOf(run.work) === 0) {
    const { least, most, share } = turnsSeconds;
    const seconds = Math.max(least, Math.min(most, share * (best.timeToTarget ?? Infinity)));
    await timeInTurns(context, [best, run], { ...turns, seconds });
  }
  const share = best ? otherShare : firstShare;
  await trainToTarget(context, run, {
    capSeconds: lossFactor * (best?.timeToTarget ?? Infinity),
    wallSeconds: share * (context.clock.left - reserveSeconds),
    progress,
    expected: expected(context, field),
    against: best,
    noise: field.noise,
  });
  await run.finish(run.timeToTarget !== null);
}

/** Every size to the target, or to three times the configured epochs: the ground truth. */
export async function raceAll(
  context: SweepContext,
  field: Field,
  progress: SweepProgress,
): Promise<void> {
  for (const run of field.runs.filter(({ status, finished }) => status === 'ok' && !finished)) {
    if (run.phase === 'probe') await run.useLearningRate(context.learningRateOf(run.batchSize));
    await trainToTarget(context, run, {
      capSeconds: Infinity,
      wallSeconds: Infinity,
      progress,
      expected: null,
      noise: field.noise,
    });
    await run.finish(run.timeToTarget !== null);
  }
}

export interface Course {
  /** Seconds of training after which the trial has lost. */
  readonly capSeconds: number;
  /** Wall-clock it may take. */
  readonly wallSeconds: number;
  readonly progress: SweepProgress;
  /** Seconds that the whole sweep may still take; null where nothing tells. */
  readonly expected: number | null;
  /** A trial that reached the target: who is clearly behind it has lost before the cap. */
  readonly against?: TrialRun | null;
  /** Share of that trial's seconds that must do; default 1. */
  readonly mustTake?: number;
  /** Measures noise on the configured size, where no pilot did. */
  readonly noise?: NoiseMeter;
}

/** Trains a trial to the target, or until it has lost. */
export async function trainToTarget(
  context: SweepContext,
  run: TrialRun,
  {
    capSeconds,
    wallSeconds,
    progress,
    expected: left,
    against = null,
    mustTake = 1,
    noise,
  }: Course,
): Promise<void> {
  const { exhaustive, epochs } = context;
  run.phase = exhaustive ? 'exhaustive' : 'race';
  progress.set({ id: 'progressTraining', values: { batchSize: run.batchSize } }, left);
  // Where it starts from is known only once it has begun.
  const rivalry = () => {
    const known = against && rivalryOf(context, run, against);
    return known && { ...known, mustTake };
  };
  const isBehind = () => {
    const known = rivalry();
    const isAlike = !run.startsFlat || run.batchSize === against?.batchSize;
    return against && known && isAlike ? isClearlyBehind(run.curve, against.curve, known) : false;
  };
  const isNoiseWanted =
    run.batchSize === context.configuredBatchSize && context.noiseScale === null;
  await run.train({
    wallSeconds,
    reason: ({ points, epoch, seconds, timeToTarget, mayHaveReached }) => {
      if (points.length < 2) return null;
      if (timeToTarget !== null) return 'reached target';
      if (epoch >= mostEpochsFactor * epochs) return 'epochs';
      // The target is crossed only once the next evaluation confirms it.
      if (mayHaveReached) return null;
      if (seconds > capSeconds) return 'slower than the best';
      return isBehind() ? 'behind the best' : null;
    },
    evaluates: ({ curve, seconds, isEvaluationDue }) => {
      const known = rivalry();
      if (!exhaustive && !isEvaluationDue) return false;
      return !known || isWorthEvaluating(curve, seconds, known);
    },
    ...(noise && isNoiseWanted && { onPoint: noise.onPoint }),
  });
}

/** What a run must beat to win against another; null where that has not reached the target. */
function rivalryOf(context: SweepContext, run: TrialRun, other: TrialRun): Rivalry | null {
  const { metric, target, starts } = context;
  const start = starts.get(run.seed);
  const seconds = other.timeToTarget;
  if (!target || seconds === null || start === undefined) return null;
  return { metric, start, target: target.value, seconds };
}

function racerOf(run: TrialRun): Racer | null {
  const { batchSize, status, stepTime } = run;
  if (status === 'skipped' || (stepTime === null && status === 'ok')) return null;
  const stepSeconds = (stepTime?.ms ?? 1) / 1000;
  const { timeToTarget } = run;
  if (status === 'ok' && timeToTarget !== null) {
    return { batchSize, stepSeconds, state: 'reached', updates: timeToTarget / stepSeconds };
  }
  const waits = status === 'ok' && !run.finished;
  return {
    batchSize,
    stepSeconds,
    state: waits ? 'waiting' : 'lost',
    // A trial that broke says nothing of the updates it would need.
    updates: status === 'ok' ? Math.max(1, run.iterations) : 1,
  };
}

/** Seconds until the end: two more sizes and the checks of the winner, each about its time. */
function expected({ clock }: SweepContext, field: Field): number {
  const { best } = field;
  const seconds = best?.timeToTarget ?? null;
  if (seconds === null) return clock.left;
  const waiting = field.race.racers.filter(({ state }) => state === 'waiting');
  const likely = waiting.filter(
    (racer) => (predictedSecondsOf(field.race, racer) ?? Infinity) < lossFactor * seconds,
  );
  return Math.min(clock.left, 1.3 * seconds * (likely.length + 5) + 1);
}
