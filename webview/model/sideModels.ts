import { effectiveBatchSize, lastBatchSize } from '../../src/core/batches/arithmetic';
import { epochOfUpdates } from '../../src/core/batches/updates';
import { emptySweep, type SweepState } from '../../src/core/sweep/sweepState';
import type { Subject } from '../../src/protocol/side';
import { memoryChartModel, type MemoryBar, type MemoryChartModel } from './sizeModels';
import { timeModel, type TimeModel } from './timeModel';
import { axisSizes, summarize, type SizeSummary } from './trials';

/** The arithmetic of a training; null where a number for it is missing. */
interface Arithmetic {
  readonly effective: number;
  readonly iterations: number | null;
  /** Samples in the last batch where it is partial and not dropped. */
  readonly last: number | null;
  readonly updates: number | null;
}

export function arithmeticOf(
  subject: Pick<Subject, 'batchSize' | 'accumulation' | 'samples' | 'epochs' | 'dropsLast'>,
): Arithmetic | null {
  const { batchSize, accumulation, samples, epochs, dropsLast } = subject;
  if (batchSize === null) return null;
  const effective = effectiveBatchSize(batchSize, accumulation);
  const epoch = samples ? epochOfUpdates(samples, { batchSize, accumulation, dropsLast }) : null;
  if (!samples || !epoch) return { effective, iterations: null, last: null, updates: null };
  return {
    effective,
    iterations: epoch.updates,
    last: dropsLast ? null : lastBatchSize(samples, effective),
    updates: epochs === null ? null : epoch.updates * epochs,
  };
}

/** What the side view's charts and table are made from. */
export interface SideCharts {
  readonly sizes: readonly number[];
  readonly summaries: readonly SizeSummary[];
  readonly memory: MemoryChartModel;
  readonly time: TimeModel;
  /** Whether the dashed line is estimated from layers, and not fitted to measurements. */
  readonly estimated: boolean;
}

/** Measurements laid over what the layers let expect. */
export function sideCharts(subject: Subject, swept: SweepState | null): SideCharts {
  const sweep = swept ?? emptySweep;
  const summaries = summarize(sweep);
  const estimates = new Map(subject.estimate.map(({ batchSize, bytes }) => [batchSize, bytes]));
  const measured = axisSizes(sweep, sweep.status === 'running');
  // Estimates far beyond what was run would flatten the rest.
  const most = Math.max(subject.batchSize ?? 0, ...(measured.length ? measured : [Infinity]));
  const expected = [...estimates.keys()].filter((size) => size <= most);
  const own = subject.batchSize === null ? [] : [subject.batchSize];
  const sizes = inOrder([...measured, ...expected, ...own]);
  // The size under the cursor has its place among those that were run.
  const timeAxis = measured.length === 0 ? [] : inOrder([...measured, ...own]);
  const memory = memoryChartModel(sweep, summaries, sizes);
  const estimated = estimates.size > 0;
  const bars = estimated
    ? memory.bars.map((bar): MemoryBar => ({
        ...bar,
        modelBytes: estimates.get(bar.batchSize) ?? null,
      }))
    : memory.bars;
  return {
    sizes,
    summaries,
    memory: { ...memory, bars },
    time: { ...timeModel(sweep, summaries, timeAxis), followsCursor: true },
    estimated,
  };
}

function inOrder(sizes: readonly number[]): number[] {
  return [...new Set(sizes)].sort((a, b) => a - b);
}
