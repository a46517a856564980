import { timeRatios } from './timeRatios';
import { fitUpdates, predictedUpdates, type UpdatesFit } from './updatesFit';

/** What became of a size in the race. */
type RacerState = 'waiting' | 'reached' | 'lost';

/** One batch size in the race. */
export interface Racer {
  readonly batchSize: number;
  /** Seconds of one update. */
  readonly stepSeconds: number;
  readonly state: RacerState;
  /** Updates to the target where it was reached (a fraction between evaluations), else updates made. */
  readonly updates: number;
}

export interface Race {
  /** Sizes that fit and run, in any order. */
  readonly racers: readonly Racer[];
  /** φ to start from, in samples: the measured gradient noise scale, or a guess. */
  readonly priorNoiseScale: number;
  /** The next rung where the climb ended because throughput was saturated; null where nothing is above. */
  readonly rungAbove: number | null;
  /** Training samples. */
  readonly samples: number;
}

export type Move =
  /** Train this size until it reaches the target, or `capSeconds` of training have gone by. */
  | {
      readonly kind: 'train';
      readonly batchSize: number;
      readonly capSeconds: number;
      readonly predictedSeconds: number | null;
    }
  /** Measure this rung and let it race: the best so far is the largest there is. */
  | { readonly kind: 'extend'; readonly batchSize: number }
  | { readonly kind: 'end' };

/** A trial that has not reached the target by this multiple of the configured epochs never does. */
export const mostEpochsFactor = 3;
/** Updates of the whole data set that must fit into the seconds to beat, for trying it to be cheap. */
const leastUpdatesOfWhole = 50;

/**
 * What a race does next: the size that is predicted to be fastest first; then outward from the best
 * so far, on both sides, until one has lost. A size that came close does not count as lost, unless
 * the fit has the next one losing.
 */
export function nextMove(race: Race): Move {
  const racers = [...race.racers].sort((a, b) => a.batchSize - b.batchSize);
  const fit = fitOf(race);
  const best = bestOf(racers);
  if (!best) {
    const first = leastPredicted(racers.filter(isWaiting), fit);
    return first ? train(first, Infinity, fit, race) : { kind: 'end' };
  }
  const bound = timeRatios.lost * secondsOf(best);
  const at = racers.indexOf(best);
  const sides = [racers.slice(0, at).reverse(), racers.slice(at + 1)];
  // Far ahead first: racing a size that is predicted to win is worth more than racing the next neighbour.
  const promising = leastPredicted(
    sides
      .flatMap(untilLost)
      .filter((racer) => isWaiting(racer) && costOf(racer, fit) < secondsOf(best)),
    fit,
  );
  const next =
    promising ??
    leastPredicted(
      sides.flatMap((side) => frontOf(side, bound, fit)),
      fit,
    ) ??
    wholeDataSetOf(race, secondsOf(best));
  if (next) return train(next, bound, fit, race);
  const isLargest = at === racers.length - 1;
  return isLargest && race.rungAbove !== null
    ? { kind: 'extend', batchSize: race.rungAbove }
    : { kind: 'end' };
}

/** Which size is ahead while none has reached a target. */
interface Leader {
  readonly batchSize: number;
  /** Of training so far. */
  readonly seconds: number;
  /** It is no better than before training. */
  readonly isStuck: boolean;
}

/**
 * While no size has reached a target: the waiting size that is expected to be fastest, if it is
 * clearly faster than the leader or the leader is stuck; else the whole data set, which no
 * expectation covers. Null where there is neither.
 */
export function promisingChallenger(race: Race, leader: Leader): Racer | null {
  const fit = fitOf(race);
  const own = race.racers.find(({ batchSize }) => batchSize === leader.batchSize);
  const bound = own && !leader.isStuck ? timeRatios.pilotTakenOver * costOf(own, fit) : Infinity;
  const others = race.racers.filter((racer) => racer !== own && isWaiting(racer));
  return (
    leastPredicted(
      others.filter((racer) => costOf(racer, fit) < bound),
      fit,
    ) ?? wholeDataSetOf({ ...race, racers: others }, leader.seconds)
  );
}

/** The racer that reached the target in the fewest seconds; null while none has. */
export function bestOf(racers: readonly Racer[]): Racer | null {
  return racers
    .filter(({ state }) => state === 'reached')
    .reduce<Racer | null>((a, b) => (a && secondsOf(a) <= secondsOf(b) ? a : b), null);
}

/** Seconds a racer has trained: to the target where it was reached. */
export function secondsOf({ updates, stepSeconds }: Racer): number {
  return updates * stepSeconds;
}

/** Of a sweep's end: two more sizes and the checks of the winner, each about its time. */
const trainingsToEnd = 5;
const withEvaluationsAndStarts = 1.3;

/** Seconds until the race and what follows it end; null while no size has reached the target. */
export function expectedSeconds(race: Race): number | null {
  const best = bestOf(race.racers);
  if (!best) return null;
  const seconds = secondsOf(best);
  const fit = fitOf(race);
  const likely = race.racers.filter(
    (racer) => isWaiting(racer) && costOf(racer, fit) < timeRatios.lost * seconds,
  );
  const trainings = likely.length + trainingsToEnd;
  return withEvaluationsAndStarts * seconds * trainings + 1;
}

function fitOf({ racers, priorNoiseScale }: Race): UpdatesFit {
  const observed = racers
    .filter((racer) => !isWaiting(racer))
    .map(({ batchSize, updates, state }) => ({ batchSize, updates, reached: state === 'reached' }));
  return fitUpdates(observed, priorNoiseScale);
}

/**
 * The first size of a side that waits; nothing where one before it has lost, or where it follows one
 * that came close and the fit has it losing. One that reached the target a little too late closes
 * nothing: it may have been unlucky with its seed, and the next one is then the fastest.
 */
function frontOf(side: readonly Racer[], bound: number, fit: UpdatesFit): Racer[] {
  for (const [index, racer] of side.entries()) {
    if (isWaiting(racer)) {
      return index === 0 || costOf(racer, fit) <= timeRatios.lost * bound ? [racer] : [];
    }
    if (racer.state === 'lost' || secondsOf(racer) > timeRatios.lost * bound) return [];
  }
  return [];
}

/**
 * The whole data set as one batch, where it waits and could make enough updates: without gradient
 * noise, at the largest learning rate, it is no continuation of the sizes below it.
 */
function wholeDataSetOf({ racers, samples }: Race, seconds: number): Racer | null {
  const whole = racers.find(({ batchSize }) => batchSize === samples);
  const isPlausible =
    whole && isWaiting(whole) && seconds >= leastUpdatesOfWhole * whole.stepSeconds;
  return isPlausible ? whole : null;
}

/** A side up to the first size that lost: what lies beyond it will lose, too. */
function untilLost(side: readonly Racer[]): readonly Racer[] {
  const lost = side.findIndex(({ state }) => state === 'lost');
  return lost < 0 ? side : side.slice(0, lost);
}

function leastPredicted(racers: readonly Racer[], fit: UpdatesFit): Racer | null {
  return racers.reduce<Racer | null>(
    (a, b) => (a && costOf(a, fit) <= costOf(b, fit) ? a : b),
    null,
  );
}

/** Seconds to the target by a fit; only for comparing sizes while none has reached it. */
function costOf(
  { batchSize, stepSeconds }: Pick<Racer, 'batchSize' | 'stepSeconds'>,
  fit: UpdatesFit,
) {
  return stepSeconds * predictedUpdates(fit, batchSize);
}

function train(racer: Racer, capSeconds: number, fit: UpdatesFit, race: Race): Move {
  const predictedSeconds = bestOf(race.racers) ? costOf(racer, fit) : null;
  return { kind: 'train', batchSize: racer.batchSize, capSeconds, predictedSeconds };
}

function isWaiting({ state }: Racer): boolean {
  return state === 'waiting';
}
