import * as vscode from 'vscode';
import type { SweepResult } from '../core/sweep/result';
import { numberOf, type ConfigOutline } from './configs/configDocument';
import { suggestions, type Suggestion } from './explain/suggestion';
import { language } from './translate';

/**
 * Offers to write the recommendation when a sweep has ended, where it differs from the config.
 * @returns what to write; null when there is nothing to do
 */
export async function offerRecommendation(
  outline: ConfigOutline,
  result: SweepResult,
): Promise<Suggestion | null> {
  const current = {
    batchSize: numberOf(outline, 'batchSize'),
    learningRate: numberOf(outline, 'learningRate'),
  };
  const offered = suggestions(result, current, language).at(-1);
  if (!offered) return null;
  const apply = vscode.l10n.t('Apply');
  const chosen = await vscode.window.showInformationMessage(offered.title, apply);
  return chosen ? offered : null;
}
