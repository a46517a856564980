import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { spansOf, writeSite } from '../../../src/languages/site';
import { corpusFiles, corpusFolder } from './corpusFiles';
import { describeFindings } from './describeFindings';

const files = corpusFiles();

describe('the corpus', () => {
  it('has at least 60 files', () => {
    expect(files.length).toBeGreaterThanOrEqual(60);
  });

  // Expected findings stand beside each file; UPDATE_CORPUS=1 writes them, for a person to check.
  it.each(files)('$name', ({ name, texts, find }) => {
    const expected = path.join(corpusFolder, `${name}.sites`);
    const actual = describeFindings(find(texts), texts);
    if (process.env['UPDATE_CORPUS'] === '1') writeFileSync(expected, actual);
    expect(existsSync(expected), `${name}.sites is missing`).toBe(true);
    expect(actual).toBe(readFileSync(expected, 'utf8'));
  });

  it.each(files)('$name: ranges lie in the text, and a new value is found again', (file) => {
    const { texts, find } = file;
    const findings = find(texts);
    for (const site of findings.sites) {
      for (const { cell, from, to } of spansOf(site)) {
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeGreaterThanOrEqual(from);
        expect(to).toBeLessThanOrEqual(texts[cell]?.length ?? -1);
      }
      const value = site.kind === 'learningRate' ? 0.0625 : 6151;
      const written = writeSite(site, value);
      if (written === null) continue;
      const { cell, from, to } = site.range;
      const edited = texts.map((text, index) =>
        index === cell ? text.slice(0, from) + written + text.slice(to) : text,
      );
      const again = find(edited).sites.find(
        ({ kind, range }) => kind === site.kind && range.cell === cell && range.from === from,
      );
      expect(again?.value, `${site.kind} at ${from}`).toBe(value);
    }
  });
});
