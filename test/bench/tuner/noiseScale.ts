import { mean } from 'simple-statistics';
import type { NoiseStep } from '../../../src/protocol/trainer';

/**
 * Gradient noise scale tr(Σ)/|G|² from microbatch gradients (McCandlish et al.), each averaged over
 * the steps before they are divided; sampling without replacement adds tr(Σ)/N to |G|². Null where
 * the gradient drowns in its noise.
 */
export function pooledNoiseScale(steps: readonly NoiseStep[], samples: number): number | null {
  if (steps.length === 0) return null;
  const noise = mean(
    steps.map(
      ({ meanSquaredNorm, squaredNormOfMean, microbatches: n, microbatchSize }) =>
        (microbatchSize * (meanSquaredNorm - squaredNormOfMean) * n) / (n - 1),
    ),
  );
  const squaredGradient =
    mean(
      steps.map(
        ({ meanSquaredNorm, squaredNormOfMean, microbatches: n }) =>
          (n * squaredNormOfMean - meanSquaredNorm) / (n - 1),
      ),
    ) +
    noise / samples;
  return squaredGradient > 0 ? noise / squaredGradient : null;
}
