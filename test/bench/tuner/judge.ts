import { deriveSeed, seededRandom } from '../../../src/core/random';
import type { Now } from './measureNow';
import { policies, type Measured } from './policies';
import {
  bestSize,
  bootstrapRegret,
  crossFittedRegret,
  interval95,
  medianOf,
  medianReplicates,
  type SecondsBySize,
} from './regret';
import type { Swept } from './runSweep';
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
  readonly exhaustiveSeconds: number;
  readonly choices: readonly Choice[];
  readonly sweeps: readonly Swept[];
  readonly costOverExhaustive: number;
  /** The sweeps' seconds without the probe, over T*. */
  readonly raceOverBest: number;
  readonly racedSeconds: number;
}

export const ours = 'Batchwise';
const bootstrapSeed = 20261123;

/** Seconds to the target by size and seed: committed updates at today's step times. */
export function secondsBySize(
  { runs }: Truth,
  { sizes }: Now,
  wanted: { scaled: boolean; seeds: readonly number[] },
): SecondsBySize {
  const table = new Map<number, readonly number[]>();
  for (const { batchSize, stepMs } of sizes) {
    const bySeed = wanted.seeds.flatMap((seed) => {
      const run = runs.find(
        (each) =>
          each.seed === seed && each.batchSize === batchSize && each.scaled === wanted.scaled,
      );
      return run ? [((run.updates ?? Infinity) * stepMs) / 1000] : [];
    });
    if (bySeed.length === wanted.seeds.length) table.set(batchSize, bySeed);
  }
  return table;
}

/** Seeds that have every size of the ladder. */
export function completeSeeds({ runs }: Truth, { sizes }: Now, scaled: boolean): number[] {
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  return seeds.filter((seed) =>
    sizes.every(({ batchSize }) =>
      runs.some(
        (run) =>
          run.seed === seed &&
          run.batchSize === batchSize &&
          (run.scaled === scaled || batchSize <= baseBatchSize),
      ),
    ),
  );
}

/** What an exhaustive sweep takes: every size to the target or the last epoch, a seed in the mean. */
export function exhaustiveSeconds(
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
): TaskReport {
  const seeds = completeSeeds(truth, now, true);
  const table = secondsBySize(truth, now, { scaled: true, seeds });
  const best = bestSize(table);
  if (seeds.length < 2 || best === null) {
    throw new Error(`${task.name}: no truth to compare with (run with --truth first).`);
  }
  const unscaledSeeds = completeSeeds(truth, now, false);
  const reference = secondsBySize(truth, now, { scaled: true, seeds: unscaledSeeds });
  const unscaled = new Map([
    ...(reference.has(baseBatchSize)
      ? [[baseBatchSize, reference.get(baseBatchSize) ?? []] as const]
      : []),
    ...secondsBySize(truth, now, { scaled: false, seeds: unscaledSeeds }),
  ]);
  const noise = truth.noise.flatMap(({ scale }) => (scale === null ? [] : [scale]));
  const measured: Measured = {
    sizes: now.sizes,
    samples: task.samples,
    capacityBytes: task.capacityBytes,
    noiseScale: noise.length > 0 ? medianOf(noise) : null,
  };
  const chosen = [
    { policy: ours, batchSizes: sweeps.map(({ batchSize }) => batchSize) },
    ...policies.map(({ name, choose }) => ({ policy: name, batchSizes: [choose(measured)] })),
  ];
  const choices = chosen.map(({ policy, batchSizes }, index): Choice => {
    const bySeed = meanOver(batchSizes, table, seeds.length);
    const random = seededRandom(deriveSeed(bootstrapSeed, index));
    const replicates = bootstrapRegret(table, bySeed, random);
    const isUnscaled = batchSizes.every((size) => unscaled.has(size)) && unscaledSeeds.length >= 2;
    return {
      policy,
      batchSizes,
      secondsToTarget: average(bySeed),
      regret: crossFittedRegret(table, bySeed),
      interval: interval95(replicates),
      regretAsConfigured: isUnscaled
        ? crossFittedRegret(reference, meanOver(batchSizes, unscaled, unscaledSeeds.length))
        : null,
      replicates,
    };
  });
  const bestSeconds = average(table.get(best) ?? []);
  const exhaustive = exhaustiveSeconds(truth, now, seeds);
  const racedSeconds = average(sweeps.map((sweep) => sweep.racedSeconds));
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
    exhaustiveSeconds: exhaustive,
    choices,
    sweeps,
    costOverExhaustive: average(sweeps.map(({ seconds }) => seconds)) / exhaustive,
    raceOverBest: racedSeconds / bestSeconds,
    racedSeconds,
  };
}

/** A policy over all tasks. */
export interface PolicySummary {
  readonly policy: string;
  readonly median: number;
  readonly interval: readonly [number, number];
  readonly worst: number;
}

export function summarize(reports: readonly TaskReport[], policy: string): PolicySummary {
  const choices = reports.flatMap(({ choices: all }) => all.filter((c) => c.policy === policy));
  return {
    policy,
    median: medianOf(choices.map(({ regret }) => regret)),
    interval: interval95(medianReplicates(choices.map(({ replicates }) => replicates))),
    worst: Math.max(...choices.map(({ regret }) => regret)),
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
