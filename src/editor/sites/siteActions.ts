import * as vscode from 'vscode';
import { effectiveBatchSize } from '../../core/batches/arithmetic';
import { formatCount } from '../../core/text/format';
import {
  countsSamples,
  isOfMicrobatch,
  ruleSuggestions,
  suggestions,
  type Suggestion,
} from '../explain/suggestion';
import type { Training } from '../../languages/site';
import { language } from '../translate';
import type { FoundSites } from './siteDocuments';
import { canAccumulate, siteEdit, type EditTarget, type SiteValues } from './siteEdit';
import { isOwnLibrary, type SiteFacts } from './siteFacts';

/** Changes of batch size (with learning rate or accumulation) that are offered at a place. */
export function siteActions(
  found: FoundSites,
  target: EditTarget,
  facts: SiteFacts,
): vscode.CodeAction[] {
  const { result } = facts;
  const offered = result?.recommendation
    ? suggestions(result, facts, language, !isOwnLibrary(facts.library))
    : ruleSuggestions(facts, language);
  const fitting = offered.filter(
    ({ learningRate }) => learningRate === null || !sharesRate(found, target.training),
  );
  const actions = fitting.flatMap((suggestion, index) => {
    const action = rewrite(suggestion.title, siteEdit(found, target, valuesOf(suggestion, facts)));
    if (action && index === 0 && result) action.isPreferred = true;
    return action ? [action] : [];
  });
  const accumulating = accumulationAction(found, target, facts);
  return [...actions, ...(accumulating ? [accumulating] : []), tuneAction(facts)];
}

/** Whether another training takes the same rate with a size of its own. */
function sharesRate({ findings }: FoundSites, training: Training | null): boolean {
  const rate = training?.learningRate ?? null;
  return (
    rate !== null &&
    findings.trainings.some(
      (other) => other.learningRate === rate && other.batchSize !== training?.batchSize,
    )
  );
}

/** What a suggestion writes, where it differs from what is there. */
export function valuesOf(suggestion: Suggestion, facts: SiteFacts): SiteValues {
  const { batchSize, learningRate, accumulation } = suggestion;
  return {
    ...(batchSize === facts.batchSize && learningRate !== null ? {} : { batchSize }),
    ...(learningRate === null ? {} : { learningRate }),
    ...(accumulation === facts.accumulation ? {} : { accumulation }),
  };
}

/** The same update from smaller batches, for when memory is short. */
function accumulationAction(
  found: FoundSites,
  target: EditTarget,
  facts: SiteFacts,
): vscode.CodeAction | null {
  const { batchSize, accumulation, training } = facts;
  if (batchSize === null || batchSize < 2 || batchSize % 2 !== 0) return null;
  if (!canAccumulate(training) || !isOfMicrobatch(facts) || !countsSamples(facts)) return null;
  // Where a whole update is written beside its parts, or may have accumulated batches inside, one
  // change is not enough.
  if (facts.global != null || (facts.readElsewhere && facts.counts == null)) return null;
  const values = { batchSize: batchSize / 2, accumulation: accumulation * 2 };
  const title = vscode.l10n.t(
    'Use batch size {size} and accumulate {count} batches (effective batch size {effective} as before, less memory)',
    {
      size: formatCount(values.batchSize, language.tag),
      count: formatCount(values.accumulation, language.tag),
      effective: formatCount(effectiveBatchSize(batchSize, accumulation), language.tag),
    },
  );
  return rewrite(title, siteEdit(found, target, values));
}

function rewrite(title: string, edit: vscode.WorkspaceEdit | null): vscode.CodeAction | null {
  if (!edit) return null;
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.RefactorRewrite);
  action.edit = edit;
  return action;
}

function tuneAction({ config }: SiteFacts): vscode.CodeAction {
  const { isTrusted } = vscode.workspace;
  const action = new vscode.CodeAction(
    isTrusted ? vscode.l10n.t('Tune this model…') : vscode.l10n.t('Trust this workspace to tune'),
    vscode.CodeActionKind.RefactorRewrite,
  );
  action.command = {
    title: action.title,
    command: isTrusted ? 'batchwise.tune' : 'batchwise.manageTrust',
    arguments: config ? [config.uri.toString()] : [],
  };
  return action;
}
