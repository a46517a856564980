import * as vscode from 'vscode';
import {
  writeInsertion,
  writeSite,
  type Addition,
  type Site,
  type SiteKind,
  type Training,
} from '../../languages/site';
import { configEdit } from '../configs/applyValues';
import { isConfigDocument } from '../configs/configFiles';
import { roundLearningRate } from '../explain/suggestion';
import { spanRange, type FoundSites } from './siteDocuments';

/** Numbers to write; kinds left out stay as they are. */
export type SiteValues = Partial<
  Record<Extract<SiteKind, 'batchSize' | 'learningRate' | 'accumulation'>, number>
>;

/** What values are written to: a training's numbers, or one that belongs to none. */
export interface EditTarget {
  readonly site: Site | null;
  readonly training: Training | null;
}

/**
 * One undo step that writes values where they are defined, or adds the argument that a call leaves
 * out; null where one of them cannot be written.
 */
export function siteEdit(
  found: FoundSites,
  { site, training }: EditTarget,
  values: SiteValues,
): vscode.WorkspaceEdit | null {
  if (isConfigDocument(found.document)) {
    const { batchSize = training?.batchSize?.value, learningRate = null, accumulation } = values;
    if (!batchSize) return null;
    return configEdit(found.document, {
      batchSize,
      learningRate,
      ...(accumulation !== undefined && { gradientAccumulation: accumulation }),
    });
  }
  const edit = new vscode.WorkspaceEdit();
  const insertedAt = new Set<number>();
  for (const kind of ['batchSize', 'learningRate', 'accumulation'] as const) {
    const wanted = values[kind];
    if (wanted === undefined) continue;
    const value = kind === 'learningRate' ? roundLearningRate(wanted) : wanted;
    const place = training?.[kind] ?? (site?.kind === kind ? site : null);
    if (place) {
      const text = writeSite(place, value);
      const document = found.documentOf(place.range);
      if (text === null || !document) return null;
      edit.replace(document.uri, spanRange(document, place.range), text);
      continue;
    }
    const insertion = training?.insertions[kind];
    const document = insertion && found.documentOf(insertion.at);
    // Two insertions at one place could share no separator.
    if (!insertion || !document || insertedAt.has(insertion.at.from)) return null;
    insertedAt.add(insertion.at.from);
    const at = spanRange(document, insertion.at).start;
    edit.insert(document.uri, at, writeInsertion(insertion, value));
  }
  return edit.size > 0 ? edit : null;
}

/** One undo step that writes an argument into a call; null where its cell is gone. */
export function additionEdit(
  found: FoundSites,
  { at, text }: Addition,
): vscode.WorkspaceEdit | null {
  const document = found.documentOf(at);
  if (!document) return null;
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, spanRange(document, at).start, text);
  return edit;
}

/** Whether a training's accumulation is written, or can be. */
export function canAccumulate(training: Training | null): boolean {
  return Boolean(training?.accumulation?.spelling ?? training?.insertions.accumulation);
}
