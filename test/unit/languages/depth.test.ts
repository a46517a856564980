import { describe, expect, it } from 'vitest';
import { findIn } from './corpusFiles';

const deep = 50_000;

/** A file with something in its middle, and the batch sizes before and after it. */
const around: Record<string, readonly [before: string, after: string]> = {
  python: [
    'import torch\nfrom torch.utils.data import DataLoader\nDataLoader(d, batch_size=31)\nx = ',
    '\nDataLoader(d, batch_size=37)\n',
  ],
  javascript: [
    "import * as tf from '@tensorflow/tfjs';\nmodel.fit(x, y, { batchSize: 31 });\nx = ",
    '\nmodel.fit(x, y, { batchSize: 37 });\n',
  ],
  typescript: [
    "import * as tf from '@tensorflow/tfjs';\nmodel.fit(x, y, { batchSize: 31 });\nx = ",
    '\nmodel.fit(x, y, { batchSize: 37 });\n',
  ],
  yaml: ['batch_size: 31\nlr: 0.1\noptimizer: adam\nx: ', '\nmicro_batch_size: 37\n'],
  json: [
    '{\n"batch_size": 31,\n"lr": 0.1,\n"optimizer": "adam",\n"x": ',
    ',\n"micro_batch_size": 37\n}',
  ],
};

describe.each(Object.entries(around))('very deep nesting in %s', (languageId, [before, after]) => {
  it.each([
    ['brackets', `${'['.repeat(deep)}${']'.repeat(deep)}`],
    ['parentheses', `${'('.repeat(deep)}${')'.repeat(deep)}`],
    ['a chain of operators', `${'a+'.repeat(deep)}1`],
    ['dashes', `${'- '.repeat(5000)}a`],
  ])('%s: what stands around it is found', (name, nested) => {
    const sites = findIn(`${before}${nested}${after}`, languageId, 'train.json').sites;
    const sizes = sites.filter(({ kind }) => kind === 'batchSize').map(({ value }) => value);
    if (languageId !== 'yaml' || name !== 'dashes') expect(sizes).toContain(31);
    // Behind what is no JSON, or no YAML that anyone writes, the parser may find no more keys.
    const lost =
      languageId === 'json' ? name !== 'brackets' : languageId === 'yaml' && name === 'dashes';
    if (!lost) expect(sizes).toContain(37);
  });
});
