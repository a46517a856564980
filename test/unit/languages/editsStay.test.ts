import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSitesInCells } from '../../../src/languages/notebook';
import { siteKinds, type Findings, type Span, type Training } from '../../../src/languages/site';
import { findIn } from './corpusFiles';

/** One training of a program; what is left out must not be taken from another. */
interface Run {
  readonly name: string;
  readonly batchSize: number;
  readonly epochs: number | null;
  readonly rate: number | null;
  readonly accumulation: number | null;
}

interface Kind {
  readonly languageId: string;
  readonly fileName: string;
  readonly before: string;
  readonly run: (run: Run) => string;
  readonly between: string;
  readonly after: string;
}

const lines = (...all: readonly (string | null | false)[]): string =>
  all.filter((line) => typeof line === 'string').join('\n');

const kinds: Record<string, Kind> = {
  'Keras models in functions': {
    languageId: 'python',
    fileName: 'runs.py',
    before: 'import keras\n\n',
    run: ({ name, batchSize, epochs, rate }) =>
      lines(
        `def ${name}(x, y):`,
        `    ${name} = keras.Sequential([keras.layers.Dense(1)])`,
        rate === null
          ? `    ${name}.compile("adam", "mse")`
          : `    ${name}.compile(keras.optimizers.Adam(${rate}), "mse")`,
        `    ${name}.fit(x, y, batch_size=${batchSize}${epochs === null ? '' : `, epochs=${epochs}`})`,
      ),
    between: '\n\n\n',
    after: '\n',
  },
  'Keras models in a row': {
    languageId: 'python',
    fileName: 'row.py',
    before: 'import keras\n',
    run: ({ name, batchSize, epochs, rate }) =>
      lines(
        `${name} = keras.Sequential([keras.layers.Dense(1)])`,
        rate !== null && `${name}.compile(keras.optimizers.SGD(learning_rate=${rate}), "mse")`,
        `${name}.fit(x, y, batch_size=${batchSize}${epochs === null ? '' : `, epochs=${epochs}`})`,
      ),
    between: '\n',
    after: '\n',
  },
  'loops over loaders in classes': {
    languageId: 'python',
    fileName: 'loops.py',
    before: 'import torch\nfrom torch.utils.data import DataLoader\n\n',
    run: ({ name, batchSize, epochs, rate }) =>
      lines(
        `class ${name.toUpperCase()}:`,
        '    def run(self, data, net):',
        `        loader = DataLoader(data, batch_size=${batchSize})`,
        rate !== null && `        optimizer = torch.optim.SGD(net.parameters(), lr=${rate})`,
        `        for epoch in range(${epochs ?? 'self.epochs'}):`,
        '            for x, y in loader:',
        '                net(x, y).backward()',
      ),
    between: '\n\n\n',
    after: '\n',
  },
  'arguments of the Trainer': {
    languageId: 'python',
    fileName: 'trainers.py',
    before: 'from transformers import Trainer, TrainingArguments\n\n',
    run: ({ name, batchSize, epochs, rate, accumulation }) =>
      lines(
        `${name} = TrainingArguments(`,
        `    output_dir="${name}",`,
        `    per_device_train_batch_size=${batchSize},`,
        rate !== null && `    learning_rate=${rate},`,
        epochs !== null && `    num_train_epochs=${epochs},`,
        accumulation !== null && `    gradient_accumulation_steps=${accumulation},`,
        ')',
      ),
    between: '\n',
    after: '\n',
  },
  'TensorFlow.js': {
    languageId: 'typescript',
    fileName: 'runs.ts',
    before: "import * as tf from '@tensorflow/tfjs';\n",
    run: ({ name, batchSize, epochs, rate }) =>
      lines(
        `export async function ${name}(xs: tf.Tensor, ys: tf.Tensor) {`,
        '  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1 })] });',
        `  model.compile({ loss: 'meanSquaredError', optimizer: ${rate === null ? "'sgd'" : `tf.train.sgd(${rate})`} });`,
        `  await model.fit(xs, ys, { batchSize: ${batchSize}${epochs === null ? '' : `, epochs: ${epochs}`} });`,
        '}',
      ),
    between: '\n',
    after: '\n',
  },
  YAML: {
    languageId: 'yaml',
    fileName: 'train.yaml',
    before: 'optimizer: adam\n',
    run: ({ name, batchSize, epochs, rate, accumulation }) =>
      lines(
        `${name}:`,
        `  batch_size: ${batchSize}`,
        rate !== null && `  learning_rate: ${rate}`,
        epochs !== null && `  epochs: ${epochs}`,
        accumulation !== null && `  gradient_accumulation_steps: ${accumulation}`,
      ),
    between: '\n',
    after: '\n',
  },
  JSON: {
    languageId: 'json',
    fileName: 'train.json',
    before: '{ "optimizer": "adam",\n',
    run: ({ name, batchSize, epochs, rate, accumulation }) =>
      `"${name}": ${JSON.stringify({
        batch_size: batchSize,
        ...(rate === null ? {} : { lr: rate }),
        ...(epochs === null ? {} : { epochs }),
        ...(accumulation === null ? {} : { accumulation_steps: accumulation }),
      })}`,
    between: ',\n',
    after: '\n}\n',
  },
  TOML: {
    languageId: 'toml',
    fileName: 'train.toml',
    before: 'optimizer = "adam"\n',
    run: ({ name, batchSize, epochs, rate, accumulation }) =>
      lines(
        `[${name}]`,
        `batch_size = ${batchSize}`,
        rate !== null && `lr = ${rate}`,
        epochs !== null && `epochs = ${epochs}`,
        accumulation !== null && `gradient_accumulation_steps = ${accumulation}`,
      ),
    between: '\n',
    after: '\n',
  },
  shell: {
    languageId: 'shellscript',
    fileName: 'train.sh',
    before: '#!/bin/bash\n',
    run: ({ name, batchSize, epochs, rate, accumulation }) =>
      [
        `python train.py --name ${name} --batch_size ${batchSize}`,
        rate === null ? null : `--lr ${rate}`,
        epochs === null ? null : `--epochs ${epochs}`,
        accumulation === null ? null : `--gradient_accumulation_steps ${accumulation}`,
      ]
        .filter((part) => part !== null)
        .join(' \\\n  '),
    between: '\n\n',
    after: '\n',
  },
};

const someRuns: fc.Arbitrary<Run[]> = fc
  .array(
    fc.record({
      epochs: fc.option(fc.integer({ min: 2, max: 90 })),
      rate: fc.option(fc.constantFrom(0.5, 0.01, 0.003)),
      accumulation: fc.option(fc.integer({ min: 2, max: 16 })),
    }),
    { minLength: 2, maxLength: 4 },
  )
  .map((all) =>
    all.map((run, index) => ({ ...run, name: `run${index}`, batchSize: 16 + 7 * index })),
  );

/** Every place that an action, a quick fix or a marker in a chart may write to for a training. */
function placesOf(training: Training): Span[] {
  const sites = siteKinds.flatMap((kind) => training[kind] ?? []);
  const writable = sites.filter(({ spelling }) => spelling !== null).map(({ range }) => range);
  const inserted = Object.values(training.insertions).map(({ at }) => at);
  return [...writable, ...inserted, ...(training.droppingLast ? [training.droppingLast.at] : [])];
}

function expectApart(findings: Findings, blocks: readonly Span[]): void {
  const holds = (block: Span, { cell, from, to }: Span): boolean =>
    block.cell === cell && block.from <= from && to <= block.to;
  let seen = 0;
  for (const training of findings.trainings) {
    const own = blocks.find((block) => holds(block, training.call.nameRange));
    expect(own, training.call.name).toBeDefined();
    if (!own) continue;
    for (const place of placesOf(training)) {
      seen++;
      expect(holds(own, place), `${JSON.stringify(place)} of ${JSON.stringify(own)}`).toBe(true);
    }
  }
  // What finds nothing would keep to its place, too.
  expect(seen).toBeGreaterThanOrEqual(blocks.length);
}

describe('an edit never lands outside the training that it is offered for', () => {
  it.each(Object.entries(kinds))('%s', (_name, kind) => {
    fc.assert(
      fc.property(someRuns, (runs) => {
        let text = kind.before;
        const blocks: Span[] = [];
        runs.forEach((run, index) => {
          if (index > 0) text += kind.between;
          const from = text.length;
          text += kind.run(run);
          blocks.push({ cell: 0, from, to: text.length });
        });
        expectApart(findIn(text + kind.after, kind.languageId, kind.fileName), blocks);
      }),
      { numRuns: 60, seed: 19 },
    );
  });

  it('cells of a notebook', () => {
    const kind = kinds['Keras models in a row'];
    if (!kind) throw new TypeError('no such kind');
    fc.assert(
      fc.property(someRuns, (runs) => {
        const texts = [kind.before, ...runs.map(kind.run)];
        const cells = texts.map((text, index) => ({
          id: String(index),
          languageId: 'python',
          text,
        }));
        const blocks = texts.map((text, cell) => ({ cell, from: 0, to: text.length }));
        expectApart(findSitesInCells(cells), blocks.slice(1));
      }),
      { numRuns: 40, seed: 23 },
    );
  });
});
