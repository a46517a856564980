import {
  bestOf,
  finalistsOf,
  lossFactor,
  nextMove,
  secondsOf,
  type Racer,
} from '../../../src/core/racePlan';
import type { Random } from '../../../src/core/random';
import { settle } from '../../../src/core/settle';

/** What a model, its data and a machine come to: true seconds and updates by batch size. */
export interface Surface {
  readonly ladder: readonly number[];
  readonly stepSeconds: (batchSize: number) => number;
  /** Updates to the target in the mean over seeds. */
  readonly updates: (batchSize: number) => number;
  /** How runs scatter, as the standard deviation of the logarithm: all sizes of a seed, one run. */
  readonly seedScatter: number;
  readonly runScatter: number;
}

export interface Simulated {
  readonly pick: number;
  /** True seconds of the pick over those of the truly best size. */
  readonly regret: number;
  /** Seconds trained in the race, over the best size's true seconds, from the pilot on. */
  readonly cost: number;
  /** Of it, what the pilot and what the repeats took. */
  readonly pilotCost: number;
  readonly repeatCost: number;
  readonly exhaustiveCost: number;
}

/** Runs a race as the tuner does, with runs drawn from a surface. */
export function simulateRace(
  surface: Surface,
  configured: number,
  priorNoiseScale: number,
  random: Random,
): Simulated {
  const { ladder } = surface;
  let spent = 0;
  const run = (seed: number, batchSize: number, capSeconds: number): Racer => {
    const updates =
      surface.updates(batchSize) * seedFactor(seed) * lognormal(random, surface.runScatter);
    const stepSeconds = surface.stepSeconds(batchSize);
    const reached = updates * stepSeconds <= capSeconds;
    // A crossing is confirmed by an evaluation about 10% later.
    spent += Math.min(1.1 * updates * stepSeconds, 1.1 * capSeconds);
    return {
      batchSize,
      stepSeconds,
      state: reached ? 'reached' : 'lost',
      updates: reached ? updates : capSeconds / stepSeconds,
    };
  };
  const factors = new Map<number, number>();
  const seedFactor = (seed: number) => {
    const factor = factors.get(seed) ?? lognormal(random, surface.seedScatter);
    factors.set(seed, factor);
    return factor;
  };
  const racers = new Map<number, Racer>(
    ladder.map((batchSize) => [
      batchSize,
      { batchSize, stepSeconds: surface.stepSeconds(batchSize), state: 'waiting', updates: 0 },
    ]),
  );
  // The pilot trains on until it stops improving: about twice as far as the target.
  const pilot = run(1, configured, Infinity);
  spent += secondsOf(pilot);
  const pilotSpent = spent;
  racers.set(configured, pilot);
  for (;;) {
    const all = [...racers.values()];
    const move = nextMove({ racers: all, priorNoiseScale, rungAbove: null });
    if (move.kind !== 'train') break;
    racers.set(move.batchSize, run(1, move.batchSize, move.capSeconds));
  }
  const racedSpent = spent;
  const finalists = finalistsOf([...racers.values()]);
  let bound = Infinity;
  const contenders = finalists.map((racer) => {
    const again = run(2, racer.batchSize, bound);
    if (again.state === 'reached') bound = Math.min(bound, lossFactor * secondsOf(again));
    return { batchSize: racer.batchSize, seconds: [secondsOf(racer), secondsOf(again)] };
  });
  const alone = bestOf([...racers.values()]);
  const pick = settle(contenders)?.winner.batchSize ?? alone?.batchSize ?? configured;
  const truth = (batchSize: number) => surface.stepSeconds(batchSize) * surface.updates(batchSize);
  const best = Math.min(...ladder.map(truth));
  return {
    pick,
    regret: truth(pick) / best,
    cost: spent / best,
    pilotCost: pilotSpent / best,
    repeatCost: (spent - racedSpent) / best,
    exhaustiveCost: ladder.reduce((sum, batchSize) => sum + truth(batchSize), 0) / best,
  };
}

/** A factor whose logarithm is normal around 0 (Box and Muller). */
function lognormal(random: Random, deviation: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return Math.exp(deviation * radius * Math.cos(2 * Math.PI * random()));
}
