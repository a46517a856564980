import { deriveSeed } from '../../deriveSeed';
import { seededRandom } from '../../../src/trainer/random/seededRandom';
import { lognormal, normal } from './lognormal';
import type { Training, World } from './simulatedTrainer';
import type { BegunOptions } from '../../../src/protocol/trainer';
import type { Pace } from '../../../src/core/batches/pace';

/** The batch size and learning rate of the made-up configs. */
export const configured = { batchSize: 32, learningRate: 0.001 };

/** What a model, its data and a machine come to. Progress is 0 at first and 1 at the truth's target. */
export interface Surface {
  readonly seed: number;
  readonly samples: number;
  readonly epochs: number;
  /** Seconds of an update of the smallest batches. */
  readonly floorSeconds: number;
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
  /** Sizes around which more updates are needed than the law has: doublings, and the logarithm. */
  readonly shoulder: { readonly at: number; readonly height: number };
}

/** Random surfaces: where the device saturates, how noisy gradients are, how training goes. */
export function randomSurface(seed: number, runScatter: number): Surface {
  const random = seededRandom(seed);
  const noiseScale = 10 ** (1 + 2 * random());
  const samples = 1500 * 2 ** Math.floor(5 * random());
  const epochs = 4 + 12 * random();
  const growth = 1.01 + 9 * random();
  const mean = (growth - 1) / Math.log(growth);
  const surface = {
    seed,
    samples,
    epochs: Math.ceil(1.5 * epochs),
    floorSeconds: 0.001,
    knee: 2 ** (3 + 8 * random()),
    fewestUpdates:
      (epochs * samples) / configured.batchSize / (1 + (noiseScale / configured.batchSize) * mean),
    noiseScale,
    growth,
    ruleHoldsTo: 2 ** (9 + 7 * random()),
    power: random() < 0.5 ? 0 : 1 + random(),
    seedScatter: 0.15,
    runScatter,
    evaluationNoise: 0.01,
    evaluationShare: 0.005 + 0.01 * random(),
    rateOffset: 0.3 + 1.2 * (random() - 0.5),
    shoulder: { at: 4 + 5 * random(), height: random() < 0.3 ? 0.5 * random() : 0 },
  };
  // The best size takes between a third of a second and four: what a sweep is worth its while for.
  const best = Math.min(...sizesOf(surface).map((batchSize) => truth(surface, batchSize)));
  const wanted = 0.3 * 13 ** random();
  return { ...surface, floorSeconds: (surface.floorSeconds * wanted) / best };
}

/** The ladder of the made-up configs. */
export function sizesOf({ samples }: Pick<Surface, 'samples'>): number[] {
  const sizes: number[] = [];
  for (let size = 8; size < samples; size *= 2) sizes.push(size);
  return [...sizes, samples];
}

export function stepSecondsOf({ knee, floorSeconds }: Surface, batchSize: number): number {
  return floorSeconds * (1 + batchSize / knee);
}

/** True seconds to a loss in the mean over runs; by default to the truth's own target. */
export function truth(surface: Surface, batchSize: number, loss = finalLoss): number {
  const progress = progressTo(surface, loss);
  return stepSecondsOf(surface, batchSize) * updatesTo(surface, batchSize, progress);
}

function updatesTo(surface: Surface, batchSize: number, progress: number): number {
  const { fewestUpdates, noiseScale, growth, ruleHoldsTo, shoulder } = surface;
  const noise = (growth ** progress - 1) / Math.log(growth);
  const bump = Math.exp(shoulder.height * Math.exp(-((Math.log2(batchSize) - shoulder.at) ** 2)));
  return (
    fewestUpdates *
    (progress + (noiseScale / batchSize) * noise) *
    (1 + batchSize / ruleHoldsTo) *
    bump
  );
}

function progressAt(surface: Surface, batchSize: number, updates: number): number {
  let [low, high] = [0, 8];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (updatesTo(surface, batchSize, middle) < updates) low = middle;
    else high = middle;
  }
  return low;
}

const finalLoss = 0.1;

/** 1 at first, 0.1 at the truth's target. */
function lossAt({ power }: Surface, progress: number): number {
  if (power === 0) return 10 ** -progress;
  return (1 + (10 ** (1 / power) - 1) * progress) ** -power;
}

function progressTo({ power }: Surface, loss: number): number {
  if (power === 0) return -Math.log10(loss);
  return (loss ** (-1 / power) - 1) / (10 ** (1 / power) - 1);
}

export function worldOf(surface: Surface): World {
  const best = Math.min(...sizesOf(surface).map((batchSize) => truth(surface, batchSize)));
  return {
    seed: surface.seed,
    samples: surface.samples,
    validationSamples: Math.ceil(surface.samples / 4),
    optimizer: 'adam',
    learningRate: configured.learningRate,
    loadSeconds: 0.4,
    evaluationSeconds: surface.evaluationShare * best,
    stepSeconds: (batchSize) => stepSecondsOf(surface, batchSize),
    peakBytes: (batchSize) => 100_000 + 400 * batchSize,
    begin: (options, pace) => trainingOf(surface, options, pace),
  };
}

function trainingOf(surface: Surface, options: BegunOptions, pace: Pace): Training {
  const { seedScatter, runScatter, rateOffset, evaluationNoise } = surface;
  const { seed, batchSize, learningRate } = options;
  const ruled = configured.learningRate * Math.sqrt(batchSize / configured.batchSize);
  const rate = options.schedule ? 0 : Math.round(Math.log2(learningRate / ruled));
  const random = seededRandom(deriveSeed(surface.seed, seed, batchSize, rate));
  const ofSeed = lognormal(seededRandom(deriveSeed(surface.seed, seed)), seedScatter);
  const ofRate = 1 + 0.35 * ((rate - rateOffset) ** 2 - rateOffset ** 2);
  const factor = ofSeed * ofRate * lognormal(random, runScatter);
  const noiseSeed = deriveSeed(surface.seed, seed, batchSize, rate, 1);
  const progress = (iterations: number) =>
    pace.stretches(iterations).reduce((before, stretch) => {
      const done = factor * updatesTo(surface, stretch.batchSize, before);
      return progressAt(surface, stretch.batchSize, (done + stretch.iterations) / factor);
    }, 0);
  return {
    lossAt: (iterations) => {
      const noise = iterations === 0 ? 0 : normal(seededRandom(deriveSeed(noiseSeed, iterations)));
      const loss = lossAt(surface, progress(iterations)) + 0.5 * evaluationNoise * noise;
      return { loss, standardError: evaluationNoise };
    },
    noiseScaleAt: (iterations) =>
      surface.noiseScale * surface.growth ** Math.min(1.5, progress(iterations)),
  };
}
