import type { EvaluationGrid } from '../../../src/core/evaluationGrid';
import { deriveSeed, seededRandom, type Random } from '../../../src/core/random';
import { crossing, type Evaluation } from '../../../src/core/target';
import { lognormal, normal } from './lognormal';

/** The batch size of the made-up configs. */
export const configured = 32;

/** What a model, its data and a machine come to. Progress is 0 at first and 1 at the truth's target. */
export interface Surface {
  readonly seed: number;
  readonly samples: number;
  readonly epochs: number;
  /** Batch size from which on a step takes longer than the device's floor. */
  readonly knee: number;
  /** Updates that an endless batch needs. */
  readonly fewestUpdates: number;
  /** φ at first, and how many times as large it is at the target. */
  readonly noiseScale: number;
  readonly growth: number;
  /** From here on the learning rate's rule no longer holds, and updates do not get fewer. */
  readonly ruleHoldsTo: number;
  /** Loss falls exponentially (0) or as this power. */
  readonly power: number;
  /** Standard deviations of the logarithm of a run's updates: common to a seed, and of one run. */
  readonly seedScatter: number;
  readonly runScatter: number;
  /** Standard error of an evaluation, over the loss at first. */
  readonly evaluationNoise: number;
  /** Seconds of an evaluation, over the best size's time. */
  readonly evaluationShare: number;
  /** Doublings from the rule's learning rate to the best one. */
  readonly rateOffset: number;
}

/** Random surfaces: where the device saturates, how noisy gradients are, how training goes. */
export function randomSurface(seed: number, runScatter: number): Surface {
  const random = seededRandom(seed);
  const noiseScale = 10 ** (1 + 2 * random());
  const samples = 1500 * 2 ** Math.floor(5 * random());
  const epochs = 4 + 12 * random();
  const growth = 1.01 + 9 * random();
  const mean = (growth - 1) / Math.log(growth);
  return {
    seed,
    samples,
    epochs: Math.ceil(1.5 * epochs),
    knee: 2 ** (3 + 8 * random()),
    fewestUpdates: (epochs * samples) / configured / (1 + (noiseScale / configured) * mean),
    noiseScale,
    growth,
    ruleHoldsTo: 2 ** (9 + 7 * random()),
    power: random() < 0.5 ? 0 : 1 + random(),
    seedScatter: 0.15,
    runScatter,
    evaluationNoise: 0.01,
    evaluationShare: 0.005 + 0.01 * random(),
    rateOffset: 0.3 + 1.2 * (random() - 0.5),
  };
}

export function stepSecondsOf({ knee }: Surface, batchSize: number): number {
  return 0.001 * (1 + batchSize / knee);
}

/** True seconds to the target in the mean over runs. */
export function truth(surface: Surface, batchSize: number): number {
  return stepSecondsOf(surface, batchSize) * updatesTo(surface, batchSize, 1);
}

function updatesTo(surface: Surface, batchSize: number, progress: number): number {
  const { fewestUpdates, noiseScale, growth, ruleHoldsTo } = surface;
  const noise = (growth ** progress - 1) / Math.log(growth);
  return (
    fewestUpdates * (progress + (noiseScale / batchSize) * noise) * (1 + batchSize / ruleHoldsTo)
  );
}

/** 1 at first, 0.1 at the target. */
function lossAt({ power }: Surface, progress: number): number {
  if (power === 0) return 10 ** -progress;
  return (1 + (10 ** (1 / power) - 1) * progress) ** -power;
}

/** What runs share: where evaluations fall, what they take, and the seconds spent. */
export interface Ledger {
  readonly grid: EvaluationGrid;
  readonly evaluationSeconds: number;
  spent: number;
}

/** One training, evaluated as a trial is. */
export class SimulatedRun {
  iterations = 0;
  readonly curve: Evaluation[] = [{ x: 0, value: 1 }];
  readonly batchSize: number;
  readonly #random: Random;
  /** Of the updates in the mean. */
  readonly #factor: number;

  constructor(
    readonly surface: Surface,
    private readonly ledger: Ledger,
    { batchSize, seed, rate }: { batchSize: number; seed: number; rate: number },
  ) {
    this.batchSize = batchSize;
    this.#random = seededRandom(deriveSeed(surface.seed, 100_000 * seed + 10 * batchSize + rate));
    const ofSeed = lognormal(seededRandom(deriveSeed(surface.seed, seed)), surface.seedScatter);
    const { rateOffset } = surface;
    const ofRate = 1 + 0.35 * ((rate - rateOffset) ** 2 - rateOffset ** 2);
    this.#factor = ofSeed * ofRate * lognormal(this.#random, surface.runScatter);
  }

  get seconds(): number {
    return this.iterations * stepSecondsOf(this.surface, this.batchSize);
  }

  get epoch(): number {
    return (this.iterations * this.batchSize) / this.surface.samples;
  }

  get isOver(): boolean {
    return this.epoch >= 3 * this.surface.epochs;
  }

  get overUpdates(): Evaluation[] {
    const stepSeconds = stepSecondsOf(this.surface, this.batchSize);
    return this.curve.slice(1).map(({ x, value }) => ({ x: x / stepSeconds, value }));
  }

  /** The true noise scale where training has come to. */
  get noiseScale(): number {
    return this.surface.noiseScale * this.surface.growth ** Math.min(1.5, this.#progress);
  }

  timeTo(target: number): number | null {
    return this.curve.length < 3 ? null : crossing(this.curve, 'loss', target);
  }

  /** Trains from evaluation to evaluation until it should stop; some may be left out. */
  train(
    shouldStop: (run: SimulatedRun) => boolean,
    evaluates: (run: SimulatedRun) => boolean = () => true,
  ): void {
    const { grid, evaluationSeconds } = this.ledger;
    while (!shouldStop(this)) {
      const before = this.seconds;
      this.iterations = grid.nextIteration(this.batchSize, this.iterations);
      this.ledger.spent += this.seconds - before;
      if (!evaluates(this)) continue;
      this.ledger.spent += evaluationSeconds;
      const error = 0.5 * this.surface.evaluationNoise * normal(this.#random);
      this.curve.push({ x: this.seconds, value: lossAt(this.surface, this.#progress) + error });
    }
  }

  get #progress(): number {
    let [low, high] = [0, 8];
    for (let i = 0; i < 40; i++) {
      const middle = (low + high) / 2;
      const updates = updatesTo(this.surface, this.batchSize, middle) * this.#factor;
      if (updates < this.iterations) low = middle;
      else high = middle;
    }
    return low;
  }
}
