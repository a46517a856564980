import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { endsOutOfMemory, saysOutOfMemory } from '../../src/protocol/outOfMemorySigns';
import { buildWorker } from './buildWorker';
import { limitData, noPrlimit } from './limitData';
import { MemoryGroup, noMemoryGroup } from './limitMemory';
import {
  begin,
  denseLayers,
  endTrainers,
  load,
  makeWorkspace,
  startTrainer,
  type RunningTrainer,
} from './trainer';

/** Processes that really run out of memory: what they do is the table's evidence. */

let worker: string;

beforeAll(async () => {
  worker = await buildWorker();
});
afterAll(endTrainers);

const wideLayers = [
  { className: 'Dense', config: { units: 2 ** 15 } },
  { className: 'Dense', config: { units: 2, activation: 'softmax' } },
];

/** A model of the workspace that runs this in its process for a batch of 40. */
async function workspaceThat(work: string) {
  const workspace = await makeWorkspace({ layers: denseLayers, samples: 80 });
  await writeFile(
    path.join(workspace.root, 'model.mjs'),
    `export function createModel(tf) {
       class Hungry extends tf.layers.Layer {
         call(inputs) {
           const [input] = Array.isArray(inputs) ? inputs : [inputs];
           if (input.shape[0] === 40) { ${work} }
           return input;
         }
         computeOutputShape(shape) { return shape; }
         static className = 'Hungry';
       }
       return tf.sequential({ layers: [
         tf.layers.dense({ inputShape: [4], units: 8 }),
         new Hungry({}),
         tf.layers.dense({ units: 2, activation: 'softmax' }),
       ] });
     }`,
  );
  return { ...workspace, config: { ...workspace.config, model: { module: 'model.mjs' } } };
}

const advance = (trainer: RunningTrainer) =>
  trainer.client.call('advance', { trial: 'a', iterations: 1, maxSeconds: 60 });

/** A group for this test. */
function groupOf(bytes: number): MemoryGroup {
  const group = new MemoryGroup(bytes);
  onTestFinished(() => group.remove());
  return group;
}

const title =
  noPrlimit === null ? 'a limit of the system' : `a limit of the system (not run: ${noPrlimit})`;

describe.skipIf(noPrlimit !== null)(title, () => {
  it('ends a trial on WASM cleanly, and a fresh process trains again', async () => {
    const wide = await makeWorkspace({ layers: wideLayers, samples: 1300 });
    const trainer = await startTrainer(worker);
    await load(trainer, wide, 'wasm');
    await begin(trainer, { batchSize: 1024 });
    limitData(trainer, 180e6);
    const { status, detail, peakBytes } = await advance(trainer);
    expect(status).toBe('out-of-memory');
    expect(saysOutOfMemory(detail ?? '')).toBe(true);
    expect(peakBytes).toBeLessThan(500e6);

    const fresh = await startTrainer(worker);
    await load(fresh, wide, 'wasm');
    await begin(fresh, { batchSize: 16 });
    expect((await advance(fresh)).status).toBe('ok');
  });

  it('is known before training', async () => {
    const workspace = await makeWorkspace({ layers: denseLayers });
    const trainer = await startTrainer(worker);
    limitData(trainer, 600e6);
    const { availableBytes, backend } = await load(trainer, workspace, 'cpu');
    // Loading may give back some of what the process had when it was limited.
    expect(availableBytes).toBeLessThan(700e6);
    expect(backend.memory?.freeBytes).toBeLessThan(700e6);
  });

  it('shows as an array that the system refuses', async () => {
    const workspace = await workspaceThat('globalThis.kept = new Float32Array(2 ** 28);');
    const trainer = await startTrainer(worker);
    await load(trainer, workspace, 'cpu');
    await begin(trainer, { batchSize: 40 });
    limitData(trainer, 200e6);
    const { status, detail } = await advance(trainer);
    expect(status).toBe('out-of-memory');
    expect(detail).toMatch(/allocation failed/i);
  });
});

const groupTitle =
  noMemoryGroup === null
    ? 'a container’s limit'
    : `a container’s limit (not run: ${noMemoryGroup})`;

describe.skipIf(noMemoryGroup !== null)(groupTitle, () => {
  it('is known before training', async () => {
    const group = groupOf(500e6);
    const trainer = await startTrainer(worker);
    group.add(trainer);
    const workspace = await makeWorkspace({ layers: denseLayers });
    const { availableBytes, backend } = await load(trainer, workspace, 'cpu');
    expect(availableBytes).toBeLessThan(500e6);
    expect(backend.memory?.totalBytes).toBeLessThanOrEqual(500e6);
  });

  it('ends a process that takes more as out of memory, and a fresh one trains again', async () => {
    const group = groupOf(200e6);
    const wide = await makeWorkspace({ layers: wideLayers, samples: 1300 });
    const trainer = await startTrainer(worker);
    await load(trainer, wide, 'wasm');
    await begin(trainer, { batchSize: 1024 });
    group.add(trainer);
    const end = await advance(trainer).then(
      ({ status }) => status,
      () => trainer.ended,
    );
    expect(endsOutOfMemory(null, String(end))).toBe(true);

    const fresh = await startTrainer(worker);
    await load(fresh, wide, 'wasm');
    await begin(fresh, { batchSize: 16 });
    group.add(fresh);
    expect((await advance(fresh)).status).toBe('ok');
  });
});

describe('the end of a process', () => {
  it('by a JavaScript heap that is full is an abort that says so', async () => {
    const workspace = await workspaceThat(
      'const kept = []; for (;;) kept.push(Array.from({ length: 1e5 }, (_, i) => ({ i })));',
    );
    const trainer = await startTrainer(worker, { execArgv: ['--max-old-space-size=120'] });
    let stderr = '';
    trainer.child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await load(trainer, workspace, 'cpu');
    await begin(trainer, { batchSize: 40 });
    advance(trainer).catch(() => undefined);
    const end = await trainer.ended;
    expect(saysOutOfMemory(stderr)).toBe(true);
    const [exitCode, signal] = typeof end === 'number' ? [end, null] : [null, end];
    expect(endsOutOfMemory(exitCode, signal)).toBe(true);
  });

  it('by a process that is killed counts as out of memory, as the kernel kills', async () => {
    const trainer = await startTrainer(worker);
    trainer.child.kill('SIGKILL');
    const end = await trainer.ended;
    expect(endsOutOfMemory(null, String(end))).toBe(process.platform !== 'win32');
  });
});
