import { adaScaleGain } from '../../core/batches/learningRate';

/** Updates to the target, `U(B) = S·(1 + φ/B)` (arXiv 1812.06162); null `updates` has no scale. */
export interface UpdatesFit {
  /** Updates that even an endless batch needs; 1 where nothing was observed. */
  readonly fewestUpdates: number;
  /** φ in samples, refitted from what was observed: no longer only the gradient noise scale. */
  readonly noiseScale: number;
}

/** A size that reached the target after so many updates, or had not after so many. */
interface UpdatesObserved {
  readonly batchSize: number;
  readonly updates: number;
  readonly reached: boolean;
}

/** How far single runs scatter around the law, and the prior from the truth, in natural logs. */
const scatter = 0.15;
const priorScatter = 1.5;
const steps = 81;

/**
 * Fits the law to a race's own observations: a search over φ from 1 to 10⁶, drawn to the prior as
 * far as the observations leave it open. Sizes that were stopped bound their updates from below.
 */
export function fitUpdates(
  observed: readonly UpdatesObserved[],
  priorNoiseScale: number,
): UpdatesFit {
  const candidates = Array.from({ length: steps }, (_, i) => 10 ** ((6 * i) / (steps - 1)));
  const fits = candidates.map((noiseScale) => {
    const factor = ({ batchSize }: UpdatesObserved) => 1 + noiseScale / batchSize;
    const reached = observed.filter((each) => each.reached);
    const logs = reached.map((each) => Math.log(Math.max(1, each.updates) / factor(each)));
    const level = logs.length === 0 ? 0 : logs.reduce((a, b) => a + b, 0) / logs.length;
    const misses = [
      ...logs.map((log) => log - level),
      ...observed
        .filter((each) => !each.reached && logs.length > 0)
        .map((each) => Math.max(0, Math.log(each.updates / factor(each)) - level)),
    ];
    const cost =
      misses.reduce((sum, miss) => sum + (miss / scatter) ** 2, 0) +
      (Math.log(noiseScale / priorNoiseScale) / priorScatter) ** 2;
    return { fewestUpdates: Math.exp(level), noiseScale, cost };
  });
  const best = fits.reduce((a, b) => (b.cost < a.cost ? b : a));
  return { fewestUpdates: best.fewestUpdates, noiseScale: best.noiseScale };
}

/** Updates that a fit has for a batch size. */
export function predictedUpdates(
  { fewestUpdates, noiseScale }: UpdatesFit,
  batchSize: number,
): number {
  return fewestUpdates / adaScaleGain(noiseScale, Infinity, batchSize);
}
