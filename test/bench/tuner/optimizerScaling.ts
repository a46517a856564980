import type { OptimizerNumbers } from '../../../src/protocol/trainer';

export type OptimizerNumber = keyof OptimizerNumbers;

const optimizerNumberNames = ['beta1', 'beta2', 'momentum', 'epsilon', 'weightDecay'] as const;

/** A number that follows the batch size. */
export interface ScaledNumber {
  readonly name: OptimizerNumber;
  readonly value: number;
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
 * them as configured: docs/sweep.md says what they changed where that was measured.
 */
export function scaledNumbers({
  numbers,
  batchSize,
  to,
  rateFactor,
}: OptimizerScaling): readonly ScaledNumber[] {
  const ratio = to / batchSize;
  if (ratio === 1) return [];
  const halfLife = (beta: number) => decayOver(beta, ratio);
  const rules: Readonly<Record<OptimizerNumber, (from: number) => number>> = {
    beta1: halfLife,
    beta2: halfLife,
    momentum: halfLife,
    epsilon: (from) => Number((from / Math.sqrt(ratio)).toPrecision(4)),
    weightDecay: (from) => Number(((from * ratio) / rateFactor).toPrecision(4)),
  };
  return optimizerNumberNames.flatMap((name) => {
    const from = numbers[name];
    return from ? [{ name, value: rules[name](from) }] : [];
  });
}

/** β^κ, with four digits of what it lacks to 1: that is what counts of it. */
function decayOver(beta: number, ratio: number): number {
  const rest = Number((1 - beta ** ratio).toPrecision(4));
  return Number((1 - rest).toPrecision(12));
}
