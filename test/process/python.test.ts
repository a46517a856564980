import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { anyConfigSchema } from '../../src/config/schema';
import type { SweepEvent } from '../../src/core/sweep/sweepEvent';
import { LoadedTrainer } from '../../src/tuner/process/loadedTrainer';
import { nearestEnvironment } from '../../src/tuner/process/pythonInterpreter';
import { tune } from '../../src/tuner/sweep';
import type { SweepOptions } from '../../src/tuner/sweepOptions';
import { resultOf } from './runSweep';

const hasPython = (() => {
  try {
    execFileSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']);
    return true;
  } catch {
    return false;
  }
})();

/** A linear fit by hand, so that nothing but Python is needed. */
const fit = `
import random, sys, time
import batchwise

size = batchwise.batch_size(16)
rate = batchwise.learning_rate(0.02)
random.seed(1)
data = [(x, 3 * x + random.gauss(0, 0.1)) for x in (random.uniform(-1, 1) for _ in range(512))]
batchwise.dataset_size(len(data))
weight = 0.0
for epoch in range(int(sys.argv[1]) if len(sys.argv) > 1 else 400):
    random.shuffle(data)
    for start in range(0, len(data), size):
        batch = data[start : start + size]
        errors = [weight * x - y for x, y in batch]
        loss = sum(e * e for e in errors) / len(batch)
        weight -= rate * sum(2 * e * x for e, (x, _) in zip(errors, batch)) / len(batch)
        batchwise.report(loss=loss, samples=len(batch))
`;

async function workspaceOf(script: string, trainer: object = {}) {
  const root = await mkdtemp(path.join(tmpdir(), 'batchwise-python-'));
  await writeFile(path.join(root, 'train.py'), script);
  const config = anyConfigSchema.parse({
    trainer: { python: 'train.py', ...trainer },
    tuning: { batchSizes: [8, 32, 128], budget: '30 s' },
  });
  return { root, config, configFile: path.join(root, 'batchwise.json') };
}

async function sweep(script: string, options: Partial<SweepOptions> = {}, trainer: object = {}) {
  const workspace = await workspaceOf(script, trainer);
  const events: SweepEvent[] = [];
  const outcome = await tune({
    ...workspace,
    onBusy: () => true,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { outcome, events, ...workspace };
}

/** Sentences of a sweep that could not begin. */
async function failureOf(script: string, trainer: object = {}) {
  const { outcome } = await sweep(script, {}, trainer);
  return outcome.status === 'failed' ? outcome.problem : null;
}

describe.skipIf(!hasPython)('a Python script', () => {
  it('is tuned from start to recommendation', async () => {
    const { outcome } = await sweep(fit);
    const result = resultOf(outcome);
    expect(result.backend).toMatchObject({ name: 'python', framework: 'report' });
    expect(result.configured?.batchSize).toBe(16);
    expect(result.dataset.samples).toBe(512);
    expect(result.recommendation?.batchSize).toBeGreaterThan(0);
    expect(result.notes?.map(({ id }) => id)).toContain('pythonTrainingLoss');
    for (const { status, gradientNoiseScale, stepMs } of result.trials) {
      expect(status).toBe('ok');
      expect(gradientNoiseScale).toBeNull();
      expect(stepMs).toBeGreaterThan(0);
    }
  }, 120_000);

  it.skipIf(process.platform === 'win32')(
    'is run where a launcher leads: past its banner, in the folder there, with its variables',
    async () => {
      const there = await mkdtemp(path.join(tmpdir(), 'batchwise-there-'));
      const script = `import os\nopen('where.txt', 'w').write(os.environ['GREETING'])\n${fit}`;
      await writeFile(path.join(there, 'train.py'), script);
      // As a login shell on another machine: it greets, stands elsewhere, and knows no variable.
      const login = 'echo "Welcome to {there}"; cd /; exec env -i PATH="$PATH" "$@"';
      const workspace = await workspaceOf('raise SystemExit("this one is not run")', {
        launcher: ['sh', '-c', login, 'sh'],
        interpreter: 'python3',
        env: { GREETING: 'hello' },
      });
      const { trainer } = workspace.config;
      if (!trainer) throw new Error('there is no trainer');
      const config = {
        ...workspace.config,
        trainer: { ...trainer, paths: { [workspace.root]: there } },
      };
      const outcome = await tune({
        ...workspace,
        config,
        onBusy: () => true,
        onEvent: () => undefined,
      });
      expect(resultOf(outcome).recommendation).not.toBeNull();
      expect(await readFile(path.join(there, 'where.txt'), 'utf8')).toBe('hello');
    },
    120_000,
  );

  it.skipIf(process.platform !== 'linux')(
    'that is killed at one size has not run out of memory, and larger sizes are tried',
    async () => {
      const killed = fit.replace(
        '        batchwise.report',
        '        if size == 32 and start > 64: __import__("os").kill(__import__("os").getpid(), 9)\n$&',
      );
      const { trials } = resultOf((await sweep(killed)).outcome);
      const statusOf = (size: number) => trials.find(({ batchSize }) => batchSize === size)?.status;
      expect([8, 32, 128].map(statusOf)).toEqual(['ok', 'failed', 'ok']);
    },
    120_000,
  );

  it('may end before the tune is over', async () => {
    const { outcome } = await sweep(fit, {}, { args: ['2'] });
    const result = resultOf(outcome);
    const sizes = new Set(result.trials.map(({ batchSize }) => batchSize));
    expect([...sizes].sort((a, b) => a - b)).toEqual([8, 32, 128]);
    expect(result.trials.every(({ status }) => status !== 'failed')).toBe(true);
  }, 120_000);

  it.skipIf(process.platform !== 'linux')(
    'imports its packages once for all trials, and again for each where they run threads',
    async () => {
      const outcomes = await Promise.all(
        ['', 'threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()'].map(
          async (more) => {
            const packages = await mkdtemp(path.join(tmpdir(), 'batchwise-packages-'));
            const installed = path.join(packages, 'site-packages');
            await mkdir(installed);
            const imports = path.join(packages, 'imports.txt');
            const heavy = `import threading, time\nopen(${JSON.stringify(imports)}, 'a').write('.')\n${more}`;
            await writeFile(path.join(installed, 'heavy.py'), heavy);
            const env = { PYTHONPATH: installed };
            const { outcome } = await sweep(`import heavy\n${fit}`, {}, { env });
            const { recommendation, trials } = resultOf(outcome);
            expect(recommendation).not.toBeNull();
            const times = (await readFile(imports, 'utf8')).length;
            return { times, trials: trials.length };
          },
        ),
      );
      const [once, each] = outcomes;
      // By the run that finds out about the script, and by the process that forks.
      expect(once?.times).toBe(2);
      expect(each?.times).toBeGreaterThanOrEqual(2 + (each?.trials ?? 0));
    },
    120_000,
  );

  it('leaves no process when it is cancelled', async () => {
    const abort = new AbortController();
    const script = `import os\nopen('pids.txt', 'a').write(f'{os.getpid()}\\n')\n${fit}`;
    const { outcome, root } = await sweep(script, {
      signal: abort.signal,
      onEvent: ({ type }) => {
        if (type === 'trialStarted') abort.abort();
      },
    });
    expect(outcome.status).toBe('cancelled');
    const pids = (await readFile(path.join(root, 'pids.txt'), 'utf8')).trim().split('\n');
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) expect(() => process.kill(Number(pid), 0)).toThrow();
  }, 120_000);

  it.each([
    ['print("nothing")', 'pythonNoUpdate'],
    ['raise ValueError("no data")', 'pythonRaised'],
    ['import os\nos._exit(5)', 'pythonExited'],
  ])(
    'that only runs %j fails as %s',
    async (script, reason) => {
      expect((await failureOf(script))?.reason).toBe(reason);
    },
    60_000,
  );

  it('names the line of its own error', async () => {
    const problem = await failureOf('\n\nraise ValueError("no data")\n');
    expect(problem?.values['cause']).toMatch(/train\.py:3: ValueError: no data$/);
  }, 60_000);

  it('says that an interpreter is missing or too old', async () => {
    const missing = await failureOf(fit, { interpreter: 'bin/python' });
    expect(missing?.reason).toBe('pythonInterpreterBroken');
    const workspace = await workspaceOf(fit, { interpreter: './old' });
    const old = path.join(workspace.root, 'old');
    await writeFile(old, '#!/bin/sh\necho 3.7.3\n');
    await chmod(old, 0o755);
    const trainer = { nodePath: null };
    const loaded = await new LoadedTrainer({
      ...workspace,
      backend: 'auto',
      seed: 1,
      trainer,
    }).load();
    expect(loaded).toMatchObject({ ok: false, problem: { reason: 'pythonTooOld' } });
  }, 60_000);

  it('may be a program in another language', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'batchwise-command-'));
    const lines = `console.log('{"datasetSamples":512}');
let w = 0; const [,, size, rate] = process.argv.map(Number);
for (let i = 0; i < 20000; i++) {
  const loss = (w - 3) ** 2; w -= rate * 2 * (w - 3);
  console.log(JSON.stringify({ loss, samples: size }));
}`;
    await writeFile(path.join(root, 'train.mjs'), lines);
    const config = anyConfigSchema.parse({
      trainer: {
        command: [process.execPath, 'train.mjs', '{batchSize}', '{learningRate}'],
      },
      training: { batchSize: 16, learningRate: 0.001 },
      tuning: { batchSizes: [8, 32], budget: '15 s' },
    });
    const configFile = path.join(root, 'batchwise.json');
    const outcome = await tune({
      ...{ config, configFile, root },
      onBusy: () => true,
      onEvent: () => undefined,
    });
    const { trials, backend } = resultOf(outcome);
    expect(backend.framework).toBe('command');
    expect(trials.map(({ status }) => status)).toEqual(trials.map(() => 'ok'));
  }, 120_000);
});

describe('the interpreter', () => {
  it('is that of the nearest environment', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'batchwise-environment-'));
    expect(nearestEnvironment({ folder: root, root })).toBeNull();
  });
});
