import { iterationsPerEpoch } from '../../core/batches/arithmetic';
import { ruleOfThumb } from '../../core/batches/ruleOfThumb';
import type { ModelType, Trial } from '../../core/sweep/result';
import type { Text } from '../../core/text/problem';
import { budgetText, seconds } from '../../core/text/valueText';
import { budgetToLearn, secondsToCompare, type TrainingPace } from '../race/budget';

/** What is known of a model's speed before any size is trained, and what it would be trained for. */
interface FirstLook extends TrainingPace {
  readonly samples: number;
  readonly epochs: number;
  readonly spentSeconds: number;
  readonly secondsLeft: number;
  /** What the budget had left once training could begin. */
  readonly secondsGiven: number;
}

/** Why sizes cannot be compared in what is left of a budget; null where they may be. */
export function tooSlowText(look: FirstLook): Text | null {
  const { batchSize, stepSeconds, secondsGiven, spentSeconds, samples, epochs } = look;
  const needed = secondsToCompare(look);
  if (needed <= look.secondsLeft) return null;
  const configuredUpdates = iterationsPerEpoch(samples, batchSize) * epochs;
  const budget = budgetToLearn({ spentSeconds, stepSeconds, configuredUpdates, updates: 0 });
  return {
    id: 'tooSlowToCompare',
    values: {
      batchSize,
      step: seconds(stepSeconds),
      left: seconds(secondsGiven),
      updates: Math.floor(secondsGiven / stepSeconds),
      least: budgetText(spentSeconds + needed),
      budget: budgetText(budget),
      epochs,
    },
  };
}

/**
 * A size to start from where none is recommended, by a rule of thumb, and below what ran out of
 * memory; null where nothing smaller is left.
 */
export function startingPoint(
  modelType: ModelType,
  samples: number,
  trials: readonly Trial[],
): Text | null {
  const { batchSize, usual, source } = ruleOfThumb(modelType, samples);
  const tooLarge = trials
    .filter(({ status }) => status === 'out-of-memory')
    .reduce((least, trial) => Math.min(least, trial.batchSize), Infinity);
  const largest = 2 ** Math.ceil(Math.log2(tooLarge) - 1);
  if (largest < 1) return null;
  if (largest < batchSize) {
    const values = { batchSize: largest, tooLarge, usual: batchSize, source: source.name };
    return { id: 'startBelowMemory', values };
  }
  const [low, high] = usual;
  return { id: 'startByRule', values: { batchSize, low, high, source: source.name } };
}
