import type { Trial } from '../core/result';

/** Reasons that are no fault of the person's files. */
export const sweepFaults: ReadonlySet<string> = new Set([
  'workerDied',
  'workerNotStarted',
  'workerSilent',
  'workerMissing',
  'trainerProblem',
  'nodeTooOld',
  'nodeSettingMissing',
  'trainerOutOfMemoryAtStart',
]);

/** What the first trial failed of, when not one trial came to any other end. */
export function firstFailure(trials: readonly Trial[]): string | null {
  const [first] = trials;
  if (!first || trials.some(({ status }) => status !== 'failed')) return null;
  return first.error?.text ?? '';
}
