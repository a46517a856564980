import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChunkSizes } from '../../../src/languages/code/read/readChunks';
import { createParser as createJavaScript } from '../../../src/languages/javascript';
import { createParser as createJson } from '../../../src/languages/json';
import { NotebookParser, findSitesInCells } from '../../../src/languages/notebook';
import type { DocumentParser } from '../../../src/languages/parsedDocument';
import { createParser as createPython } from '../../../src/languages/python';
import { createParser as createYaml } from '../../../src/languages/yaml';
import { corpusFiles } from './corpusFiles';

/** Chunks as short as statements, so that most of what a file holds flows between chunks. */
const short: ChunkSizes = { longBody: 120, least: 20, most: 100 };
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
