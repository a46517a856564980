import { detectModelType } from '../../core/model/modelType';
import type { ModelType } from '../../core/sweep/result';
import type { LayerCall, Span } from '../../languages/site';

/** A kind of model, and what in the text says so. */
interface ModelEvidence {
  readonly type: ModelType;
  readonly layers: readonly { readonly name: string; readonly range: Span }[];
}

const mostShown = 4;

/** The kind of model that a document's layers make; null where they do not show it. */
export function modelEvidence(layers: readonly LayerCall[]): ModelEvidence | null {
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
