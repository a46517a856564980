/** How the learning rate follows the batch size. */
type LearningRateRule = 'auto' | 'linear' | 'sqrt' | 'none';

/** What `auto` resolves to. `adascale` needs the gradient noise scale. */
type AppliedRule = 'linear' | 'sqrt' | 'none' | 'adascale';

interface LearningRateScaling {
  readonly rule: LearningRateRule;
  /** Optimizer name as in the config. */
  readonly optimizer: string;
  /** The configured batch size and the learning rate that suits it. */
  readonly batchSize: number;
  readonly learningRate: number;
  /** Gradient noise scale in samples; null while it is not measured. */
  readonly noiseScale: number | null;
}

/**
 * The rule that is really used. For adaptive optimizers `auto` is the square root
 * (arXiv 2205.10287). For SGD it is AdaScale's gain (arXiv 2007.05105) where the noise scale is
 * known; before that the square root, because the linear rule (arXiv 1706.02677) diverges at sizes
 * far beyond the noise scale.
 */
export function appliedRule(scaling: LearningRateScaling): AppliedRule {
  if (scaling.rule !== 'auto') return scaling.rule;
  const plain = scaling.optimizer === 'sgd' || scaling.optimizer === 'momentum';
  return plain && scaling.noiseScale !== null ? 'adascale' : 'sqrt';
}

/** The learning rate for a batch size, with four significant digits. */
export function scaledLearningRate(scaling: LearningRateScaling, batchSize: number): number {
  if (batchSize === scaling.batchSize) return scaling.learningRate;
  const scaled = scaling.learningRate * factor(scaling, batchSize);
  return Number(scaled.toPrecision(4));
}

function factor(scaling: LearningRateScaling, batchSize: number): number {
  const ratio = batchSize / scaling.batchSize;
  switch (appliedRule(scaling)) {
    case 'none':
      return 1;
    case 'linear':
      return ratio;
    case 'sqrt':
      return Math.sqrt(ratio);
    case 'adascale':
      return adaScaleGain(scaling.noiseScale ?? 0, scaling.batchSize, batchSize);
  }
}

/** `r(B) = (1 + φ/B0) / (1 + φ/B)`: between 1 and B/B0, the steps saved by the larger batch. */
export function adaScaleGain(noiseScale: number, from: number, to: number): number {
  return (1 + noiseScale / from) / (1 + noiseScale / to);
}
