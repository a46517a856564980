import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChunkSizes } from '../../../src/languages/code/read/readChunks';
import { createParser as createJavaScript } from '../../../src/languages/javascript';
import { createParser as createJson } from '../../../src/languages/json';
import { NotebookParser, findSitesInCells } from '../../../src/languages/notebook';
import { findNow, type DocumentParser } from '../../../src/languages/parsedDocument';
import { createParser as createPython } from '../../../src/languages/python';
import { nothingFound, siteKinds } from '../../../src/languages/site';
import { createParser as createYaml } from '../../../src/languages/yaml';
import { corpusFiles } from './corpusFiles';

/** Chunks as short as statements, so that most of what a file holds flows between chunks. */
const short: ChunkSizes = { longBody: 120, least: 20, most: 100 };
/** Each statement by itself, and a whole program as one. */
const statements: ChunkSizes = { longBody: Infinity, least: 20, most: 100 };
const whole: ChunkSizes = { longBody: Infinity, least: Infinity, most: Infinity };
const files = corpusFiles().filter(
  ({ texts, name }) => texts.length === 1 && !name.includes('batchwise'),
);

function parserFor(languageId: string, sizes?: ChunkSizes): DocumentParser {
  switch (languageId) {
    case 'python':
      return createPython(languageId, null, sizes);
    case 'yaml':
      return createYaml(languageId, 'train.yaml');
    case 'json':
      return createJson(languageId, 'train.json');
    default:
      return createJavaScript(languageId, null, sizes);
  }
}

/** One document of several files: long enough that parsers reuse what they parsed before. */
const documents = (languageId: string) =>
  fc
    .array(fc.constantFrom(...files.filter((file) => file.languageId === languageId)), {
      minLength: 1,
      maxLength: languageId === 'json' ? 1 : 5,
    })
    .chain((chosen) => {
      const text = chosen.map(({ texts }) => texts[0] ?? '').join('\n');
      return fc.constantFrom(
        text,
        text.replaceAll(/\r?\n/g, '\r\n'),
        wrapped(text, languageId),
        `${text}\n${text}`,
      );
    });

/** The whole file inside one function, or under one key. */
function wrapped(text: string, languageId: string): string {
  const indented = text
    .split('\n')
    .map((line) => (line === '' ? line : `    ${line}`))
    .join('\n');
  if (languageId === 'python') return `def main(epochs=3):\n    lr = 0.1\n${indented}\n\nmain(7)\n`;
  if (languageId === 'yaml') return `all:\n${indented}\n`;
  return languageId === 'json' ? text : `export function main(epochs = 3) {\n${indented}\n}\n`;
}

type Step = (text: string) => { from: number; to: number; insert: string }[];

const pieces = fc.constantFrom(
  ...['\n', '\r\n', ' ', '    ', '7', '"', '(', ')', '{', '}', '[', '#', '/*', '`', 'ß', '🧠', ':'],
  ...['batch_size = 48\n', 'const batchSize = 48;\n', 'batch_size: 48\n', 'epochs', 'model.fit('],
  ...['import torch\n', "import * as tf from '@tensorflow/tfjs';\n", 'lr = 0.5\n', 'return 3\n'],
  ...['def f(batch_size=3):\n    return batch_size\n', 'class A:\n    lr = 1\n', 'self.lr = 2\n'],
);
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.nat(), fc.nat(30), pieces).map(([at, remove, insert]): Step => (text) => {
    const from = at % (text.length + 1);
    return [{ from, to: Math.min(text.length, from + remove), insert }];
  }),
  fc.tuple(fc.nat(), pieces).map(([at, insert]): Step => (text) => {
    const from = lineStart(text, at);
    return [{ from, to: from, insert }];
  }),
  // Another constant.
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 999 })).map(([at, value]): Step => (text) => {
    const numbers = [...text.matchAll(/\b\d+\b/g)];
    const found = numbers[at % Math.max(1, numbers.length)];
    if (!found) return [];
    return [{ from: found.index, to: found.index + found[0].length, insert: String(value) }];
  }),
  // Another name, everywhere or in one place.
  fc.tuple(fc.nat(), fc.boolean()).map(([at, everywhere]): Step => (text) => {
    const names = [...text.matchAll(/\b[A-Za-z_]\w{3,}\b/g)];
    const found = names[at % Math.max(1, names.length)];
    if (!found) return [];
    return names
      .filter((name) => name === found || (everywhere && name[0] === found[0]))
      .map(({ 0: name, index }) => ({ from: index, to: index + name.length, insert: `${name}2` }));
  }),
  // Lines moved elsewhere.
  fc
    .tuple(fc.nat(), fc.integer({ min: 1, max: 12 }), fc.nat())
    .map(([at, lines, target]): Step => (text) => {
      const from = lineStart(text, at);
      let to = from;
      for (let i = 0; i < lines && to < text.length; i++)
        to = text.indexOf('\n', to) < 0 ? text.length : text.indexOf('\n', to) + 1;
      const goal = lineStart(text, target);
      if (goal >= from && goal <= to) return [];
      return [
        { from, to, insert: '' },
        { from: goal, to: goal, insert: text.slice(from, to) },
      ];
    }),
);

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at % (text.length + 1)) + 1;
}

function apply(text: string, edits: ReturnType<Step>): string {
  return [...edits]
    .sort((a, b) => b.from - a.from)
    .reduce((all, { from, to, insert }) => all.slice(0, from) + insert + all.slice(to), text);
}

describe.each(['python', 'javascript', 'typescript', 'typescriptreact', 'yaml', 'json'])(
  '%s, edited step by step',
  (languageId) => {
    it.each([
      ['short', short],
      ['usual', undefined],
    ] as const)('finds what is found at once, in %s chunks', (_, sizes) => {
      fc.assert(
        fc.property(
          documents(languageId),
          fc.array(fc.tuple(steps, fc.boolean(), fc.boolean()), { minLength: 2, maxLength: 8 }),
          (source, sequence) => {
            const document = parserFor(languageId, sizes);
            let text = source;
            document.update(text, null);
            document.work(Infinity);
            for (const [step, told, pause] of sequence) {
              const edits = step(text);
              text = apply(text, edits);
              document.update(
                text,
                told
                  ? edits.map(({ from, to, insert }) => ({ from, to, inserted: insert.length }))
                  : null,
              );
              if (pause) {
                document.work(0);
                continue;
              }
              document.work(Infinity);
              const fresh = parserFor(languageId, sizes);
              fresh.update(text, null);
              fresh.work(Infinity);
              expect(document.findings).toEqual(fresh.findings);
            }
          },
        ),
        { numRuns: 25, seed: 17 },
      );
    });
  },
);

const size = fc.integer({ min: 1, max: 5 }).map((power) => 2 ** power);
const name = fc.constantFrom('a', 'b');

/** Parts of programs: most stand alone, some are about numbers in others or of the whole program. */
const blocks: Record<string, fc.Arbitrary<string>> = {
  python: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(name, size, size).map(
        ([id, batch, epochs]) => `class Run_${id}:
    def __init__(self, batch_size=${batch}, lr=1e-${(epochs % 4) + 1}):
        self.batch_size = batch_size
        self.body = nn.Sequential(nn.Linear(24, 8), nn.ReLU())
        self.optimizer = torch.optim.Adam(self.body.parameters(), lr=lr)

    def run(self, dataset, epochs=${epochs}):
        loader = DataLoader(dataset, batch_size=self.batch_size, shuffle=True)
        for epoch in range(epochs):
            train(loader)
`,
      ),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(name, size, size).map(
        ([id, batch, epochs]) => `def fit_${id}(x, y):
    model = keras.Sequential([keras.layers.Dense(8)])
    model.compile(optimizer=keras.optimizers.Adam(0.00${epochs}), loss="mse")
    model.fit(x, y, batch_size=${batch}, epochs=${epochs})
`,
      ),
    },
    { weight: 2, arbitrary: size.map((batch) => `BATCH_SIZE = ${batch}\n`) },
    name.map((id) => `def of_${id}(data):\n    return DataLoader(data, batch_size=BATCH_SIZE)\n`),
    name.map((id) => `def again_${id}(x, y):\n    model_${id}.fit(x, y)\n`),
    fc
      .tuple(name, size)
      .map(
        ([id, batch]) =>
          `def whole_${id}(m):\n    m.fit(data.shuffle(99).batch(${batch}), epochs=2)\n`,
      ),
    fc
      .tuple(name, size)
      .map(
        ([id, batch]) => `def last_${id}(d):\n    return DataLoader(d, ${batch}, drop_last=True)\n`,
      ),
    fc.constantFrom(
      ...['accumulation_steps = 4\n', 'micro_batch_size = 4\n', 'global_batch_size = 64\n'],
      ...['# batchwise: samples=600\n', 'import pytest\n', 'def plain(a):\n    return a + 3\n'],
      ...['lr = base_lr * batch_size / 256\n', 'replay_buffer = ReplayBuffer(100)\n'],
    ),
  ),
  typescript: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(name, size, size).map(
        ([
          id,
          batch,
          epochs,
        ]) => `export async function run_${id}(xs, ys, { batchSize = ${batch}, epochs = ${epochs} } = {}) {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 8, inputShape: [24] }));
  model.compile({ optimizer: tf.train.adam(0.00${epochs}), loss: 'meanSquaredError' });
  return model.fit(xs, ys, { batchSize, epochs });
}
`,
      ),
    },
    {
      weight: 2,
      arbitrary: size.map((batch) => `const BATCH_SIZE = ${batch};\n`),
    },
    name.map(
      (id) =>
        `function of_${id}(net, x, y) {\n  return net.fit(x, y, { batchSize: BATCH_SIZE });\n}\n`,
    ),
    name.map((id) => `function again_${id}(x, y) {\n  return model_${id}.fit(x, y);\n}\n`),
    fc.constantFrom(
      ...[
        'const accumulation = 4;\n',
        'const microBatchSize = 4;\n',
        '// batchwise: samples=600\n',
      ],
      ...['function plain(a) {\n  return a + 3;\n}\n', 'const epochs = 7;\n'],
    ),
  ),
};
const heads: Record<string, string> = {
  python: 'import torch\nfrom tensorflow import keras\nfrom torch.utils.data import DataLoader\n',
  typescript: "import * as tf from '@tensorflow/tfjs';\n",
};

/** Another number, another block, one less, or one that stands elsewhere. */
const blockSteps = (block: fc.Arbitrary<string>): fc.Arbitrary<Step> =>
  fc.oneof(
    fc.tuple(fc.nat(), size).map(([at, value]): Step => (text) => {
      const found = pick([...text.matchAll(/\b\d+\b/g)], at);
      return found
        ? [{ from: found.index, to: found.index + found[0].length, insert: String(value) }]
        : [];
    }),
    fc.tuple(fc.nat(), block).map(([at, insert]): Step => (text) => {
      const from = pick(starts(text), at) ?? text.length;
      return [{ from, to: from, insert: `${insert}\n` }];
    }),
    fc.nat().map((at): Step => (text) => {
      const all = starts(text);
      const from = pick(all, at);
      const to = all.find((start) => start > (from ?? Infinity));
      return from === undefined || to === undefined ? [] : [{ from, to, insert: '' }];
    }),
  );

function pick<T>(all: readonly T[], at: number): T | undefined {
  return all[at % Math.max(1, all.length)];
}

/** Where blocks start: behind an empty line, without indentation. */
function starts(text: string): number[] {
  return [...text.matchAll(/\n\n(?=\S)/g)].map(({ index }) => index + 2);
}

describe.each(['python', 'typescript'])(
  '%s of many trainings, edited step by step',
  (languageId) => {
    const block = blocks[languageId] ?? fc.constant('');
    const sources = fc
      .array(block, { minLength: 3, maxLength: 12 })
      .map((all) => [heads[languageId], ...all].join('\n'));

    it.each([
      ['is found at once', short, short],
      ['one chunk of it all shows', statements, whole],
    ])('finds what %s', (_, sizes, expected) => {
      const sequences = fc.array(blockSteps(block), { minLength: 2, maxLength: 8 });
      fc.assert(
        fc.property(sources, sequences, (source, sequence) => {
          const document = parserFor(languageId, sizes);
          let text = source;
          findNow(document, text);
          for (const step of sequence) {
            const edits = step(text);
            text = apply(text, edits);
            document.update(
              text,
              edits.map(({ from, to, insert }) => ({ from, to, inserted: insert.length })),
            );
            document.work(Infinity);
            const found = document.findings ?? nothingFound;
            expect(found).toEqual(findNow(parserFor(languageId, expected), text));
            // Numbers are known again by their objects.
            for (const training of found.trainings)
              for (const kind of siteKinds)
                if (training[kind]) expect(found.sites).toContain(training[kind]);
          }
        }),
        { numRuns: 15, seed: 23 },
      );
    });
  },
);

describe('a notebook, edited step by step', () => {
  const python = files.filter(({ languageId }) => languageId === 'python');
  const cells = fc.array(fc.constantFrom(...python), { minLength: 2, maxLength: 6 });
  const change = fc.tuple(fc.nat(), steps, fc.constantFrom('edit', 'move', 'remove', 'copy'));

  it('finds what is found at once', () => {
    fc.assert(
      fc.property(cells, fc.array(change, { minLength: 1, maxLength: 6 }), (chosen, changes) => {
        const notebook = new NotebookParser();
        let now = chosen.map(({ texts }, index) => ({
          id: String(index),
          languageId: 'python',
          text: texts[0] ?? '',
        }));
        for (const [at, step, kind] of changes) {
          const cell = now[at % now.length];
          if (!cell) return;
          const rest = now.filter((other) => other !== cell);
          const edited = { ...cell, text: apply(cell.text, step(cell.text)) };
          if (kind === 'edit') now = now.map((other) => (other === cell ? edited : other));
          else if (kind === 'move') now = [...rest, cell];
          else if (kind === 'copy') now = [{ ...cell, id: `${cell.id}+${now.length}` }, ...now];
          else if (rest.length > 0) now = rest;
          notebook.update(now);
          notebook.work(Infinity);
          expect(notebook.findings).toEqual(findSitesInCells(now));
        }
      }),
      { numRuns: 20, seed: 19 },
    );
  });
});

it('leaves a rate open beside an optimizer in another chunk, as in the same', () => {
  const text = corpusFiles().find(({ name }) => name === 'python/artistAndCritic.py')?.texts[0];
  const [apart, together] = [statements, whole].map((sizes) =>
    findNow(parserFor('python', sizes), text ?? ''),
  );
  expect(together?.trainings[0]?.batchSize?.value).toBe(14);
  expect(together?.trainings[0]?.learningRate).toBeNull();
  expect(apart).toEqual(together);
});
