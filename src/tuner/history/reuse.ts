import type { Text } from '../../core/text/problem';
import type { SweepResult } from '../../core/sweep/result';
import { withEnglish } from '../../core/sweep/renderedText';
import { seconds } from '../../core/text/valueText';
import { readLatestResult } from './runLog';

/** A sweep that used this share of its budget may have been cut short by it. */
const cutShort = 0.9;

/**
 * The last result, where nothing it depends on has changed and a larger budget would not have
 * changed it; with a note that says so. Its cost stays what the numbers originally took. An estimate
 * is no result to keep: a quieter machine may train what was too slow then.
 */
export function reusable(
  configFile: string,
  inputs: string,
  budgetSeconds: number,
): { readonly result: SweepResult; readonly note: Text } | null {
  const result = readLatestResult(configFile);
  if (!result || result.inputs !== inputs || !result.recommendation) return null;
  if (result.recommendation.isEstimate) return null;
  const had = result.budgetSeconds ?? Infinity;
  if (budgetSeconds > had && result.cost.seconds > cutShort * had) return null;
  const note: Text = {
    id: 'resultReused',
    values: { at: result.finishedAt ?? '', seconds: seconds(result.cost.seconds) },
  };
  return { result: { ...result, notes: [...(result.notes ?? []), withEnglish(note)] }, note };
}
