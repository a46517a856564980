import { deriveSeed } from '../../deriveSeed';
import { scaledLearningRate } from '../../../src/core/batches/learningRate';
import type { Pace } from '../../../src/core/batches/pace';
import { seededRandom } from '../../../src/trainer/random/seededRandom';
import type { BegunOptions } from '../../../src/protocol/trainer';
import { normal } from '../../unit/tuner/lognormal';
import type { Training, World } from '../../unit/tuner/simulatedTrainer';
import type { Now } from './measureNow';
import { baseBatchSize, type TaskDefinition } from './tasks';
import type { Truth } from './truthFile';

/** What an update takes on one core, `floor + perSample · B`, and an evaluation, as once measured. */
export interface Costs {
  readonly floorMs: number;
  readonly perSampleMs: number;
  readonly evaluationMs: number;
}

/** Of the tasks that rules may be set by; see README.md for where they come from. */
export const recordedCosts: Readonly<Record<string, Costs>> = {
  clusters: { floorMs: 0.9, perSampleMs: 0.0125, evaluationMs: 33 },
  mislabeled: { floorMs: 0.95, perSampleMs: 0.006, evaluationMs: 20 },
  scarce: { floorMs: 0.8, perSampleMs: 0.0035, evaluationMs: 1 },
  shapes: { floorMs: 2.2, perSampleMs: 0.23, evaluationMs: 75 },
  pulses: { floorMs: 1.2, perSampleMs: 0.0245, evaluationMs: 10 },
  topics: { floorMs: 2.6, perSampleMs: 0.0437, evaluationMs: 150 },
  surface: { floorMs: 0.95, perSampleMs: 0.0088, evaluationMs: 18 },
};

const loadSeconds = 0.9;
/** Loss at the start and at the best that training comes to; the truth's target lies 90% between. */
const [startLoss, bestLoss] = [1, 0.1];
const evaluationNoise = 0.004;
/** A run that did not reach the target takes so many times the updates that were tried. */
const neverFactor = 1.3;
/** Updates at a learning rate that is off the rule by this many doublings, as a share more. */
const perDoublingSquared = 0.35;

export function stepMs({ floorMs, perSampleMs }: Costs, batchSize: number): number {
  return floorMs + perSampleMs * batchSize;
}

/** What a bench run would have measured. */
export function nowOf(costs: Costs, sizes: readonly number[]): Now {
  return {
    sizes: sizes.map((batchSize) => ({
      batchSize,
      stepMs: stepMs(costs, batchSize),
      peakBytes: peakBytes(batchSize),
    })),
    evaluationMs: costs.evaluationMs,
  };
}

function peakBytes(batchSize: number): number {
  return 100_000 + 4000 * batchSize;
}

/** An engine that compiles in stages: 2.7 times as slow at first, 1.2 times after two seconds. */
function coldness(worked: number): number {
  return 1 + 1.3 * Math.exp(-worked / 0.4) + 0.4 * Math.exp(-worked / 3);
}

/**
 * A task as its truth has it: how many updates a size needs with a seed is drawn from the truth's
 * seeds, all sizes of one seed together; curves are exponentials through those counts.
 */
export function recordedWorld(
  task: TaskDefinition,
  truth: Truth,
  costs: Costs,
  drawing: number,
): World {
  const samples = Math.round(0.8 * task.count);
  const seeds = [...new Set(truth.runs.map(({ seed }) => seed))];
  const drawnSeed = (seed: number) => {
    const random = seededRandom(deriveSeed(drawing, seed));
    return seeds[Math.floor(random() * seeds.length)] ?? 0;
  };
  const noise = truth.noise.flatMap(({ scale }) => (scale === null ? [] : [scale]));
  const { optimizer } = task;
  return {
    seed: deriveSeed(drawing, 1),
    samples,
    validationSamples: task.count - samples,
    optimizer: typeof optimizer === 'string' ? optimizer : optimizer.name,
    learningRate: truth.learningRate,
    loadSeconds,
    evaluationSeconds: costs.evaluationMs / 1000,
    coldness,
    stepSeconds: (batchSize) => stepMs(costs, batchSize) / 1000,
    peakBytes,
    begin: (options, pace) => {
      const scale = noise[Math.floor(noise.length / 2)] ?? 500;
      const updatesTo = (batchSize: number) =>
        updatesOf(truth, drawnSeed(options.seed), batchSize) * rateFactor(task, truth, options);
      return recordedTraining(options, pace, { updatesTo, scale, drawing });
    },
  };
}

function rateFactor(task: TaskDefinition, truth: Truth, options: BegunOptions): number {
  if (options.schedule) return 1;
  const { optimizer, learningRateScaling: rule } = task;
  const ruled = scaledLearningRate(
    {
      rule,
      optimizer: typeof optimizer === 'string' ? optimizer : optimizer.name,
      batchSize: baseBatchSize,
      learningRate: truth.learningRate,
      noiseScale: null,
    },
    options.batchSize,
  );
  const doublings = Math.round(Math.log2(options.learningRate / ruled));
  return 1 + perDoublingSquared * doublings ** 2;
}

/** Updates of a size to the truth's target with a seed of the truth. */
export function updatesOf(truth: Truth, seed: number, batchSize: number): number {
  const run = truth.runs.find(
    (each) => each.scaled && each.seed === seed && each.batchSize === batchSize,
  );
  if (!run) throw new Error(`${truth.task}: no count for ${batchSize} with seed ${seed}.`);
  return run.updates ?? neverFactor * run.trained;
}

function recordedTraining(
  options: BegunOptions,
  pace: Pace,
  {
    updatesTo,
    scale,
    drawing,
  }: { updatesTo: (batchSize: number) => number; scale: number; drawing: number },
): Training {
  const noiseSeed = deriveSeed(drawing, options.seed, options.batchSize);
  const progress = (iterations: number) =>
    pace
      .stretches(iterations)
      .reduce((sum, stretch) => sum + stretch.iterations / updatesTo(stretch.batchSize), 0);
  return {
    lossAt: (iterations) => {
      const random = seededRandom(deriveSeed(noiseSeed, iterations));
      const noise = iterations === 0 ? 0 : 0.5 * evaluationNoise * normal(random);
      const loss = bestLoss + (startLoss - bestLoss) * 10 ** -progress(iterations) + noise;
      return { loss, standardError: evaluationNoise };
    },
    noiseScaleAt: (iterations) => scale * 2 ** Math.min(1.5, progress(iterations)),
  };
}
