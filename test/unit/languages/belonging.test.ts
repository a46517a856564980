import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { siteKinds, type Findings, type Training } from '../../../src/languages/site';
import { findIn } from './corpusFiles';

interface Part {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Joins the texts of several trainings, and tells where each of them stands. */
function joined(head: string, texts: readonly string[]): { source: string; parts: Part[] } {
  let source = head;
  const parts = texts.map((text) => {
    const from = source.length;
    source += text;
    return { text, from, to: source.length };
  });
  return { source, parts };
}

/** Where an edit of a training would write. */
function editsOf(training: Training): number[] {
  const sites = siteKinds.map((kind) => training[kind]?.range.from);
  const insertions = Object.values(training.insertions).map(({ at }) => at.from);
  return [...sites, ...insertions, training.droppingLast?.at.from].filter(
    (offset) => offset !== undefined,
  );
}

function expectApart({ trainings }: Findings, parts: readonly Part[], count: number): void {
  expect(trainings.length).toBe(count);
  for (const training of trainings) {
    const { from } = training.call.range;
    const own = parts.find((part) => part.from <= from && from < part.to);
    expect(own).toBeDefined();
    for (const offset of editsOf(training)) {
      expect(offset).toBeGreaterThanOrEqual(own?.from ?? Infinity);
      expect(offset).toBeLessThanOrEqual(own?.to ?? -1);
    }
  }
}

/** Few values, so that trainings often share them. */
const size = fc.constantFrom(8, 16, 32);
const rate = fc.constantFrom(0.01, 0.02);
const settings = fc.record({
  size: fc.option(size),
  epochs: fc.option(fc.constantFrom(2, 3)),
  rate: fc.option(rate),
});
const several = fc.array(settings, { minLength: 2, maxLength: 5 });

describe('an edit lands in the training it is offered for', () => {
  it('of several Keras models', () => {
    fc.assert(
      fc.property(several, (all) => {
        const texts = all.map((each, i) => {
          const optimizer =
            each.rate === null ? '"adam"' : `keras.optimizers.SGD(learning_rate=${each.rate})`;
          const given = [
            each.epochs === null ? '' : `, epochs=${each.epochs}`,
            each.size === null ? '' : `, batch_size=${each.size}`,
          ].join('');
          return `m${i}.compile(optimizer=${optimizer}, loss="mse")\nm${i}.fit(x, y${given})\n`;
        });
        const { source, parts } = joined('import keras\n', texts);
        expectApart(findIn(source, 'python', 'train.py'), parts, all.length);
      }),
      { numRuns: 100, seed: 17 },
    );
  });

  it('of several TensorFlow.js models', () => {
    fc.assert(
      fc.property(several, (all) => {
        const texts = all.map((each, i) => {
          const optimizer = each.rate === null ? "'adam'" : `tf.train.sgd(${each.rate})`;
          const given = [
            each.epochs === null ? '' : `epochs: ${each.epochs}`,
            each.size === null ? '' : `batchSize: ${each.size}`,
          ].filter((text) => text !== '');
          return `m${i}.compile({ optimizer: ${optimizer} });\nm${i}.fit(x, y, { ${given.join(', ')} });\n`;
        });
        const { source, parts } = joined("import * as tf from '@tensorflow/tfjs';\n", texts);
        expectApart(findIn(source, 'javascript', 'train.js'), parts, all.length);
      }),
      { numRuns: 100, seed: 19 },
    );
  });

  it('of several loops in functions', () => {
    fc.assert(
      fc.property(several, (all) => {
        const texts = all.map(
          (each, i) => `
def run${i}(rows):
    loader = DataLoader(rows, batch_size=${each.size ?? 4})
    optimizer = torch.optim.SGD(net.parameters(), lr=${each.rate ?? 0.5})
    for epoch in range(${each.epochs ?? 1}):
        for x in loader:
            net(x).sum().backward()
`,
        );
        const head = 'import torch\nfrom torch.utils.data import DataLoader\n';
        const { source, parts } = joined(head, texts);
        expectApart(findIn(source, 'python', 'train.py'), parts, all.length);
      }),
      { numRuns: 100, seed: 23 },
    );
  });

  it('of several runs in one YAML file', () => {
    fc.assert(
      fc.property(several, (all) => {
        const texts = all.map((each, i) => {
          const lr = each.rate === null ? '' : `, lr: ${each.rate}`;
          const epochs = each.epochs === null ? '' : `  epochs: ${each.epochs}\n`;
          return `run${i}:\n  data: { batch_size: ${each.size ?? 4} }\n  optim: { optimizer: sgd${lr} }\n${epochs}`;
        });
        const { source, parts } = joined('model: net\n', texts);
        expectApart(findIn(source, 'yaml', 'train.yaml'), parts, all.length);
      }),
      { numRuns: 100, seed: 29 },
    );
  });
});
