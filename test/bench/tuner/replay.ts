import { deriveSeed } from '../../deriveSeed';
import { seededRandom } from '../../../src/trainer/random/seededRandom';
import { simulate, sweepPhases, type SweepPhase } from '../../unit/tuner/simulatedSweep';
import { completeSeeds, ladderSeconds, secondsBySize } from './judge';
import {
  nowOf,
  recordedCosts,
  recordedWorld,
  stepMs,
  updatesOf,
  type Costs,
} from './recordedWorld';
import { bestSize } from './regret';
import { baseBatchSize, smallestBatchSize, tasks, type TaskDefinition } from './tasks';
import { readTruth, type Truth } from './truthFile';

/** One simulated sweep over recorded counts. */
export interface Replayed {
  readonly batchSize: number | null;
  /** Mean seconds of the pick over those of the best size; Infinity where nothing was recommended. */
  readonly regret: number;
  readonly costOverExhaustive: number;
  readonly isSure: boolean;
  readonly phases: Readonly<Record<SweepPhase, number>>;
}

export interface TaskReplay {
  readonly task: string;
  readonly best: number;
  readonly bestSeconds: number;
  readonly replays: readonly Replayed[];
}

/** Replays so many sweeps of each task that rules may be set by; check tasks never are. */
export async function replayTasks(
  count: number,
  onTask: (replay: TaskReplay) => void,
): Promise<readonly TaskReplay[]> {
  const all: TaskReplay[] = [];
  for (const task of tasks.filter(({ isCheck }) => isCheck !== true)) {
    const [truth, costs] = [await readTruth(task.name), recordedCosts[task.name]];
    if (!truth || !costs) continue;
    const replay = await replayTask(task, truth, costs, count);
    all.push(replay);
    onTask(replay);
  }
  return all;
}

async function replayTask(
  task: TaskDefinition,
  truth: Truth,
  costs: Costs,
  count: number,
): Promise<TaskReplay> {
  const sizes = [...new Set(truth.runs.map(({ batchSize }) => batchSize))].sort((a, b) => a - b);
  const now = nowOf(costs, sizes);
  const seeds = completeSeeds(truth, now);
  const table = secondsBySize(truth, now, { scaled: true, seeds });
  const secondsOf = (size: number) =>
    (mean(seeds.map((seed) => updatesOf(truth, seed, size))) * stepMs(costs, size)) / 1000;
  const best = bestSize(table);
  if (best === null) throw new Error(`${task.name}: no size arrives.`);
  const sweep = (drawing: number, exhaustive: boolean) =>
    simulate(recordedWorld(task, truth, costs, drawing), configOf(task, truth, sizes, drawing), {
      machineSeed: drawing,
      exhaustive,
    });
  const { phases } = await sweep(0, true);
  const exhaustiveSeconds = phases.load + phases.probe + ladderSeconds(truth, now, seeds);
  const replays: Replayed[] = [];
  for (let drawing = 1; drawing <= count; drawing++) {
    const { result, seconds, phases: own } = await sweep(drawing, false);
    const { batchSize = null, confidence = null } = result.recommendation ?? {};
    replays.push({
      batchSize,
      regret: batchSize === null ? Infinity : secondsOf(batchSize) / secondsOf(best),
      costOverExhaustive: seconds / exhaustiveSeconds,
      isSure: confidence?.isSure ?? false,
      phases: own,
    });
  }
  return { task: task.name, best, bestSeconds: secondsOf(best), replays };
}

function configOf(
  { epochs, maxBatchSize, learningRateScaling }: TaskDefinition,
  truth: Truth,
  sizes: readonly number[],
  seed: number,
) {
  const range = { min: smallestBatchSize, ...(maxBatchSize !== null && { max: maxBatchSize }) };
  return {
    epochs,
    batchSize: baseBatchSize,
    learningRate: truth.learningRate,
    seed: 1000 * seed,
    // Where memory ends the ladder, the sizes beside it have no counts.
    tuning: { learningRateScaling, batchSizes: truth.largest === null ? range : sizes },
  };
}

/** What many replays come to, each figure with the 95% interval of a bootstrap over replays. */
export function summaryOf(all: readonly TaskReplay[]): Record<string, string> {
  const figures: Record<string, (drawn: readonly (readonly Replayed[])[]) => number> = {
    'median regret': (drawn) => median(drawn.map((each) => mean(each.map(({ regret }) => regret)))),
    'worst mean regret': (drawn) =>
      Math.max(...drawn.map((each) => mean(each.map(({ regret }) => regret)))),
    'mean regret': (drawn) => mean(drawn.flat().map(({ regret }) => regret)),
    'median cost over exhaustive': (drawn) =>
      median(drawn.map((each) => mean(each.map(({ costOverExhaustive: cost }) => cost)))),
    'share of sure': (drawn) => mean(drawn.flat().map(({ isSure }) => (isSure ? 1 : 0))),
  };
  const random = seededRandom(deriveSeed(20261130));
  const drawings = Array.from({ length: 300 }, () =>
    all.map(({ replays }) =>
      replays.flatMap(() => replays[Math.floor(random() * replays.length)] ?? []),
    ),
  );
  return Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => {
      const values = drawings.map(figure).sort((a, b) => a - b);
      const [low = NaN, high = NaN] = [values[7], values[292]];
      const value = figure(all.map(({ replays }) => replays));
      return [name, `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`];
    }),
  );
}

/** One line about a task's replays. */
export function lineOf({ task, best, bestSeconds, replays }: TaskReplay): string {
  const counts = new Map<number | null, number>();
  for (const { batchSize } of replays) counts.set(batchSize, (counts.get(batchSize) ?? 0) + 1);
  const picks = [...counts].toSorted(([, a], [, b]) => b - a);
  const part = (phase: SweepPhase) => mean(replays.map(({ phases }) => phases[phase]));
  return (
    `${task}: best ${best} (${bestSeconds.toFixed(2)} s); picks ` +
    picks.map(([size, count]) => `${size ?? 'none'} × ${count}`).join(', ') +
    `; regret ${mean(replays.map(({ regret }) => regret)).toFixed(3)}` +
    `, cost ${mean(replays.map(({ costOverExhaustive }) => costOverExhaustive)).toFixed(3)}` +
    `, sure ${replays.filter(({ isSure }) => isSure).length}; in trainings of the best: ` +
    sweepPhases.map((phase) => `${phase} ${(part(phase) / bestSeconds).toFixed(1)}`).join(', ')
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[half] ?? NaN) : mean(sorted.slice(half - 1, half + 1));
}
