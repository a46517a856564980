import type { SweepContext } from '../context/sweepContext';
import type { TrialSettings } from './trialRecord';
import { TrialRun } from './trialRun';

const attempts = {
  race: 1,
  firstRepeat: 2,
  halfLearningRate: 3,
  twiceLearningRate: 4,
  accumulated: 5,
  schedule: 6,
  /** And so on. */
  secondRepeat: 7,
} as const;

/** What a trial of a batch size is for; its number is the last part of the trial's id. */
export type Attempt =
  Exclude<keyof typeof attempts, `${string}Repeat`> | { readonly repeat: number };

function numberOf(attempt: Attempt): number {
  if (typeof attempt === 'string') return attempts[attempt];
  const { repeat } = attempt;
  return repeat === 1 ? attempts.firstRepeat : attempts.secondRepeat + repeat - 2;
}

/**
 * The trial for a purpose: kept where an earlier, cut-off sweep finished it, only its measurements
 * where it was still to be raced, else new.
 */
export function makeRun(
  context: SweepContext,
  attempt: Attempt,
  changes: Partial<TrialSettings> & Pick<TrialSettings, 'batchSize'>,
): TrialRun {
  const { batchSize } = changes;
  const id = `${batchSize}-${numberOf(attempt)}`;
  const settings = {
    learningRate: context.learningRateOf(batchSize),
    seed: context.seed,
    ...changes,
  };
  const kept = context.kept.get(id);
  // In the race the rate may only be known after the pilot: the trial's result comes with its own.
  const isSame = attempt === 'race' || kept?.trial.learningRate === settings.learningRate;
  if (kept?.finished && isSame) return TrialRun.restored(context, kept.trial, true);
  if (kept && attempt === 'race') {
    const trial = { ...kept.trial, learningRate: settings.learningRate };
    return TrialRun.restored(context, trial, false);
  }
  return new TrialRun(context, settings, id);
}
