import fc from 'fast-check';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readNewestSweep, runFolder } from '../../../../src/tuner/history/runLog';
import { SweepFollower } from '../../../../src/tuner/history/sweepFollower';
import { sweepEvents } from '../../webview/sweepFixture';

let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'batchwise-follow-'));
  config = path.join(folder, 'batchwise.json');
  mkdirSync(runFolder(config), { recursive: true });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const log = (name: string) => path.join(runFolder(config), name);
const events = sweepEvents()
  .slice(0, 40)
  .map((event) =>
    event.type === 'progress'
      ? { ...event, text: { ...event.text, text: 'サイズ 8 を測定中' } }
      : event,
  );
const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');

describe('SweepFollower', () => {
  it('reads a log that grows by any pieces as it reads the whole', () => {
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        writeFileSync(log('1.jsonl'), '');
        const follower = new SweepFollower(config);
        const appended: unknown[] = [];
        let from = 0;
        for (const to of [...cuts.sort((a, b) => a - b), bytes.length]) {
          appendFileSync(log('1.jsonl'), bytes.subarray(from, to));
          from = to;
          const before = appended.length;
          const sweep = follower.read();
          appended.push(...(sweep?.appended ?? sweep?.events ?? []));
          expect(sweep?.events.length ?? 0).toBe(appended.length);
          expect(before).toBeLessThanOrEqual(appended.length);
        }
        expect(appended).toEqual(events);
        expect(follower.read()).toMatchObject({ ...readNewestSweep(config), appended: [] });
      }),
      { numRuns: 40 },
    );
  });

  it('turns to a newer log once it tells something, and starts anew when a log was cut', () => {
    const follower = new SweepFollower(config);
    expect(follower.read()).toBeNull();
    writeFileSync(log('1.jsonl'), text);
    expect(follower.read()?.events).toHaveLength(events.length);
    writeFileSync(log('2.jsonl'), '');
    expect(follower.read()).toMatchObject({ file: log('1.jsonl'), appended: [] });
    writeFileSync(log('2.jsonl'), `${JSON.stringify(events[0])}\n`);
    expect(follower.read()).toMatchObject({ file: log('2.jsonl'), appended: null });
    writeFileSync(log('2.jsonl'), '{}\n');
    expect(follower.read()).toMatchObject({ file: log('1.jsonl'), appended: null });
  });
});
