import { attemptsOf, learningRateChecks, secondsBySeed } from '../../core/sweep/attempts';
import { timeRatios } from '../race/timeRatios';
import type { Trial } from '../../core/sweep/result';

/** A trial with its seconds to the target. */
interface TimedTrial {
  readonly trial: Trial;
  readonly seconds: number;
}

/**
 * The check at another learning rate that was clearly faster than a size at the rule's rate: by more
 * than its seeds scatter, too, for it has to beat the fastest of them. Null where none was.
 */
export function fasterRate(trials: readonly Trial[], of: Trial): TimedTrial | null {
  const attempt = attemptsOf(trials).find(({ trial }) => trial === of);
  const reached = attempt && secondsBySeed(attempt)?.filter((seconds) => seconds !== null);
  const found = fastestOf(learningRateChecks(trials, of));
  return reached && found && found.seconds <= timeRatios.fasterRate * Math.min(...reached)
    ? found
    : null;
}

/** The trial that reached the target in the fewest seconds; null where none did. */
export function fastestOf(trials: readonly Trial[]): TimedTrial | null {
  return trials.reduce<TimedTrial | null>((best, trial) => {
    const seconds = trial.timeToTargetSeconds;
    if (trial.status !== 'ok' || seconds === null || (best && best.seconds <= seconds)) return best;
    return { trial, seconds };
  }, null);
}
