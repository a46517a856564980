import '../../../src/trainer/tfjs/tf';
import { createHash } from 'node:crypto';
import { open, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { configSchema } from '../../../src/config/schema';
import { render, type Result } from '../../../src/core/text/problem';
import { loadStreamed } from '../../../src/trainer/data/records/loadStreamed';
import { inMemory } from '../../../src/trainer/data/samples';
import { outputObjective } from '../../../src/trainer/model/objective';
import { objectiveOf } from '../../../src/trainer/model/objectives';
import { createOptimizer } from '../../../src/trainer/model/optimizer';
import { streamOnDevice } from '../../../src/trainer/streaming/streamOnDevice';
import { putOnDevice, type DeviceData } from '../../../src/trainer/training/deviceData';
import { withSeededRandom } from '../../../src/trainer/random/seededRandom';
import { Trial } from '../../../src/trainer/training/trial';
import { TrialMemory } from '../../../src/trainer/training/trialMemory';
import { backendNamed } from './backends';
import { classes, learningRate, workloads } from './workloads';

/**
 * One process of the streaming bench: the same trial on samples in memory and on the same samples
 * on disk, round by round in turns. Told what to measure in its one argument, as JSON.
 */
interface Request {
  readonly workload: 'dense' | 'narrow' | 'cnn';
  readonly batchSize: number;
  /** An existing folder for the data. */
  readonly folder: string;
  /** What the samples take in memory. */
  readonly dataBytes: number;
  readonly limitBytes: number;
  readonly roundSamples: number;
  readonly rounds: number;
}

function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(render({ id: result.problem.reason, values: result.problem.values }));
}

/** Seeded bytes, one pseudo-random block again and again: what is in them does not change the work. */
async function writeNpy(file: string, shape: readonly number[], type: '|u1' | '<f4') {
  const width = type === '<f4' ? 4 : 1;
  const bytes = width * shape.reduce((all, size) => all * size, 1);
  const dict = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const header = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${dict.padEnd(117)}\n`, 'latin1');
  const handle = await open(file, 'w');
  await handle.write(header);
  const block = blockOf(type);
  for (let left = bytes; left > 0; left -= block.length) {
    await handle.write(block.subarray(0, Math.min(left, block.length)));
  }
  await handle.close();
}

function blockOf(type: '|u1' | '<f4'): Buffer {
  const seeds = Array.from({ length: 2 ** 15 }, (_, index) =>
    createHash('sha256').update(String(index)).digest(),
  );
  const bytes = Buffer.concat(seeds);
  if (type === '|u1') return bytes;
  return Buffer.from(Float32Array.from(bytes, (byte) => byte / 128 - 1).buffer);
}

async function dataOf({ workload, folder, dataBytes }: Request) {
  const { sampleShape } = workloads[workload];
  const size = sampleShape.reduce((all, each) => all * each, 1);
  const count = Math.round(dataBytes / (4 * size));
  const train = `${workload}.npy`;
  const exists = await stat(path.join(folder, train)).catch(() => null);
  if (!exists) {
    const type = workload === 'narrow' ? '<f4' : '|u1';
    await writeNpy(path.join(folder, train), [count, ...sampleShape], type);
    const labels = Uint8Array.from({ length: count }, (_, index) => (index * 7919) % classes);
    const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${count},), }`;
    await writeFile(
      path.join(folder, `${workload}.labels.npy`),
      Buffer.concat([
        Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header.padEnd(117)}\n`, 'latin1'),
        labels,
      ]),
    );
  }
  const config = configSchema.parse({
    model: { topology: 'model.json' },
    data: { train, labels: `${workload}.labels.npy`, validation: 0.01 },
    training: { loss: 'sparseCategoricalCrossentropy' },
  });
  const configFile = path.join(folder, 'batchwise.json');
  const cache = path.join(folder, `cache-${workload}`);
  const context = { configFile, root: folder, seed: 1, tf: null, folder: cache };
  return valueOf(await loadStreamed(config, context));
}

async function measure(request: Request) {
  const { meter } = valueOf(await backendNamed('wasm').load());
  const dataset = await dataOf(request);
  const begin = async (data: DeviceData, dataBytes: number, limitBytes: number | null) => {
    const memory = new TrialMemory(meter, dataBytes, limitBytes);
    const { value: trainable } = await memory.during(() =>
      Promise.resolve({
        model: withSeededRandom(1, () => workloads[request.workload].build()),
        optimizer: createOptimizer({ name: 'adam' }, learningRate),
        ...objectiveOf(outputObjective('sparseCategoricalCrossentropy')),
      }),
    );
    const { batchSize } = request;
    const settings = { batchSize, learningRate, seed: 1, gradientAccumulation: 1, schedule: null };
    return new Trial(trainable, data, settings, meter, memory);
  };
  const streamed = await begin(
    streamOnDevice(dataset, request.limitBytes, __dirname),
    meter.liveBytes(),
    request.limitBytes,
  );
  const before = meter.liveBytes();
  const { train, validation } = dataset;
  const held = await begin(
    putOnDevice({ ...dataset, train: inMemory(train), validation: inMemory(validation) }),
    meter.liveBytes() - before,
    null,
  );
  const iterations = Math.ceil(request.roundSamples / request.batchSize);
  const round = async (trial: Trial) => {
    const start = performance.now();
    const advanced = await trial.advance(iterations, 600, { interrupted: () => false });
    if (advanced.status !== 'ok') throw new Error(advanced.detail ?? advanced.status);
    const { peakBytes, trainLoss } = advanced;
    return { ms: performance.now() - start, peakBytes, loss: trainLoss };
  };
  for (const trial of [held, streamed]) await round(trial);
  const turns = [];
  for (let turn = 0; turn < request.rounds; turn++) {
    turns.push({ held: await round(held), streamed: await round(streamed) });
  }
  return { samples: iterations * request.batchSize, turns };
}

measure(JSON.parse(process.argv[2] ?? '{}') as Request).then(
  (measured) => {
    process.stdout.write(JSON.stringify(measured));
    process.exit(0);
  },
  (error: unknown) => {
    process.stderr.write(String(error));
    process.exit(1);
  },
);
