import { deriveSeed } from '../../deriveSeed';
import { seededRandom } from '../../../src/trainer/random/seededRandom';
import { neverArrives, unscaledSeeds } from './computeTruth';
import type { Now } from './measureNow';
import { policies, type Measured } from './policies';
import {
  bestSize,
  bootstrapRegret,
  crossFittedRegret,
  interval95,
  medianOf,
  medianReplicates,
  regretInSample,
  type SecondsBySize,
} from './regret';
import type { ExhaustiveStart, Swept } from './runSweep';
import { baseBatchSize } from './tasks';
import type { Truth } from './truthFile';

/** One policy's choice on one task. */
export interface Choice {
  readonly policy: string;
  /** Sizes chosen; ours may choose differently in several sweeps. */
  readonly batchSizes: readonly number[];
  /** Mean over seeds; Infinity where a seed never arrives. */
  readonly secondsToTarget: number;
  readonly regret: number;
  readonly interval: readonly [number, number];
  /** Chosen and judged on the same seeds, so never below 1: the luckiest size counts as the best. */
  readonly regretInSample: number;
  /** With the learning rate left as configured; null where that was not trained. */
  readonly regretAsConfigured: number | null;
  readonly replicates: readonly number[];
}

export interface TaskReport {
  readonly task: string;
  readonly about: string;
  readonly seeds: number;
  readonly target: number;
  readonly best: number;
  /** Mean seconds of the best size to the target: T*. */
  readonly bestSeconds: number;
  readonly secondsBySize: readonly { batchSize: number; stepMs: number; seconds: number }[];
  readonly exhaustive: ExhaustiveCost;
  readonly choices: readonly Choice[];
  readonly sweeps: readonly Swept[];
  /** Seconds of a sweep in the mean, and of these for loading and for the probe. */
  readonly sweepSeconds: number;
  readonly loadSeconds: number;
  readonly probeSeconds: number;
  /** A whole sweep over a whole exhaustive one. */
  readonly costOverExhaustive: number;
  /** The same, loading and probe taken off both. */
  readonly racedOverExhaustive: number;
  /** A sweep's seconds without the probe over T*. */
  readonly costOverBest: number;
}

/** What an exhaustive sweep of a task takes, part by part. */
export interface ExhaustiveCost extends ExhaustiveStart {
  /** Every size to the target, or to three times the epochs; evaluations included. */
  readonly trainSeconds: number;
}

export const ours = 'Batchwise';
const bootstrapSeed = 20261123;

/**
 * Seconds to the target by size and seed: committed updates at today's step times. A size that was
 * not trained with every seed is left out, unless it failed with one: then its mean is infinite
 * whatever the others do.
 */
export function secondsBySize(
  truth: Truth,
  { sizes }: Now,
  wanted: { scaled: boolean; seeds: readonly number[] },
): SecondsBySize {
  const table = new Map<number, readonly number[]>();
  for (const { batchSize, stepMs } of sizes) {
    // At the configured size the rule changes nothing.
    const scaled = wanted.scaled || batchSize === baseBatchSize;
    const bySeed = wanted.seeds.flatMap((seed) => {
      const run = truth.runs.find(
        (each) => each.seed === seed && each.batchSize === batchSize && each.scaled === scaled,
      );
      return run ? [((run.updates ?? Infinity) * stepMs) / 1000] : [];
    });
    if (bySeed.length === wanted.seeds.length) table.set(batchSize, bySeed);
    else if (neverArrives(truth, batchSize, scaled)) {
      table.set(
        batchSize,
        wanted.seeds.map(() => Infinity),
      );
    }
  }
  return table;
}

/** Seeds with which every size of the ladder was trained. */
export function completeSeeds({ runs }: Truth, { sizes }: Now): number[] {
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  return seeds.filter((seed) =>
    sizes.every(({ batchSize }) =>
      runs.some((run) => run.seed === seed && run.batchSize === batchSize && run.scaled),
    ),
  );
}

/** Seconds in which every size trains to the target or the last epoch, a seed in the mean. */
export function ladderSeconds(
  { runs }: Truth,
  { sizes, evaluationMs }: Now,
  seeds: readonly number[],
): number {
  const total = sizes.reduce((sum, { batchSize, stepMs }) => {
    const own = runs.filter(
      (run) => run.scaled && run.batchSize === batchSize && seeds.includes(run.seed),
    );
    const ms = own.reduce(
      (all, { trained, evaluations }) => all + trained * stepMs + evaluations * evaluationMs,
      0,
    );
    return sum + ms / 1000;
  }, 0);
  return total / seeds.length;
}

/** Compares every policy's choice with the truth. */
export function judge(
  task: { name: string; about: string; samples: number; capacityBytes: number },
  truth: Truth,
  now: Now,
  sweeps: readonly Swept[],
  start: ExhaustiveStart,
): TaskReport {
  const seeds = completeSeeds(truth, now);
  const table = secondsBySize(truth, now, { scaled: true, seeds });
  const best = bestSize(table);
  if (seeds.length < 2 || best === null) {
    throw new Error(`${task.name}: no truth to compare with (run with --truth first).`);
  }
  const asConfigured = seeds.filter((seed) => unscaledSeeds.includes(seed));
  const reference = secondsBySize(truth, now, { scaled: true, seeds: asConfigured });
  const unscaled = secondsBySize(truth, now, { scaled: false, seeds: asConfigured });
  const noise = truth.noise.flatMap(({ scale }) => (scale === null ? [] : [scale]));
  const measured: Measured = {
    sizes: now.sizes,
    samples: task.samples,
    capacityBytes: task.capacityBytes,
    noiseScale: noise.length > 0 ? medianOf(noise) : null,
  };
  const ladder = now.sizes.map(({ batchSize }) => batchSize);
  const picks = sweeps.map(({ batchSize }) => judgedAs(batchSize, ladder));
  const chosen = [
    { policy: ours, batchSizes: picks },
    ...policies.map(({ name, choose }) => ({ policy: name, batchSizes: [choose(measured)] })),
  ];
  const choices = chosen.map(({ policy, batchSizes }, index): Choice => {
    const bySeed = meanOver(batchSizes, table, seeds.length);
    const random = seededRandom(deriveSeed(bootstrapSeed, index));
    const replicates = bootstrapRegret(table, bySeed, random);
    const isTrained = batchSizes.every((size) => unscaled.has(size)) && asConfigured.length >= 2;
    return {
      policy,
      batchSizes,
      secondsToTarget: average(bySeed),
      regret: crossFittedRegret(table, bySeed),
      interval: interval95(replicates),
      regretInSample: regretInSample(table, bySeed),
      regretAsConfigured: isTrained
        ? crossFittedRegret(reference, meanOver(batchSizes, unscaled, asConfigured.length))
        : null,
      replicates,
    };
  });
  const bestSeconds = average(table.get(best) ?? []);
  const trainSeconds = ladderSeconds(truth, now, seeds);
  const exhaustiveSeconds = start.loadSeconds + start.probeSeconds + trainSeconds;
  const sweepSeconds = average(sweeps.map((sweep) => sweep.seconds));
  const loadSeconds = average(sweeps.map((sweep) => sweep.loadSeconds));
  const probeSeconds = average(sweeps.map((sweep) => sweep.probeSeconds));
  return {
    task: task.name,
    about: task.about,
    seeds: seeds.length,
    target: truth.target,
    best,
    bestSeconds,
    secondsBySize: now.sizes.map(({ batchSize, stepMs }) => ({
      batchSize,
      stepMs,
      seconds: average(table.get(batchSize) ?? []),
    })),
    exhaustive: { ...start, trainSeconds },
    choices,
    sweeps,
    sweepSeconds,
    loadSeconds,
    probeSeconds,
    costOverExhaustive: sweepSeconds / exhaustiveSeconds,
    racedOverExhaustive: (sweepSeconds - loadSeconds - probeSeconds) / trainSeconds,
    costOverBest: (sweepSeconds - probeSeconds) / bestSeconds,
  };
}

/**
 * The size of the truth that stands for a pick. A sweep finds the largest size that fits to within
 * 1/64; another size that is not among the truth's cannot be judged.
 */
export function judgedAs(batchSize: number, ladder: readonly number[]): number {
  const found = ladder.find((size) => size >= batchSize && size - batchSize <= size / 64);
  if (found === undefined) {
    throw new Error(`Batch size ${batchSize} is not among the truth's: ${ladder.join(', ')}.`);
  }
  return found;
}

/** A policy over all tasks. */
export interface PolicySummary {
  readonly policy: string;
  readonly median: number;
  readonly interval: readonly [number, number];
  readonly worst: number;
  readonly inSampleMedian: number;
  readonly inSampleWorst: number;
}

export function summarize(reports: readonly TaskReport[], policy: string): PolicySummary {
  const choices = reports.flatMap(({ choices: all }) => all.filter((c) => c.policy === policy));
  return {
    policy,
    median: medianOf(choices.map(({ regret }) => regret)),
    interval: interval95(medianReplicates(choices.map(({ replicates }) => replicates))),
    worst: Math.max(...choices.map(({ regret }) => regret)),
    inSampleMedian: medianOf(choices.map((choice) => choice.regretInSample)),
    inSampleWorst: Math.max(...choices.map((choice) => choice.regretInSample)),
  };
}

/** Seed by seed, the mean over sweeps of what their picks take. */
function meanOver(
  batchSizes: readonly number[],
  table: SecondsBySize,
  seeds: number,
): readonly number[] {
  return Array.from({ length: seeds }, (_, seed) =>
    average(
      batchSizes.map((size) => {
        const bySeed = table.get(size);
        if (!bySeed) throw new Error(`Batch size ${size} is not among the truth's sizes.`);
        return bySeed[seed] ?? Infinity;
      }),
    ),
  );
}

function average(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
