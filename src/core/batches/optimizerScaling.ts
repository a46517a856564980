/** Settings of an optimizer, besides its learning rate, that may follow the batch size. */
export interface OptimizerNumbers {
  /** Decay of the first moment (Adam and its kin). */
  readonly beta1?: number | undefined;
  /** Decay of the second moment. */
  readonly beta2?: number | undefined;
  readonly momentum?: number | undefined;
  readonly epsilon?: number | undefined;
  /** Decoupled weight decay: weights shrink by the rate times this at every update. */
  readonly weightDecay?: number | undefined;
}

export type OptimizerNumber = keyof OptimizerNumbers;

const optimizerNumberNames = ['beta1', 'beta2', 'momentum', 'epsilon', 'weightDecay'] as const;

/** `halfLife`: the same in samples; `gradientNoise`: as 1/√B; `timescale`: the same in epochs. */
export type NumberRule = 'halfLife' | 'gradientNoise' | 'timescale';

/** A number that follows the batch size, and the rule that gave it. */
export interface ScaledNumber {
  readonly name: OptimizerNumber;
  readonly from: number;
  readonly value: number;
  readonly rule: NumberRule;
}

export interface OptimizerScaling {
  readonly numbers: OptimizerNumbers;
  /** The batch size that the numbers suit, and the one they are wanted for. */
  readonly batchSize: number;
  readonly to: number;
  /** The learning rate there over that at `batchSize`. */
  readonly rateFactor: number;
}

/**
 * What else scales with the batch size, by κ = B/B₀:
 * - β₁, β₂ and momentum keep their half-life in samples, β^κ (arXiv 2507.07101; 1 − κ(1 − β) to first order,
 *   arXiv 2205.10287);
 * - ε follows the gradients' noise, ε/√κ (arXiv 2205.10287);
 * - decoupled weight decay keeps its timescale in epochs, B/(η·λ·D): λ·κ·η/η′ (arXiv 2505.13738).
 *
 * Numbers that are not given, or are 0, stay out. None where the size stays. Sweeps leave all of
 * them as configured: see docs/sweep.md for what they changed where that was measured.
 */
export function scaledNumbers({
  numbers,
  batchSize,
  to,
  rateFactor,
}: OptimizerScaling): readonly ScaledNumber[] {
  const ratio = to / batchSize;
  if (ratio === 1) return [];
  const rules: Readonly<Record<OptimizerNumber, [NumberRule, (from: number) => number]>> = {
    beta1: ['halfLife', (from) => decayOver(from, ratio)],
    beta2: ['halfLife', (from) => decayOver(from, ratio)],
    momentum: ['halfLife', (from) => decayOver(from, ratio)],
    epsilon: ['gradientNoise', (from) => Number((from / Math.sqrt(ratio)).toPrecision(4))],
    weightDecay: ['timescale', (from) => Number(((from * ratio) / rateFactor).toPrecision(4))],
  };
  return optimizerNumberNames.flatMap((name) => {
    const from = numbers[name];
    if (!from) return [];
    const [rule, scale] = rules[name];
    return [{ name, from, value: scale(from), rule }];
  });
}

/** β^κ, with four digits of what it lacks to 1: that is what counts of it. */
function decayOver(beta: number, ratio: number): number {
  const rest = Number((1 - beta ** ratio).toPrecision(4));
  return Number((1 - rest).toPrecision(12));
}
