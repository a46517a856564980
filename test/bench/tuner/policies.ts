import { nearestRung } from '../../../src/core/batches/ladder';
import { baseBatchSize } from './tasks';

/** What the tools below would have measured of a task: every size of its ladder, ascending. */
export interface Measured {
  readonly sizes: readonly {
    readonly batchSize: number;
    readonly stepMs: number;
    readonly peakBytes: number;
  }[];
  /** Training samples. */
  readonly samples: number;
  /** Device bytes that training may take. */
  readonly capacityBytes: number;
  /** At the configured size after an epoch; null where the gradient drowned in its noise. */
  readonly noiseScale: number | null;
}

export interface Policy {
  readonly name: string;
  /** Returns a size of the ladder. */
  readonly choose: (measured: Measured) => number;
}

/** Ludwig tries no more than this share of the training samples. */
const ludwigShare = 0.2;
/** DeepSpeed's throughput has levelled off when a larger size gains less. */
const plateauGain = 0.05;
const ultralytics = { share: 0.6, largestProbe: 64, smallest: 1, largest: 1024, fallback: 16 };

/**
 * How other tools choose a batch size, on our measurements. Those that compute a size which is not
 * on the ladder get the nearest one that is.
 */
export const policies: readonly Policy[] = [
  { name: `fixed ${baseBatchSize}`, choose: (measured) => nearest(measured, baseBatchSize) },
  { name: 'largest, doubling (Lightning power)', choose: largestPowerOfTwo },
  { name: 'largest, bisected (Lightning)', choose: largestThatFits },
  { name: '60% of memory (Ultralytics)', choose: shareOfMemory },
  { name: 'peak throughput (Ludwig)', choose: peakThroughput },
  { name: 'throughput plateau (DeepSpeed)', choose: throughputPlateau },
  { name: 'goodput (Pollux)', choose: mostGoodput },
];

/** Doubles until memory or the data end; Lightning then takes the data set's size itself. */
function largestPowerOfTwo(measured: Measured): number {
  const fitting = fittingSizes(measured);
  const reachesData = (fitting.at(-1)?.batchSize ?? 0) >= measured.samples;
  const powers = reachesData ? fitting : fitting.filter(({ batchSize }) => isPower(batchSize));
  return powers.at(-1)?.batchSize ?? nearest(measured, 1);
}

function largestThatFits(measured: Measured): number {
  return fittingSizes(measured).at(-1)?.batchSize ?? nearest(measured, 1);
}

/**
 * A line through log memory over log size of the small sizes, solved for 60% of what is free; a
 * size outside 1…1024 is not trusted and the default taken.
 */
function shareOfMemory(measured: Measured): number {
  const { share, largestProbe, smallest, largest, fallback } = ultralytics;
  const points = measured.sizes
    .filter(({ batchSize }) => batchSize <= largestProbe)
    .map(({ batchSize, peakBytes }) => ({ x: Math.log(batchSize), y: Math.log(peakBytes) }));
  const meanX = average(points.map(({ x }) => x));
  const meanY = average(points.map(({ y }) => y));
  const covariance = average(points.map(({ x, y }) => (x - meanX) * (y - meanY)));
  const slope = covariance / average(points.map(({ x }) => (x - meanX) ** 2));
  const wanted = Math.log(share * measured.capacityBytes);
  const solved = Math.round(Math.exp(meanX + (wanted - meanY) / slope));
  const isTrusted = solved >= smallest && solved <= largest;
  return nearest(measured, isTrusted ? solved : fallback);
}

/** Doubles while throughput rises, up to a fifth of the data. */
function peakThroughput(measured: Measured): number {
  let best: { batchSize: number; rate: number } | null = null;
  for (const { batchSize, stepMs } of fittingSizes(measured)) {
    if (batchSize > ludwigShare * measured.samples) break;
    const rate = batchSize / stepMs;
    if (best && rate < best.rate) break;
    best = { batchSize, rate };
  }
  return best?.batchSize ?? nearest(measured, 1);
}

/** The last size before a larger one gains less than 5% of throughput. */
function throughputPlateau(measured: Measured): number {
  let last: { batchSize: number; rate: number } | null = null;
  for (const { batchSize, stepMs } of fittingSizes(measured)) {
    const rate = batchSize / stepMs;
    if (last && rate < last.rate * (1 + plateauGain)) break;
    last = { batchSize, rate };
  }
  return last?.batchSize ?? nearest(measured, 1);
}

/** Throughput times statistical efficiency (φ + B0)/(φ + B): arXiv 2008.12260. */
function mostGoodput(measured: Measured): number {
  const { noiseScale } = measured;
  const efficiency = (batchSize: number) =>
    noiseScale === null ? 1 : (noiseScale + baseBatchSize) / (noiseScale + batchSize);
  const goodput = (size: Measured['sizes'][number]) =>
    (size.batchSize / size.stepMs) * efficiency(size.batchSize);
  const fitting = fittingSizes(measured);
  const best = fitting.reduce<Measured['sizes'][number] | null>(
    (a, b) => (a && goodput(a) >= goodput(b) ? a : b),
    null,
  );
  return best?.batchSize ?? nearest(measured, 1);
}

function fittingSizes({ sizes, capacityBytes }: Measured) {
  return sizes.filter(({ peakBytes }) => peakBytes <= capacityBytes);
}

function nearest({ sizes }: Measured, batchSize: number): number {
  const ladder = sizes.map((size) => size.batchSize);
  return nearestRung(ladder, batchSize) ?? batchSize;
}

function isPower(batchSize: number): boolean {
  return Number.isInteger(Math.log2(batchSize));
}

function average(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
