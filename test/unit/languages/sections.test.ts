import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonInSections } from '../../../src/languages/json';
import { findNow } from '../../../src/languages/parsedDocument';
import { SettingsDocument } from '../../../src/languages/settings/settingsDocument';
import { yamlInSections } from '../../../src/languages/yaml';
import { corpusFiles } from './corpusFiles';

const files = corpusFiles();
const textsOf = (id: string) =>
  files.filter(({ languageId }) => languageId === id).map(({ texts }) => texts[0] ?? '');

function* uncut(): Generator<undefined, null> {
  yield;
  return null;
}

/** Finds by sections, and in the text parsed in one. */
function bothWays(language: typeof yamlInSections, text: string, name = 'train.yaml') {
  return {
    cut: findNow(new SettingsDocument(language, name), text),
    whole: findNow(new SettingsDocument({ ...language, cut: uncut }, name), text),
  };
}

/** What a mistake means is another matter where it cannot reach the rest of the file. */
function hasMistake(text: string): boolean {
  let found = false;
  yamlInSections.parser.parse(text).iterate({
    enter: ({ type }) => {
      found ||= type.isError;
    },
  });
  return found;
}

describe('a configuration read by its outermost keys', () => {
  it.each([
    ['yaml', yamlInSections],
    ['json', jsonInSections],
  ] as const)('%s: finds what is found in the file as a whole', (id, language) => {
    for (const text of textsOf(id)) {
      for (const name of ['train.yaml', 'batchwise.json']) {
        const { cut, whole } = bothWays(language, text, name);
        expect(cut, text).toEqual(whole);
      }
    }
  });

  it('YAML of several files: finds what is found in the file as a whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...textsOf('yaml')), { minLength: 2, maxLength: 5 }),
        fc.boolean(),
        (texts, windows) => {
          const plain = texts.join('\n');
          const text = windows ? plain.replaceAll(/\r?\n/g, '\r\n') : plain;
          fc.pre(!hasMistake(text));
          const { cut, whole } = bothWays(yamlInSections, text);
          expect(cut).toEqual(whole);
        },
      ),
      { numRuns: 60, seed: 23 },
    );
  });

  it.each([
    'note: "first line\nepochs: 3\nlast line"\nbatch_size: 8\nepochs: 5\noptimizer: adam\n',
    "note: 'first line\nepochs: 3\n  last line'\nbatch_size: 8\nepochs: 5\noptimizer: adam\n",
    'train: { batch_size: 8,\nepochs: 5 }\noptimizer: adam\n',
    'list: [1,\nbatch_size: 8,\n]\nbatch_size: 9\nepochs: 5\n',
    'base: &base\n  batch_size: 8\ntrain: *base\nepochs: 5\noptimizer: sgd\n',
    '---\nbatch_size: 8\nepochs: 2\n---\nbatch_size: 16\nepochs: 4\n',
    '- batch_size: 8\n  epochs: 2\n  optimizer: sgd\n',
    '? batch_size\n: 8\n? epochs\n: 5\n',
    'text: |\n  batch_size: 4\nbatch_size: 8\nepochs: 5\n',
  ])('cuts where keys start, and nowhere else: %j', (text) => {
    const { cut, whole } = bothWays(yamlInSections, text);
    expect(cut).toEqual(whole);
    expect(bothWays(yamlInSections, `${text}seed: 1\n`).cut).toEqual(
      bothWays(yamlInSections, `${text}seed: 1\n`).whole,
    );
  });

  it('finds the rest while a key is being written', () => {
    const text = 'batch_size: 8\nepo\noptimizer: adam\nepochs: 5\n';
    const { sites } = findNow(new SettingsDocument(yamlInSections, 'train.yaml'), text);
    expect(sites.map(({ kind, value }) => [kind, value])).toEqual([
      ['batchSize', 8],
      ['epochs', 5],
    ]);
  });
});
