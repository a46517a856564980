import { describe, expect, it } from 'vitest';
import { findSites } from '../../../src/languages/python';

/** The text with the argument that drops the last batch; null where none is offered. */
function dropped(text: string): string | null {
  const { trainings } = findSites(text);
  const added = trainings.find(({ droppingLast }) => droppingLast)?.droppingLast;
  if (!added) return null;
  const after = text.slice(0, added.at.from) + added.text + text.slice(added.at.to);
  const [training] = findSites(after).trainings;
  expect(training?.dropsLast, after).toBe(true);
  expect(training?.droppingLast, after).toBeUndefined();
  return after;
}

const torch = (call: string) =>
  `from torch.utils.data import DataLoader\nimport torch\nloader = ${call}\nfor x, y in loader:\n    loss(x, y).backward()\n`;
const tensorflow = (call: string) =>
  `import tensorflow as tf\ndata = tf.data.Dataset.from_tensor_slices((x, y))${call}\nmodel = tf.keras.Sequential([])\nmodel.fit(data, epochs=3)\n`;

describe('the argument that drops a partial last batch', () => {
  it.each([
    ['DataLoader(train, batch_size=50)', 'DataLoader(train, batch_size=50, drop_last=True)'],
    [
      'DataLoader(\r\n    train,\r\n    batch_size=50,\r\n)',
      'DataLoader(\r\n    train,\r\n    batch_size=50,\r\n    drop_last=True,\r\n)',
    ],
    ['DataLoader(train, 50, True)', 'DataLoader(train, 50, True, drop_last=True)'],
  ])('PyTorch: %s', (call, expected) => {
    expect(dropped(torch(call))).toBe(torch(expected));
  });

  it.each([
    ['.shuffle(9).batch(50)', '.shuffle(9).batch(50, drop_remainder=True)'],
    ['.batch(50).prefetch(2)', '.batch(50, drop_remainder=True).prefetch(2)'],
    [
      '.batch(\n    50, num_parallel_calls=4\n)',
      '.batch(\n    50, num_parallel_calls=4,\n    drop_remainder=True\n)',
    ],
  ])('tf.data: %s', (call, expected) => {
    expect(dropped(tensorflow(call))).toBe(tensorflow(expected));
  });

  it.each([
    ['said already', torch('DataLoader(train, batch_size=50, drop_last=False)')],
    ['a sampler of batches', torch('DataLoader(train, batch_sampler=sampler, batch_size=50)')],
    ['options that may hold it', torch('DataLoader(train, batch_size=50, **options)')],
    ['given by position', torch('DataLoader(a, 50, True, None, None, 0, None, False, True)')],
    [
      'a loader of the project',
      'import torch\nfrom data import DataLoader\nDataLoader(x, batch_size=50)\n',
    ],
    [
      'queues of TensorFlow 1',
      'import tensorflow as tf\nx = tf.train.batch([a], 50)\ntf.keras.Model().fit(x)\n',
    ],
    ['given by position', tensorflow('.batch(50, False)')],
    ['arrays', 'import keras\nmodel = keras.Sequential([])\nmodel.fit(x, y, batch_size=50)\n'],
  ])('is not offered: %s', (_, text) => {
    expect(dropped(text)).toBeNull();
  });
});
