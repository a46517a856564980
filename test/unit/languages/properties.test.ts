import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createParser as createJavaScript } from '../../../src/languages/javascript';
import { createParser as createJson } from '../../../src/languages/json';
import { createParser as createPython } from '../../../src/languages/python';
import { createParser as createShell } from '../../../src/languages/shell';
import { createParser as createToml } from '../../../src/languages/toml';
import { spansOf, type Findings } from '../../../src/languages/site';
import { createParser as createYaml } from '../../../src/languages/yaml';
import { corpusFiles, findIn } from './corpusFiles';

const languages = [
  'python',
  'javascript',
  'typescript',
  'typescriptreact',
  'yaml',
  'json',
  'toml',
  'shellscript',
  'makefile',
];
const files = corpusFiles().filter(({ texts }) => texts.length === 1);

function expectInside(findings: Findings, length: number): void {
  const spans = [
    ...findings.sites.flatMap(spansOf),
    ...findings.trainings.flatMap(({ call, insertions }) => [
      call.range,
      call.nameRange,
      ...Object.values(insertions).map(({ at }) => at),
    ]),
    ...findings.layers.map(({ range }) => range),
    ...findings.hints.map(({ range }) => range),
  ];
  for (const { cell, from, to } of spans) {
    expect(cell).toBe(0);
    expect(from).toBeGreaterThanOrEqual(0);
    expect(to).toBeGreaterThanOrEqual(from);
    expect(to).toBeLessThanOrEqual(length);
  }
}

function parserFor(languageId: string) {
  switch (languageId) {
    case 'toml':
      return createToml();
    case 'shellscript':
    case 'makefile':
      return createShell(languageId, null);
    case 'python':
      return createPython();
    case 'yaml':
      return createYaml(languageId, 'train.yaml');
    case 'json':
      return createJson(languageId, 'train.json');
    default:
      return createJavaScript(languageId);
  }
}

const words = fc.constantFrom(
  ...[
    'batch_size',
    'batchSize',
    'fit',
    'model',
    '.',
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    '=',
    ':',
    ',',
    '32',
  ],
  ...[
    '\n',
    '\r\n',
    '\t',
    '  ',
    '"',
    "'",
    '`',
    '#',
    '//',
    '/*',
    '*',
    '...',
    'def f',
    'class A',
    'for',
  ],
  ...[
    'import torch',
    'from keras import *',
    'epochs',
    'lr',
    '- ',
    '&a',
    '*a',
    '@',
    'ß',
    '🧠',
    '\ufeff',
  ],
);

describe('any text', () => {
  it.each(languages)('%s: no throw, ranges inside', (languageId) => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words, { maxLength: 60 }).map((parts) => parts.join('')),
      fc.array(words, { maxLength: 60 }).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(text, (source) => {
        expectInside(findIn(source, languageId, 'train.json'), source.length);
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  it.each(['((((', '[[[[', 'f(', '{"a":[', 'a+', 'a.b(c,', '- ', 'not '])(
    'deep nesting of %s does not overflow',
    (piece) => {
      for (const languageId of languages) {
        const source = `import torch\nbatch_size = 3\n${piece.repeat(1000)}`;
        expectInside(findIn(source, languageId, 'train.json'), source.length);
      }
    },
  );

  it('survives one line of a megabyte', () => {
    const source = `const data = [${'1,'.repeat(500_000)}]; const batchSize = 3;`;
    expectInside(findIn(source, 'javascript', 'data.js'), source.length);
  });
});

describe('a file of the corpus', () => {
  it('cut anywhere: no throw, ranges inside', () => {
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.nat(), fc.nat(), (file, a, b) => {
        const [text = ''] = file.texts;
        const [from, to] = [a % (text.length + 1), b % (text.length + 1)].sort((x, y) => x - y);
        const cut = text.slice(from, to);
        expectInside(file.find([cut]), cut.length);
      }),
      { numRuns: 400, seed: 11 },
    );
  });

  it('edited step by step: the same findings as read at once', () => {
    const edit = fc.record({
      at: fc.nat(),
      remove: fc.nat(40),
      insert: fc.oneof(words, fc.string()),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...files.filter(({ name }) => !name.includes('batchwise'))),
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        (file, edits, pause) => {
          const document = parserFor(file.languageId);
          let [text = ''] = file.texts;
          document.update(text, null);
          document.work(Infinity);
          for (const { at, remove, insert } of edits) {
            const from = at % (text.length + 1);
            const to = Math.min(text.length, from + remove);
            text = text.slice(0, from) + insert + text.slice(to);
            document.update(text, [{ from, to, inserted: insert.length }]);
            if (pause) document.work(0);
          }
          document.work(Infinity);
          const fresh = parserFor(file.languageId);
          fresh.update(text, null);
          fresh.work(Infinity);
          expect(document.findings).toEqual(fresh.findings);
        },
      ),
      { numRuns: 150, seed: 13 },
    );
  });
});
