import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { earlierSweeps, pruneSweeps } from '../../../../src/tuner/history/earlierSweeps';
import { runFolder } from '../../../../src/tuner/history/runLog';
import { sweepEvents } from '../../webview/sweepFixture';

let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'batchwise-earlier-'));
  config = path.join(folder, 'batchwise.json');
  mkdirSync(runFolder(config), { recursive: true });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const names = ['2026-01-01-a.jsonl', '2026-01-02-b.jsonl', '2026-01-03-c.jsonl'];
const text = sweepEvents()
  .map((event) => `${JSON.stringify(event)}\n`)
  .join('');

function writeLogs(texts: readonly string[]): void {
  for (const [index, each] of texts.entries())
    writeFileSync(path.join(runFolder(config), names[index] ?? ''), each);
}
const found = () => [...earlierSweeps(config)].map(({ file }) => path.basename(file));

describe('earlier sweeps', () => {
  it('are all but the newest, the latest first, each with its state', () => {
    writeLogs([text, text, text]);
    expect(found()).toEqual([names[1], names[0]]);
    const [first] = earlierSweeps(config);
    expect(first?.events).toHaveLength(sweepEvents().length);
    expect(first?.state.started?.at).toBeDefined();
  });

  it('leave out logs without an event, which are not the newest sweep either', () => {
    writeLogs([text, text, '']);
    expect(found()).toEqual([names[0]]);
    writeLogs([text, 'no line of a log\n', text]);
    expect(found()).toEqual([names[0]]);
  });

  it('are read when they are asked for', () => {
    writeLogs([text, text, text]);
    const read: string[] = [];
    for (const { file } of earlierSweeps(config)) {
      read.push(path.basename(file));
      rmSync(path.join(runFolder(config), names[0] ?? ''), { force: true });
    }
    expect(read).toEqual([names[1]]);
  });

  it('beyond the number to keep are removed, the oldest first, and never the newest', () => {
    writeLogs([text, text, text]);
    pruneSweeps(config, 2);
    expect(readdirSync(runFolder(config)).sort()).toEqual(names.slice(1));
    pruneSweeps(config, 0);
    expect(readdirSync(runFolder(config))).toEqual(names.slice(2));
  });
});
