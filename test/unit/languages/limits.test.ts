import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createParser as createJavaScript } from '../../../src/languages/javascript';
import { leftAlone, longestDocument, longestLine, readable } from '../../../src/languages/limits';
import { findIn } from './corpusFiles';

const data = (length: number): string => 'x'.repeat(length);

describe('readable', () => {
  it('is the text itself where all its lines are short', () => {
    const text = `a\r\n${data(longestLine)}\nb\n`;
    expect(readable(text)).toBe(text);
    expect(leftAlone(text)).toBeNull();
  });

  it('leaves out the longest lines and keeps every offset', () => {
    const text = `a\n${data(longestLine + 1)}\nb`;
    expect(readable(text)).toBe(`a\n${' '.repeat(longestLine + 1)}\nb`);
    expect(leftAlone(text)).toBe('longLines');
  });

  it('is nothing of a text that is long, or whose long lines are', () => {
    const lines = `${data(999)}\n`.repeat(longestDocument / 1000 + 1);
    expect(readable(lines)).toBeNull();
    expect(leftAlone(lines)).toBe('long');
    expect(readable(data(200_000))).toBeNull();
    expect(readable(`${data(longestLine + 1)}\n \n`)).toBeNull();
    expect(leftAlone(data(200_000))).toBe('longLines');
  });

  it('keeps line breaks, and all lines that are short enough', () => {
    const line = fc.oneof(
      fc.integer({ min: 0, max: 90 }),
      fc.integer({ min: longestLine - 2, max: longestLine + 2 }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 9 }), (lengths) => {
        const lines = ['a', ...lengths.map(data)];
        const kept = lines.map((text) =>
          text.length > longestLine ? ' '.repeat(text.length) : text,
        );
        expect(readable(lines.join('\n'))).toBe(kept.join('\n'));
      }),
      { seed: 3 },
    );
  });
});

const around: Record<string, readonly [before: string, data: string, after: string]> = {
  python: [
    'from torch.utils.data import DataLoader\n',
    `logo = "${data(30_000)}"`,
    '\nDataLoader(d, batch_size=31, shuffle=True)\n',
  ],
  typescript: [
    "import * as tf from '@tensorflow/tfjs';\n",
    `const logo = '${data(30_000)}';`,
    '\nmodel.fit(x, y, { batchSize: 31 });\n',
  ],
  json: [
    '{\n',
    `"logo": "${data(30_000)}",`,
    '\n"lr": 0.1, "optimizer": "adam", "batch_size": 31\n}',
  ],
  yaml: ['lr: 0.1\noptimizer: adam\n', `logo: ${data(30_000)}`, '\nbatch_size: 31\n'],
  toml: ['lr = 0.1\noptimizer = "adam"\n', `logo = "${data(30_000)}"`, '\nbatch_size = 31\n'],
  shellscript: ['#!/bin/sh\n', `LOGO=${data(30_000)}`, '\npython train.py --batch-size 31\n'],
};

it.each(Object.entries(around))('%s: what stands around a line of data is found', (id, parts) => {
  const text = parts.join('');
  const { sites } = findIn(text, id, `train.${id}`);
  const sizes = sites.filter(({ kind }) => kind === 'batchSize');
  expect(sizes.map(({ value, range }) => [value, text.slice(range.from, range.to)])).toEqual([
    [31, '31'],
  ]);
});

it('an edit that makes a line too long, or short enough again, is followed', () => {
  const document = createJavaScript('javascript');
  const head = "import * as tf from '@tensorflow/tfjs';\n";
  const call = 'model.fit(x, y, { batchSize: 31 });';
  const tail = '\nother.fit(x, y, { batchSize: 37 });\n';
  const filler = `/* ${data(longestLine)} */`;
  const sizes = (): (number | null)[] => {
    document.work(Infinity);
    const all = document.findings?.sites ?? [];
    return all.filter(({ kind }) => kind === 'batchSize').map(({ value }) => value);
  };
  const from = head.length + call.length;
  document.update(head + call + tail, null);
  expect(sizes()).toEqual([31, 37]);
  document.update(head + call + filler + tail, [{ from, to: from, inserted: filler.length }]);
  expect(sizes()).toEqual([37]);
  document.update(head + call + tail, [{ from, to: from + filler.length, inserted: 0 }]);
  expect(sizes()).toEqual([31, 37]);
});

it('the time that a pattern of names takes grows as it does, not as its square', () => {
  const fastest = (count: number) => {
    const text = `${'a,'.repeat(count)}b = values\n`;
    return Math.min(
      ...[0, 1, 2].map(() => {
        const { user } = process.cpuUsage();
        findIn(text, 'python', 'train.py');
        return process.cpuUsage().user - user;
      }),
    );
  };
  fastest(500);
  expect(fastest(4000)).toBeLessThan(20 * fastest(500));
});
