import Table from 'cli-table3';
import { fits, largestByPeak, largestByRunning, peakOf } from './largestFitting';
import { leftOutErrors } from './leftOut';
import { limitedNode } from './limitedNode';
import { probeLargest } from './runSweep';
import type { TaskDefinition } from './tasks';
import { TaskTrainer } from './trainer';
import { writeWorkspace } from './workspace';

/** How well memory is foretold on one task. */
export interface MemoryRow {
  readonly task: string;
  /** Metered peak of every size of the configured ladder. */
  readonly peaks: readonly { readonly batchSize: number; readonly peakBytes: number }[];
  /** Worst share by which a size was missed when it was left out of the fit; but the largest. */
  readonly betweenError: number;
  /** The same for the largest size, foretold from the smaller ones. */
  readonly beyondError: number;
  readonly limits: readonly LimitRow[];
}

/** The largest size under one limit. */
export interface LimitRow {
  readonly kind: 'memoryLimit' | 'prlimit';
  readonly limitBytes: number;
  /** Largest size that a sweep under the limit found. */
  readonly found: number | null;
  /** Largest size that trains under the limit. */
  readonly largest: number;
}

type Say = (message: string) => void;

/** The task that is tried under a limit of the process: its samples are the heaviest. */
const heaviest = 'topics';
/** What such a process may hold in all. */
const dataBytes = 700_000_000;
/** More than there is: only the limit of the process ends the climb. */
const noLimitBytes = 2 ** 40;
/** The true size under it is found to within this share. */
const exactWithin = 1 / 512;

export async function memoryRow(
  task: TaskDefinition,
  learningRate: number,
  folder: string,
  say: Say,
): Promise<MemoryRow> {
  const workspace = await writeWorkspace(task, learningRate, folder);
  const trainer = await TaskTrainer.load(task, workspace);
  const peaks: { batchSize: number; peakBytes: number }[] = [];
  let limitBytes: number;
  let largest: number;
  try {
    for (const batchSize of trainer.ladder) {
      const peakBytes = await peakOf(trainer, batchSize, null);
      if (peakBytes === null) throw new Error(`${task.name} does not fit at ${batchSize}.`);
      peaks.push({ batchSize, peakBytes });
    }
    limitBytes = task.memoryLimit ?? limitBetween(peaks);
    say(`${task.name}: the largest size within ${limitBytes} bytes`);
    largest = await largestByPeak(trainer, limitBytes);
  } finally {
    await trainer.stop();
  }
  const limited = await writeWorkspace(task, learningRate, folder, { memoryLimit: limitBytes });
  const isRight =
    (await fits(task, limited, largest, { limitBytes })) &&
    !(await fits(task, limited, largest + 1, { limitBytes }));
  if (!isRight) throw new Error(`${task.name}: ${largest} is not the largest size that trains.`);
  const found = await probeLargest(limited);
  const limits: LimitRow[] = [{ kind: 'memoryLimit', limitBytes, found, largest }];
  if (task.name === heaviest)
    limits.push(...(await underRealLimit(task, learningRate, folder, say)));
  return { task: task.name, peaks, ...leftOutErrors(peaks), limits };
}

/** A limit that falls between two sizes a third from the ladder's end, at no round number of them. */
function limitBetween(sizes: MemoryRow['peaks']): number {
  const [below, above] = sizes.slice(Math.floor((2 * sizes.length) / 3) - 1);
  if (!below || !above) throw new Error('The ladder is too short for a memory limit.');
  return Math.round(below.peakBytes + 0.6 * (above.peakBytes - below.peakBytes));
}

/** As above, where the system itself refuses memory; nothing where it cannot be made to. */
async function underRealLimit(
  task: TaskDefinition,
  learningRate: number,
  folder: string,
  say: Say,
): Promise<LimitRow[]> {
  const nodePath = await limitedNode(folder, dataBytes);
  if (nodePath === null) {
    say(`${task.name}: no limit on the process (that needs Linux with prlimit)`);
    return [];
  }
  say(`${task.name}: the largest size in a process of ${dataBytes} bytes`);
  const tuning = { memoryLimit: noLimitBytes };
  const workspace = await writeWorkspace(task, learningRate, folder, tuning);
  const trainer = { nodePath };
  const found = await probeLargest(workspace, trainer);
  const fitting = { limitBytes: null, trainer };
  const near = { guess: found ?? task.count / 10, within: exactWithin };
  const largest = await largestByRunning(task, workspace, fitting, near);
  return [{ kind: 'prlimit', limitBytes: dataBytes, found, largest }];
}

export function memoryTable(rows: readonly MemoryRow[]): string {
  const table = new Table({
    head: ['memory', 'left out', 'beyond', 'limit', 'MiB', 'largest found', 'true'],
    colAligns: ['left', 'right', 'right', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { task, betweenError, beyondError, limits } of rows) {
    for (const { kind, limitBytes, found, largest } of limits) {
      table.push([
        task,
        `${(100 * betweenError).toFixed(2)}%`,
        `${(100 * beyondError).toFixed(2)}%`,
        kind,
        (limitBytes / 2 ** 20).toFixed(1),
        found ?? 'none',
        largest,
      ]);
    }
  }
  return table.toString();
}
