import Table from 'cli-table3';
import { leftOutErrors } from './leftOut';
import type { Now, SizeNow } from './measureNow';
import { runSweep } from './runSweep';
import { smallestBatchSize, type TaskDefinition } from './tasks';
import { TaskTrainer } from './trainer';
import type { Truth } from './truthFile';
import { sweepSeed, writeWorkspace, type Workspace } from './workspace';

/** How well memory is foretold on one task. */
export interface MemoryRow {
  readonly task: string;
  /** Worst share by which a size between others was missed when it was left out of the fit. */
  readonly betweenError: number;
  /** The same for the largest size, foretold from the smaller ones. */
  readonly beyondError: number;
  readonly limitBytes: number;
  /** Largest size that a sweep under the limit found. */
  readonly foundLargest: number | null;
  /** Largest size that trains under the limit. */
  readonly trueLargest: number;
}

/** A sweep that only has to climb and bisect. */
const climbBudgetSeconds = 30;

export async function memoryRow(
  task: TaskDefinition,
  truth: Truth,
  { sizes }: Now,
  folder: string,
  say: (message: string) => void,
): Promise<MemoryRow> {
  const { betweenError, beyondError } = leftOutErrors(sizes);
  const limitBytes = limitBetween(sizes);
  say(`${task.name}: the largest size within ${limitBytes} bytes`);
  const workspace = await writeWorkspace(task, truth.learningRate, folder, {
    memoryLimit: limitBytes,
    objective: 'throughput',
  });
  const { largestBatchSize } = await runSweep(workspace, sweepSeed, {
    budgetSeconds: climbBudgetSeconds,
  });
  const trueLargest = await largestUnder(task, workspace, limitBytes);
  return {
    task: task.name,
    betweenError,
    beyondError,
    limitBytes,
    foundLargest: largestBatchSize,
    trueLargest,
  };
}

/** A limit that falls between the sizes of the ladder's upper half, at no round number of them. */
function limitBetween(sizes: readonly SizeNow[]): number {
  const [below, above] = sizes.slice(-3);
  if (!below || !above) throw new Error('The ladder is too short for a memory limit.');
  return Math.round(below.peakBytes + 0.6 * (above.peakBytes - below.peakBytes));
}

/** By bisection, each size trained for some updates and evaluated, in a process of its own. */
async function largestUnder(
  task: TaskDefinition,
  workspace: Workspace,
  limitBytes: number,
): Promise<number> {
  let [low, high] = [0, Infinity];
  for (let next = smallestBatchSize; high - low > 1;) {
    const { isFitting, samples } = await fitsUnder(task, workspace, next, limitBytes);
    if (isFitting) low = next;
    else high = next;
    if (low >= samples) return low;
    next = high === Infinity ? Math.min(2 * low, samples) : Math.floor((low + high) / 2);
    // Finer than what is judged costs processes and tells nothing.
    if (high - low <= low / 512) return low;
  }
  return low;
}

async function fitsUnder(
  task: TaskDefinition,
  workspace: Workspace,
  batchSize: number,
  limitBytes: number,
): Promise<{ isFitting: boolean; samples: number }> {
  const trainer = await TaskTrainer.load(task, workspace);
  try {
    const { samples } = trainer.prepared.dataset;
    const learningRate = trainer.learningRateOf(batchSize);
    const trial = await trainer.begin({ batchSize, learningRate, seed: sweepSeed, limitBytes });
    if (!trial) return { isFitting: false, samples };
    const { status } = await trial.advance(6);
    if (status === 'out-of-memory') return { isFitting: false, samples };
    const evaluated = await trial.evaluate();
    return { isFitting: evaluated.status !== 'out-of-memory', samples };
  } finally {
    await trainer.stop();
  }
}

export function memoryTable(rows: readonly MemoryRow[]): string {
  const table = new Table({
    head: ['memory', 'left out between', 'left out beyond', 'limit', 'largest found', 'true'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) {
    table.push([
      row.task,
      `${(100 * row.betweenError).toFixed(1)}%`,
      `${(100 * row.beyondError).toFixed(1)}%`,
      `${(row.limitBytes / 2 ** 20).toFixed(1)} MiB`,
      row.foundLargest ?? 'none',
      row.trueLargest,
    ]);
  }
  return table.toString();
}
