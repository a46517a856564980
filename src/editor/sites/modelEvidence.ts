import { detectModelType } from '../../core/model/modelType';
import type { ModelType } from '../../core/sweep/result';
import type { LayerCall, Span } from '../../languages/site';

/** A kind of model, and what in the text says so. */
interface ModelEvidence {
  readonly type: ModelType;
  readonly layers: readonly { readonly name: string; readonly range: Span }[];
}

const mostShown = 4;

/**
 * The kind of model that a document's layers make; null where they do not show it. Cells of a notebook
 * may hold several models: then no layers are named, and no kind where the cells differ in it.
 */
export function modelEvidence(layers: readonly LayerCall[]): ModelEvidence | null {
  const cells = new Map<number, LayerCall[]>();
  for (const layer of layers) {
    const own = cells.get(layer.range.cell);
    if (own) own.push(layer);
    else cells.set(layer.range.cell, [layer]);
  }
  const all = [...cells.values()].flatMap((own) => evidenceOf(own) ?? []);
  const [first = null] = all;
  if (!first || all.length === 1) return first;
  return all.every(({ type }) => type === first.type) ? { type: first.type, layers: [] } : null;
}

function evidenceOf(layers: readonly LayerCall[]): ModelEvidence | null {
  const { type, evidence } = detectModelType(layers.map(({ className }) => className));
  if (evidence.length === 0) return null;
  const deciding = new Set(evidence);
  const shown = layers.filter(({ className }) => deciding.has(className)).slice(0, mostShown);
  return { type, layers: shown.map(({ written, range }) => ({ name: written, range })) };
}

/** Whether the layers normalize over the batch, which a batch of one sample defeats. */
export function normalizesOverBatch(layers: readonly LayerCall[]): boolean {
  return layers.some(
    ({ className, family }) =>
      family === 'normalization' && className.toLowerCase().startsWith('batchnorm'),
  );
}
