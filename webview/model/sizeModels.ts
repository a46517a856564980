import { predictedBytes, stepMsOf } from '../../src/core/sweep/readings';
import type { StepFit, Trial } from '../../src/core/sweep/result';
import type { SweepState } from '../../src/core/sweep/sweepState';
import type { SizeSummary } from './trials';

export interface MemoryBar {
  readonly batchSize: number;
  readonly parts: Trial['memory'];
  readonly peakBytes: number | null;
  /** What the memory model says of this size. */
  readonly modelBytes: number | null;
  readonly outOfMemory: boolean;
}

export interface MemoryChartModel {
  /** Bars, one for each size on the axis; those not measured yet are empty. */
  readonly bars: readonly MemoryBar[];
  readonly limitBytes: number | null;
  readonly largestBatchSize: number | null;
}

/** A limit this many times above everything measured is given in words: drawn, it would flatten the bars. */
const farAbove = 3;

/** Whether the limit line has a place in the chart. */
export function limitIsNear({ bars, limitBytes }: MemoryChartModel): boolean {
  const tallest = tallestBar({ bars });
  return (
    limitBytes !== null &&
    (bars.some(({ outOfMemory }) => outOfMemory) || limitBytes <= farAbove * tallest)
  );
}

export function tallestBar({ bars }: Pick<MemoryChartModel, 'bars'>): number {
  return bars.reduce(
    (top, { peakBytes, modelBytes }) => Math.max(top, peakBytes ?? 0, modelBytes ?? 0),
    0,
  );
}

export function memoryChartModel(
  sweep: SweepState,
  summaries: readonly SizeSummary[],
  axisSizes: readonly number[],
): MemoryChartModel {
  const { memoryModel } = sweep;
  return {
    bars: axisSizes.map((batchSize) => {
      const size = summaries.find((summary) => summary.batchSize === batchSize);
      const outOfMemory = size?.outcome === 'out-of-memory';
      return {
        batchSize,
        // A trial that ran out of memory held what it could get, which is no peak of the size.
        parts: outOfMemory ? null : (size?.memory ?? null),
        peakBytes: outOfMemory ? null : (size?.peakBytes ?? null),
        modelBytes: memoryModel && predictedBytes(memoryModel, batchSize),
        outOfMemory,
      };
    }),
    limitBytes: memoryModel?.limitBytes ?? sweep.limitBytes,
    largestBatchSize: memoryModel?.largestBatchSize ?? null,
  };
}

interface ThroughputPoint {
  readonly batchSize: number;
  readonly samplesPerSecond: number;
  readonly stepMs: number | null;
  /** 95%, in samples/s. */
  readonly interval: readonly [number, number] | null;
}

export interface ThroughputModel {
  readonly axisSizes: readonly number[];
  readonly points: readonly ThroughputPoint[];
  /** Samples per second by the fitted step time, densely along log2 of the batch size. */
  readonly fit: readonly { readonly x: number; readonly y: number }[];
}

export function throughputModel(
  sweep: SweepState,
  summaries: readonly SizeSummary[],
  axisSizes: readonly number[],
): ThroughputModel {
  const points = summaries.flatMap((size): ThroughputPoint[] =>
    size.samplesPerSecond === null
      ? []
      : [
          {
            batchSize: size.batchSize,
            samplesPerSecond: size.samplesPerSecond,
            stepMs: size.stepMs,
            interval: size.stepMsInterval && rates(size.batchSize, size.stepMsInterval),
          },
        ],
  );
  const stepFit = sweep.probe?.stepFit ?? null;
  return { axisSizes, points, fit: stepFit === null ? [] : fitLine(stepFit, points) };
}

function rates(batchSize: number, [low, high]: readonly [number, number]): [number, number] | null {
  return low > 0 && high > 0 ? [(batchSize * 1000) / high, (batchSize * 1000) / low] : null;
}

/** `B / t(B)` with `t(B) = max(floor, a + b·B)` in milliseconds. */
function fitLine(fit: StepFit, points: readonly ThroughputPoint[]): { x: number; y: number }[] {
  const first = points[0]?.batchSize;
  const last = points.at(-1)?.batchSize;
  if (first === undefined || last === undefined || first === last) return [];
  const steps = 48;
  return Array.from({ length: steps + 1 }, (_, step) => {
    const x = first * (last / first) ** (step / steps);
    const stepMs = stepMsOf(fit, x);
    return { x, y: stepMs > 0 ? (x * 1000) / stepMs : 0 };
  }).filter(({ y }) => y > 0);
}

/** The measured size nearest on a log2 axis. */
export function nearestSize(sizes: readonly number[], position: number): number | null {
  const distance = (size: number) =>
    Math.abs(Math.log2(size) - Math.log2(Math.max(position, 1e-9)));
  return sizes.reduce<number | null>(
    (best, size) => (best === null || distance(size) < distance(best) ? size : best),
    null,
  );
}

/** A comparison of one size with another, as shares: 0.12 is 12% more. Null where not measured. */
export interface Comparison {
  readonly time: number | null;
  readonly memory: number | null;
  readonly throughput: number | null;
}

export function compare(size: SizeSummary, other: SizeSummary): Comparison {
  return {
    time: share(size.seconds, other.seconds),
    memory: share(size.peakBytes, other.peakBytes),
    throughput: share(size.samplesPerSecond, other.samplesPerSecond),
  };
}

function share(value: number | null, base: number | null): number | null {
  return value === null || base === null || base === 0 ? null : value / base - 1;
}
