import { expect, test } from 'vitest';
import { detectModelType } from '../../../../src/core/model/modelType';

test.each([
  [['Conv2D', 'MaxPooling2D', 'Flatten', 'Dense'], 'cnn', ['Conv2D']],
  [['SeparableConv1D', 'Conv1D', 'Conv1D'], 'cnn', ['SeparableConv1D', 'Conv1D']],
  [['Bidirectional', 'LSTM', 'Dense'], 'rnn', ['LSTM']],
  [['Embedding', 'GRU', 'Dense'], 'rnn', ['GRU']],
  [['Embedding', 'GlobalAveragePooling1D', 'Dense'], 'attention', ['Embedding']],
  [['Embedding', 'MultiHeadAttention', 'Dense'], 'attention', ['Embedding', 'MultiHeadAttention']],
  [['Dense', 'Dropout', 'Dense'], 'dense', ['Dense']],
  [['Conv1D', 'LSTM', 'Dense'], 'mixed', ['Conv1D', 'LSTM']],
  [
    ['Embedding', 'LSTM', 'MultiHeadAttention'],
    'mixed',
    ['Embedding', 'LSTM', 'MultiHeadAttention'],
  ],
  [[], 'dense', []],
])('%j is %s', (layers, type, evidence) => {
  expect(detectModelType(layers)).toEqual({ type, evidence });
});
