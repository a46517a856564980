import type { Parser, Tree } from '@lezer/common';
import { parser as javascript } from '@lezer/javascript';
import { parser as json } from '@lezer/json';
import { parser as python } from '@lezer/python';
import { parser as yaml } from '@lezer/yaml';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StagedParse } from '../../../src/languages/stagedParse';
import { corpusFiles } from './corpusFiles';

const files = corpusFiles();
const textsOf = (ids: readonly string[]): string[] =>
  files.filter(({ languageId }) => ids.includes(languageId)).flatMap(({ texts }) => texts);

const languages: [string, Parser, string[]][] = [
  ['Python', python, textsOf(['python'])],
  ['JavaScript', javascript.configure({ dialect: 'jsx' }), textsOf(['javascript'])],
  ['TypeScript', javascript.configure({ dialect: 'ts' }), textsOf(['typescript', 'javascript'])],
  ['YAML', yaml, textsOf(['yaml'])],
  ['JSON', json, textsOf(['json'])],
];

function nodesOf(tree: Tree): string[] {
  const nodes: string[] = [];
  tree.iterate({
    enter: ({ name, from, to }) => {
      nodes.push(`${name} ${from} ${to}`);
    },
  });
  return nodes;
}

function inStages(parser: Parser, text: string, length: number): Tree {
  const parse = new StagedParse(parser, text, [], length);
  for (;;) {
    const tree = parse.advance();
    if (tree) return tree;
  }
}

/** Longer than the stages of a parse, and than the lists that Lezer takes. */
const long: [string, Parser, (i: number) => string][] = [
  [
    'Python',
    python,
    (i) =>
      `class A${i}:\n    def run(self):\n        for x in data:\n            fit(x, lr=${i})\n\n`,
  ],
  [
    'JavaScript',
    javascript,
    (i) => `async function run${i}(x, { size = ${i} } = {}) {\n  return fit(x, { size });\n}\n`,
  ],
  ['JSON', json, (i) => `${i === 0 ? '[' : ','}{ "lr": ${i}, "runs": [{ "size": 8 }] }`],
];

describe('a parse in stages', () => {
  it.each(long)('%s: builds the tree of a long text', (_, parser, block) => {
    const text = Array.from({ length: 280 }, (_each, i) => block(i)).join('');
    for (const length of [900, 2000, 20_000])
      expect(nodesOf(inStages(parser, text, length))).toEqual(nodesOf(parser.parse(text)));
  });

  it.each(languages)('%s: builds the tree that is built in one', (_, parser, texts) => {
    const text = fc
      .array(fc.constantFrom(...texts), { minLength: 1, maxLength: 6 })
      .map((chosen) => chosen.join('\n'));
    fc.assert(
      fc.property(text, fc.integer({ min: 200, max: 3000 }), (source, length) => {
        expect(nodesOf(inStages(parser, source, length))).toEqual(nodesOf(parser.parse(source)));
      }),
      { seed: 15, numRuns: 150 },
    );
  });

  it.each(languages)('%s: also where some of it is missing', (_, parser, texts) => {
    const text = fc
      .array(fc.constantFrom(...texts), { minLength: 1, maxLength: 6 })
      .chain((chosen) => {
        const whole = chosen.join('\n');
        return fc
          .tuple(fc.nat(whole.length), fc.integer({ min: 1, max: 20 }))
          .map(([from, length]) => whole.slice(0, from) + whole.slice(from + length));
      });
    fc.assert(
      fc.property(text, fc.integer({ min: 200, max: 3000 }), (source, length) => {
        expect(nodesOf(inStages(parser, source, length))).toEqual(nodesOf(parser.parse(source)));
      }),
      { seed: 15, numRuns: 150 },
    );
  });
});
