import type { ModelType } from '../sweep/result';

export interface DetectedModelType {
  readonly type: ModelType;
  /** Class names of the layers that decided, without repeats, in the model's order. */
  readonly evidence: readonly string[];
}

const convolution = /^(Separable|Depthwise)?Conv(LSTM)?[123]D(Transpose)?$/i;
const recurrent = /^(LSTM|GRU|SimpleRNN|RNN|ConvLSTM2D|(LSTM|GRU|SimpleRNN)Cell|StackedRNNCells)$/i;
const attention = /Attention$|^Embedding$|Transformer|^PositionalEmbedding$|PositionEmbedding$/i;
const dense = /^(Dense|EinsumDense)$/i;

/**
 * The kind of a model from its layers' class names: one of convolution, recurrence and
 * attention/embedding makes it that kind. An embedding before a recurrence is the usual way to feed
 * it words and does not make it mixed; any other two kinds together do.
 * @param classNames such as `Conv2D`, inner layers of wrappers (Bidirectional) included
 */
export function detectModelType(classNames: readonly string[]): DetectedModelType {
  const matching = (pattern: RegExp) => [
    ...new Set(classNames.filter((className) => pattern.test(className))),
  ];
  const kinds = {
    cnn: matching(convolution),
    rnn: matching(recurrent),
    attention: matching(attention),
  };
  if (kinds.rnn.length > 0 && kinds.attention.every((name) => name === 'Embedding'))
    kinds.attention = [];
  const found = (['cnn', 'rnn', 'attention'] as const).filter((kind) => kinds[kind].length > 0);
  const [first] = found;
  if (first === undefined) return { type: 'dense', evidence: matching(dense) };
  if (found.length === 1) return { type: first, evidence: kinds[first] };
  const all = new Set(found.flatMap((kind) => kinds[kind]));
  return { type: 'mixed', evidence: [...new Set(classNames)].filter((name) => all.has(name)) };
}
