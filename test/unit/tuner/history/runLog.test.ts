import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SweepEvent } from '../../../../src/core/sweep/sweepEvent';
import { emptySweep, reduceSweep } from '../../../../src/core/sweep/sweepState';
import { pruneSweeps } from '../../../../src/tuner/history/earlierSweeps';
import { SweepFollower } from '../../../../src/tuner/history/sweepFollower';
import { resumption } from '../../../../src/tuner/history/resume';
import {
  latestResultFile,
  logFiles,
  parseLog,
  readLatestResult,
  readNewestSweep,
  RunLog,
} from '../../../../src/tuner/history/runLog';

const started = (pid: number): SweepEvent => ({
  type: 'started',
  formatVersion: 1,
  sweepId: 'a',
  at: '2026-01-01T00:00:00.000Z',
  config: 'batchwise.json',
  seed: 42,
  objective: 'time',
  batchSizes: [8, 16],
  budgetSeconds: 60,
  configured: { batchSize: 32, learningRate: 0.001, epochs: 10 },
  fingerprint: 'f',
  pid,
});
const progress: SweepEvent = {
  type: 'progress',
  text: { id: 'progressPreparing', values: {}, text: 'Ladé…' },
  fraction: 0.5,
  secondsLeft: null,
};

let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'batchwise-log-'));
  config = path.join(folder, 'batchwise.json');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function openLog(id: string, at = new Date()): RunLog {
  const log = RunLog.open(config, id, at);
  if (!log.ok) throw new Error(log.problem.reason);
  return log.value;
}

describe('the log of a newer version', () => {
  it('says so in place of a sweep that never ends, and is left as it is', () => {
    const log = openLog('newer');
    log.close();
    const text = [{ ...started(1), formatVersion: 2 }, progress, { type: 'somethingNew' }]
      .map((event) => `${JSON.stringify(event)}\n`)
      .join('');
    writeFileSync(log.file, text);
    const newest = readNewestSweep(config);
    expect(newest?.interrupted).toBe(false);
    expect(newest?.events.map(({ type }) => type)).toEqual(['failed']);
    expect(newest?.events.reduce(reduceSweep, emptySweep)).toMatchObject({
      status: 'failed',
      error: { id: 'logNewer' },
    });
    expect(resumption(newest?.events ?? [], 'f', 42)).toMatchObject({
      resumed: null,
      note: { id: 'logNewer' },
    });
    for (let i = 0; i < 25; i++)
      openLog(`later${i}`, new Date(Date.now() + 1000 * (i + 1))).close();
    expect(readFileSync(log.file, 'utf8')).toBe(text);
  });
});

describe('a folder of logs that a workspace brings along', () => {
  it.each(['.batchwise', '.batchwise/batchwise'])(
    'is not written to where %s is a link that leads elsewhere',
    (name) => {
      const other = mkdtempSync(path.join(tmpdir(), 'batchwise-other-'));
      try {
        mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        symlinkSync(other, path.join(folder, name), 'junction');
        expect(RunLog.open(config, 'a', new Date())).toMatchObject({
          ok: false,
          problem: { reason: 'sweepLogUnwritable', values: { cause: 'causeLinkOut' } },
        });
        expect(readdirSync(other)).toEqual([]);
      } finally {
        rmSync(other, { recursive: true });
      }
    },
  );

  it('keeps what is no log', () => {
    openLog('first').close();
    const data = path.join(path.dirname(latestResultFile(config)), 'rows.jsonl');
    writeFileSync(data, '{"x": 1}\n');
    for (let i = 0; i < 25; i++)
      openLog(`later${i}`, new Date(Date.now() + 1000 * (i + 1))).close();
    pruneSweeps(config, 5);
    expect(logFiles(config)).toHaveLength(5);
    expect(readFileSync(data, 'utf8')).toBe('{"x": 1}\n');
  });

  it('keeps the logs of another config that it links to', () => {
    const other = path.join(mkdtempSync(path.join(tmpdir(), 'batchwise-other-')), 'batchwise.json');
    try {
      const log = RunLog.open(other, 'a', new Date());
      if (log.ok) log.value.close();
      symlinkSync(
        path.dirname(path.dirname(latestResultFile(other))),
        path.join(folder, '.batchwise'),
        'junction',
      );
      expect(logFiles(config)).toEqual([]);
      pruneSweeps(config, 0);
      expect(logFiles(other)).toHaveLength(1);
    } finally {
      rmSync(path.dirname(other), { recursive: true });
    }
  });

  it.skipIf(process.platform === 'win32')('does not wait for a log that is a pipe', () => {
    openLog('first').close();
    const pipe = path.join(
      path.dirname(latestResultFile(config)),
      '2999-01-01T00-00-00-000Z-a.jsonl',
    );
    spawnSync('mkfifo', [pipe]);
    expect(logFiles(config)).toHaveLength(1);
    expect(new SweepFollower(config).read()).toBeNull();
  });
});

describe('the log of a sweep', () => {
  it('gives back what was written, ignored by git', () => {
    const log = openLog('one');
    log.append(started(process.pid));
    log.append(progress);
    expect(readNewestSweep(config)?.events).toEqual([started(process.pid), progress]);
    log.close();
    expect(readFileSync(path.join(folder, '.batchwise', '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('is interrupted when it has no end and its process is gone', () => {
    const log = openLog('one');
    log.append(started(process.pid));
    expect(readNewestSweep(config)?.interrupted).toBe(false);
    log.close();
    const gone = openLog('two', new Date(Date.now() + 1000));
    gone.append(started(2 ** 22 + 1));
    expect(readNewestSweep(config)?.interrupted).toBe(true);
    gone.append({ type: 'cancelled' });
    expect(readNewestSweep(config)?.interrupted).toBe(false);
    gone.close();
  });

  it('can be read when it was cut at any byte', () => {
    const text = [started(1), progress, progress].map((event) => JSON.stringify(event)).join('\n');
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length }), (length) => {
        const whole = bytes.subarray(0, length).toString().split('\n').length - 1;
        const events = parseLog(bytes.subarray(0, length).toString());
        expect(events.length).toBeGreaterThanOrEqual(whole);
        expect(events).toEqual([started(1), progress, progress].slice(0, events.length));
      }),
    );
  });

  it('keeps the last twenty sweeps', () => {
    for (let i = 0; i < 25; i++) openLog(`s${i}`, new Date(Date.UTC(2026, 0, 1, 0, i))).close();
    const files = logFiles(config);
    expect(files).toHaveLength(20);
    expect(files.at(-1)).toContain('s24');
  });

  it('has no result where there is none, or a broken one', () => {
    expect(readLatestResult(config)).toBeNull();
    openLog('one').close();
    writeFileSync(latestResultFile(config), '{"formatVersion": 1');
    expect(readLatestResult(config)).toBeNull();
  });
});
