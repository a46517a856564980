import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptySweep, reduceSweep } from '../../../../src/core/sweep/sweepState';
import { resumption } from '../../../../src/tuner/history/resume';
import {
  logFiles,
  parseLog,
  readLatestResult,
  readNewestSweep,
  runFolder,
} from '../../../../src/tuner/history/runLog';

/**
 * Files that earlier versions wrote stay readable: docs/formats.md. Fixtures are never changed; a
 * version that writes something else adds its own.
 */
describe.each(['1'])('what format version %s wrote', (version) => {
  let folder: string;
  let config: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'batchwise-formats-'));
    config = path.join(folder, 'batchwise.json');
    cpSync(path.join('test/fixtures/formats', version), runFolder(config), { recursive: true });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const logText = () => readFileSync(logFiles(config)[0] ?? '', 'utf8');

  it('has a result that is read whole', () => {
    const result = readLatestResult(config);
    const written: unknown = JSON.parse(
      readFileSync(path.join(runFolder(config), 'latest.json'), 'utf8'),
    );
    // Each field that was written is there, with its value; others may have been added since.
    expect(result).toMatchObject(written as object);
    expect(result?.recommendation?.batchSize).toBeGreaterThan(0);
  });

  it('has a log of which each line is read, and which ends in that result', () => {
    const sweep = readNewestSweep(config);
    expect(sweep?.events).toHaveLength(logText().trim().split('\n').length);
    expect(sweep?.interrupted).toBe(false);
    const state = (sweep?.events ?? []).reduce(reduceSweep, emptySweep);
    expect(state.status).toBe('done');
    expect(sweep?.events.at(-1)).toMatchObject({
      type: 'finished',
      result: readLatestResult(config),
    });
  });

  it('can be resumed from wherever it was cut off', () => {
    const text = logText();
    const [started] = parseLog(text);
    if (started?.type !== 'started') throw new Error('The fixture has no start.');
    const { fingerprint, seed } = started;
    const finishedBefore = (length: number) =>
      parseLog(text.slice(0, length)).filter(
        (event) => event.type === 'trialFinished' && event.trial.status !== 'skipped',
      ).length;
    const end = text.trimEnd().lastIndexOf('\n');
    for (let length = text.indexOf('\n') + 1; length < end; length += 997) {
      const { resumed } = resumption(parseLog(text.slice(0, length)), fingerprint, seed);
      const kept = [...(resumed?.trials.values() ?? [])].filter(({ finished }) => finished);
      expect(kept.length).toBe(finishedBefore(length));
    }
  });
});
