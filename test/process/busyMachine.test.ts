import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  estimateStepTime,
  waitingShareOf,
  type TimedBlock,
} from '../../src/planner/measure/stepTimeFit';
import { warmUpOf } from '../../src/planner/measure/warmUp';
import { buildWorker } from './buildWorker';
import { begin, denseLayers, endTrainers, load, makeWorkspace, startTrainer } from './trainer';

/** Each busy process ends by itself after this, whatever becomes of the test. */
const busyMs = 60_000;
const busy: ChildProcess[] = [];

/** Loads every core with as many processes of one busy thread. */
function loadMachine(): void {
  const program = `const end = Date.now() + ${busyMs}; while (Date.now() < end);`;
  for (let i = 0; i < availableParallelism(); i++) {
    busy.push(spawn(process.execPath, ['-e', program], { stdio: 'ignore' }));
  }
}

function endLoad(): void {
  for (const child of busy.splice(0)) child.kill('SIGKILL');
}

let worker: string;
beforeAll(async () => {
  worker = await buildWorker();
});
afterEach(endLoad);
afterAll(endTrainers);

const tellsWaiting = existsSync('/proc/self/schedstat');

describe.runIf(tellsWaiting)('a machine that is really loaded', () => {
  it('hardly changes the step time of one thread, and its share of waiting is told', async () => {
    const layers = [{ className: 'Dense', config: { units: 256, activation: 'relu' } }];
    const workspace = await makeWorkspace({ layers: [...layers, ...denseLayers], samples: 2000 });
    const trainer = await startTrainer(worker);
    await load(trainer, workspace, 'wasm');
    await begin(trainer, { batchSize: 256 });
    const train = async (seconds: number): Promise<TimedBlock[]> => {
      const work = { trial: 'a', iterations: 2 ** 30, maxSeconds: seconds };
      return (await trainer.client.call('advance', work)).blocks;
    };
    const warm: TimedBlock[] = [];
    for (let tries = 0; tries < 20 && warmUpOf(warm).state !== 'settled'; tries++) {
      warm.push(...(await train(0.5)));
    }
    const before = await train(2);
    loadMachine();
    const loaded = await train(4);
    endLoad();
    const after = await train(2);
    const quiet = estimateStepTime([...before, ...after])?.ms ?? NaN;
    const underLoad = estimateStepTime(loaded)?.ms ?? NaN;
    const wallClock = (blocks: readonly TimedBlock[]) =>
      estimateStepTime(blocks.map(({ iterations, ms }) => ({ iterations, ms })))?.ms ?? NaN;
    // Neighbours still take caches away, but no time of the work's own.
    const byWallClock = wallClock(loaded) / wallClock([...before, ...after]);
    expect(underLoad / quiet).toBeLessThan(byWallClock);
    expect(underLoad / quiet).toBeGreaterThan(0.7);
    expect(waitingShareOf(loaded)).toBeGreaterThan(0.15);
    for (const { cpuMs, ms } of loaded) expect(cpuMs).toBeLessThanOrEqual(ms);
  }, 60_000);
});
