import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { rightWithin } from '../../src/planner/advice/confidence';
import { comparedFrom } from '../../src/planner/race/comparison';
import { tieShare } from '../../src/planner/race/winner';
import { timeRatios } from '../../src/planner/race/timeRatios';

const root = path.resolve(__dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

const pages = [
  'README.md',
  'README.ja.md',
  'CONTRIBUTING.md',
  ...readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
/** Top-level folders of the repository, and those of `src`, which pages name without `src/`. */
const folders = [
  'src',
  'test',
  'webview',
  'docs',
  'scripts',
  'assembly',
  'python',
  'l10n',
  'media',
];
const layers = readdirSync(path.join(root, 'src')).filter((name) =>
  statSync(path.join(root, 'src', name)).isDirectory(),
);

/** What stands between backticks and starts with a folder of the repository. */
function pathsIn(text: string): string[] {
  return [...text.matchAll(/`([^`\s]+\/[^`\s]*)`/g)]
    .map(([, written = '']) => written)
    .filter((written) => [...folders, ...layers].includes(written.split('/')[0] ?? ''))
    .filter((written) => !/[<>*{}]|^test\/output/.test(written));
}

function exists(written: string): boolean {
  return [written, path.join('src', written)].some((file) => existsSync(path.join(root, file)));
}

describe.each(pages)('%s', (page) => {
  const text = read(page);

  it('names only files and folders that exist', () => {
    expect(pathsIn(text).filter((written) => !exists(written))).toEqual([]);
  });

  it('links only to files that exist', () => {
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, to = '']) => to);
    const missing = targets.filter(
      (to) => !existsSync(path.join(root, path.dirname(page), decodeURI(to))),
    );
    expect(missing).toEqual([]);
  });
});

describe('the commands of package.json', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const guides = `${read('README.md')}\n${read('CONTRIBUTING.md')}`;

  it('are those that the pages name', () => {
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = '']) => name),
    );
    expect([...new Set(named)].filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('are all explained in README or CONTRIBUTING', () => {
    // npm calls these by itself, or by a shorter name.
    const known = ['start', 'test', 'prepack'];
    const missing = Object.keys(scripts).filter(
      (name) => !known.includes(name) && !new RegExp(`npm run ${name}\\b(?!:)`).test(guides),
    );
    expect(missing).toEqual([]);
  });
});

/** Rows of the first table under a heading, each as its cells. */
function table(text: string, heading: string): string[][] {
  const [, section = ''] = text.split(`## ${heading}\n`);
  return (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s:|-]+\|$/.test(line))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe('docs/architecture.md', () => {
  const text = read('docs/architecture.md');

  it('says where to make at least fifteen changes, each in a place that exists', () => {
    const rows = table(text, 'To change X, go to Y');
    expect(rows.length).toBeGreaterThanOrEqual(15);
    for (const [change = '', place = ''] of rows) {
      const places = pathsIn(place);
      expect(places, change).not.toEqual([]);
      expect(places.filter((written) => !existsSync(path.join(root, written)))).toEqual([]);
    }
  });

  it('names every layer and only folders that these have', () => {
    const rows = table(text, 'Layers');
    const described = rows.map(([folder = '']) => folder.replaceAll('`', ''));
    for (const layer of layers) expect(text).toMatch(new RegExp(`\\b${layer}\\b`));
    for (const [index, [, holds = '']] of rows.entries()) {
      const folder = described[index] ?? '';
      const named = [...holds.matchAll(/`(\w+)\/`/g)].map(([, name = '']) => name);
      const found = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
      expect(named.filter((name) => !found.some((each) => path.basename(each) === name))).toEqual(
        [],
      );
    }
  });
});

describe('docs/sweep.md', () => {
  const text = read('docs/sweep.md').replace(/\s+/g, ' ');
  const percent = (share: number) => `${Math.round(100 * share)}%`;

  it.each([
    `less than ${percent(timeRatios.pilotTakenOver)} of the leader's time`,
    `each stopped after ${timeRatios.lost} times its seconds`,
    `from ${['zero', 'one', 'two', 'three'][10 * comparedFrom]} tenths of them on`,
    `must take at most ${timeRatios.fasterRate} of its time`,
    `those of the configured size at most ${timeRatios.turnedOrder} of it`,
    `Sizes within ${percent(tieShare)} or within the noise`,
    `more than ${percent(rightWithin)} faster`,
  ])('says as the code does: %s', (sentence) => {
    expect(text).toContain(sentence);
  });
});
