import { iterationsPerEpoch } from '../../core/batches/arithmetic';
import { isBetter } from '../../core/sweep/curve';
import type { Trial } from '../../core/sweep/result';
import type { Text } from '../../core/text/problem';
import { budgetText, measured } from '../../core/text/valueText';
import { budgetToLearn } from '../race/budget';
import { bestUntil, type Evidence } from './choice';

/**
 * Why no size can be recommended by time: no target could be set, for what trained the longest has
 * learned nothing. Null where there is a target, or nothing was trained for one.
 */
export function unlearnedReason(evidence: Evidence): Text | null {
  const { trials, target, metric, start = null, guess = null, configured, samples } = evidence;
  const pilot = longest(trials);
  if (target || !pilot || start === null) return null;
  const best = bestUntil(pilot, metric, () => true);
  if (best === null) return null;
  const { batchSize, iterations, loss, stepMs } = pilot;
  const values = {
    batchSize,
    metric,
    value: measured(best),
    start: measured(start),
    epochs: measured(loss.at(-1)?.epoch ?? 0),
    updates: iterations,
  };
  const perEpoch = iterationsPerEpoch(samples, batchSize);
  const needed = budgetToLearn({
    spentSeconds: evidence.budgetSeconds,
    updates: iterations,
    stepSeconds: (stepMs ?? 0) / 1000,
    configuredUpdates: perEpoch * (configured.epochs ?? 1),
  });
  const budget = budgetText(needed);
  if (metric === 'accuracy' && guess !== null && guess >= start) {
    return { id: 'notBetterThanGuessing', values: { ...values, guess: measured(guess), budget } };
  }
  const isBudget = pilot.stopReason !== 'epochs' && Number.isFinite(evidence.budgetSeconds);
  // The start says little of a model that begins worse than guessing: saved weights on other data.
  if (guess !== null && isBetter(metric, guess, start)) {
    const known = { ...values, guess: measured(guess) };
    if (!isBudget) return { id: 'notBelowGuessingInEpochs', values: known };
    return { id: 'notBelowGuessing', values: { ...known, budget } };
  }
  if (!isBudget) return { id: 'notLearnedInEpochs', values };
  return { id: 'notLearned', values: { ...values, budget } };
}

/** The trial that trained for the most seconds; those that were only probed count for nothing. */
function longest(trials: readonly Trial[]): Trial | null {
  const secondsOf = ({ loss }: Trial) => loss.at(-1)?.seconds ?? 0;
  return trials
    .filter(({ status, phase }) => status === 'ok' && phase !== 'probe')
    .reduce<Trial | null>((a, b) => (a && secondsOf(a) >= secondsOf(b) ? a : b), null);
}
