import { isClearlyBehind, isWorthEvaluating, valueAt } from '../../../src/core/comparison';
import { EvaluationGrid, evaluationPart } from '../../../src/core/evaluationGrid';
import { batchSizeLadder } from '../../../src/core/ladder';
import { deriveSeed, seededRandom } from '../../../src/core/random';
import {
  bestOf,
  finalistsOf,
  lossFactor,
  nextMove,
  promisingChallenger,
  type Race,
  type Racer,
} from '../../../src/core/racePlan';
import { settle } from '../../../src/core/settle';
import {
  crossing,
  hasLevelledOff,
  leastShareOfEpochs,
  targetFromCurve,
} from '../../../src/core/target';
import {
  configured,
  SimulatedRun,
  stepSecondsOf,
  truth,
  type Ledger,
  type Surface,
} from './syntheticSurface';
import { lognormal } from './lognormal';

/** What a simulated sweep came to; seconds are told over the best size's true seconds (T*). */
export interface Simulated {
  readonly pick: number;
  /** True seconds of the pick over those of the truly best size. */
  readonly regret: number;
  readonly pilot: number;
  readonly race: number;
  readonly repeats: number;
  readonly checks: number;
  /** All of them, without the probe. */
  readonly cost: number;
  /** Over training every size to the target or to three times the epochs. */
  readonly costOverExhaustive: number;
}

const firstLook = 5;
const firstSeed = 1;

/** Runs a sweep after its probe as the tuner does, on curves drawn from a surface. */
export function simulateSweep(surface: Surface): Simulated {
  const sizes = batchSizeLadder({ min: 8 }, surface.samples);
  if (!sizes.ok) throw new Error('no ladder');
  const ladder = sizes.value;
  const best = Math.min(...ladder.map((batchSize) => truth(surface, batchSize)));
  const ledger: Ledger = {
    grid: new EvaluationGrid(surface.samples, evaluationPart(ladder, surface.samples)),
    evaluationSeconds: surface.evaluationShare * best,
    spent: 0,
  };
  const newRun = (batchSize: number, seed: number, rate = 0) =>
    new SimulatedRun(surface, ledger, { batchSize, seed, rate });
  const sweep = new SimulatedSweep(surface, ladder, newRun);
  const marks = [0];
  const mark = () => marks.push(ledger.spent);
  const target = sweep.pilot();
  mark();
  sweep.race(target);
  mark();
  const pick = sweep.repeatFinalists(target);
  mark();
  sweep.checkLearningRates(target, pick);
  mark();
  const cost = ledger.spent;
  for (const batchSize of ladder) {
    const run = newRun(batchSize, 3);
    run.train(() => run.isOver || run.timeTo(0.1) !== null);
  }
  const [pilot = 0, race = 0, repeats = 0, checks = 0] = marks
    .slice(1)
    .map((at, i) => (at - (marks[i] ?? 0)) / best);
  return {
    pick,
    regret: truth(surface, pick) / best,
    ...{ pilot, race, repeats, checks },
    cost: cost / best,
    costOverExhaustive: cost / (ledger.spent - cost),
  };
}

class SimulatedSweep {
  readonly #runs: Map<number, SimulatedRun>;
  readonly #lost = new Set<SimulatedRun>();
  #noiseScale = 100;

  constructor(
    private readonly surface: Surface,
    ladder: readonly number[],
    private readonly newRun: (batchSize: number, seed: number, rate?: number) => SimulatedRun,
  ) {
    this.#runs = new Map(ladder.map((batchSize) => [batchSize, newRun(batchSize, firstSeed)]));
  }

  pilot(): number {
    const random = seededRandom(deriveSeed(this.surface.seed, 99));
    const measureNoise = (run: SimulatedRun) => {
      this.#noiseScale = run.noiseScale * lognormal(random, 0.3);
    };
    let leader = this.#run(configured);
    leader.train((run) => run.curve.length > firstLook || isLevel(run));
    measureNoise(leader);
    const compared = new Map<number, number>();
    while (!isLevel(leader)) {
      const { seconds, batchSize } = leader;
      const race = this.#race(null);
      const racers = race.racers.filter(
        (racer) =>
          racer.batchSize === batchSize || seconds >= 2 * (compared.get(racer.batchSize) ?? 0),
      );
      const found = promisingChallenger({ ...race, racers }, batchSize);
      if (found) {
        const run = this.#run(found.batchSize);
        compared.set(found.batchSize, seconds);
        run.train((each) => each.seconds >= seconds || isLevel(each));
        const theirs = valueAt(leader.curve, run.seconds) ?? Infinity;
        if ((run.curve.at(-1)?.value ?? Infinity) < theirs) leader = run;
      } else leader.train((run) => run.seconds >= 1.5 * seconds || isLevel(run));
      measureNoise(leader);
    }
    return (
      targetFromCurve(
        1,
        leader.curve.slice(1).map(({ value }) => value),
        'loss',
      ) ?? 0.5
    );
  }

  race(target: number): void {
    for (;;) {
      const race = this.#race(target);
      const move = nextMove(race);
      if (move.kind !== 'train') return;
      const best = bestOf(race.racers);
      const run = this.#run(move.batchSize);
      follow(run, target, move.capSeconds, best && this.#run(best.batchSize));
      if (run.timeTo(target) === null) this.#lost.add(run);
    }
  }

  repeatFinalists(target: number): number {
    const { racers } = this.#race(target);
    let fastest: SimulatedRun | null = null;
    const contenders = finalistsOf(racers).map(({ batchSize }) => {
      const run = this.newRun(batchSize, 2);
      const first = this.#run(batchSize).timeTo(target) ?? Infinity;
      const bound = fastest?.timeTo(target) ?? null;
      follow(run, target, bound === null ? 2 * first : lossFactor * bound, fastest);
      const seconds = run.timeTo(target);
      if (seconds !== null && seconds < (bound ?? Infinity)) fastest = run;
      return { batchSize, seconds: seconds === null ? [first] : [first, seconds] };
    });
    return settle(contenders)?.winner.batchSize ?? bestOf(racers)?.batchSize ?? configured;
  }

  checkLearningRates(target: number, pick: number): void {
    const winner = this.#run(pick);
    const seconds = winner.timeTo(target) ?? 0;
    const isFaster = (batchSize: number, rate: number) => {
      const run = this.newRun(batchSize, firstSeed, rate);
      follow(run, target, 0.9 * seconds, winner);
      return run.timeTo(target) !== null;
    };
    if (!isFaster(pick, 1)) isFaster(pick, -1);
    const theirs = this.#run(configured).timeTo(target) ?? Infinity;
    if (pick === configured || theirs >= 1.5 * seconds) return;
    if (!isFaster(configured, 1)) isFaster(configured, -1);
  }

  #run(batchSize: number): SimulatedRun {
    const run = this.#runs.get(batchSize);
    if (!run) throw new Error(`${batchSize} is not on the ladder`);
    return run;
  }

  #race(target: number | null): Race {
    const racers = [...this.#runs.values()].map((run): Racer => {
      const { batchSize, iterations } = run;
      const stepSeconds = stepSecondsOf(this.surface, batchSize);
      const seconds = target === null ? null : run.timeTo(target);
      return seconds === null
        ? {
            batchSize,
            stepSeconds,
            state: this.#lost.has(run) ? 'lost' : 'waiting',
            updates: iterations,
          }
        : { batchSize, stepSeconds, state: 'reached', updates: seconds / stepSeconds };
    });
    return { racers, priorNoiseScale: this.#noiseScale, rungAbove: null };
  }
}

function isLevel(run: SimulatedRun): boolean {
  const { evaluationNoise, epochs } = run.surface;
  if (run.isOver) return true;
  const fewestEpochs = Math.max(1, leastShareOfEpochs * epochs);
  return run.epoch >= fewestEpochs && hasLevelledOff(1, run.overUpdates, 'loss', evaluationNoise);
}

/** Trains to the target, to the cap, or until it is clearly behind. */
function follow(
  run: SimulatedRun,
  target: number,
  capSeconds: number,
  against: SimulatedRun | null,
): void {
  const seconds = against && crossing(against.curve, 'loss', target);
  const rivalry =
    seconds === null || against === run
      ? null
      : { metric: 'loss' as const, start: 1, target, seconds };
  const shouldStop = () => {
    if (run.curve.length < 3) return false;
    if (run.isOver || run.timeTo(target) !== null) return true;
    if ((run.curve.at(-1)?.value ?? 1) <= target) return false;
    if (run.seconds > capSeconds) return true;
    return (
      against !== null && rivalry !== null && isClearlyBehind(run.curve, against.curve, rivalry)
    );
  };
  run.train(
    shouldStop,
    () => rivalry === null || isWorthEvaluating(run.curve, run.seconds, rivalry),
  );
}
