import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { median, megabytes } from './targets.mjs';

/** Enough for a step at batch size 512, with a data set of four times as much. */
const limitOf = { dense: 64e6, narrow: 64e6, cnn: 192e6 };
const least = 0.7;

/**
 * Throughput of training on a data set of four times the memory limit that stays on disk, over that
 * of the same trial with the samples in memory, in turns in one process.
 */
export async function measureStreaming({ quick = false } = {}) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'batchwise-streaming-'));
  const rows = [];
  const notRun = [];
  try {
    await build({
      entryPoints: ['test/bench/engine/streamingSubject.ts', 'src/trainer/streaming/rowReader.ts'],
      entryNames: '[name]',
      outdir: folder,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      logLevel: 'error',
    });
    for (const workload of quick ? ['dense', 'cnn'] : ['dense', 'narrow', 'cnn']) {
      for (const batchSize of [64, 512]) {
        const request = {
          ...{ workload, batchSize, folder },
          limitBytes: limitOf[workload],
          dataBytes: 4 * limitOf[workload],
          roundSamples: { dense: 4096, narrow: 16384, cnn: 1024 }[workload],
          rounds: quick ? 5 : 9,
        };
        try {
          rows.push(rowOf(request, await run(path.join(folder, 'streamingSubject.js'), request)));
        } catch (error) {
          notRun.push({ row: `streaming ${workload} ${batchSize}`, why: error.message });
        }
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return { rows, notRun, target: targetOf(rows, notRun) };
}

async function run(file, request) {
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(request)], {
    maxBuffer: 2 ** 24,
  });
  return JSON.parse(stdout);
}

function rowOf({ workload, batchSize }, { samples, turns }) {
  const rate = (side) => median(turns.map((turn) => (1000 * samples) / turn[side].ms));
  const equal = turns.every(({ held, streamed }) => Math.abs(held.loss - streamed.loss) < 1e-9);
  if (!equal) throw new Error('the losses differ from those in memory');
  return {
    workload,
    batchSize,
    heldPerSecond: rate('held'),
    streamedPerSecond: rate('streamed'),
    ratio: median(turns.map(({ held, streamed }) => held.ms / streamed.ms)),
    peakBytes: Math.max(...turns.map(({ streamed }) => streamed.peakBytes)),
  };
}

/** A row that did not run is a miss: a process that ended is what the limit is about. */
function targetOf(rows, notRun) {
  const ratios = rows.map(({ ratio }) => ratio);
  const lowest = ratios.length > 0 ? Math.min(...ratios) : null;
  const within = rows.every(({ workload, peakBytes }) => peakBytes <= limitOf[workload]);
  return {
    text: `streaming 4× the memory limit ≥ ${least}× in memory`,
    least,
    lowest,
    met: lowest !== null && notRun.length === 0 && lowest >= least && within,
  };
}

/** One line per row. */
export function describeStreaming({ rows }) {
  return rows.map(
    (row) =>
      `streaming ${row.workload} ${row.batchSize}: ${Math.round(row.streamedPerSecond)} samples/s, ` +
      `${Math.round(row.heldPerSecond)} in memory: ${row.ratio.toFixed(2)}×; ` +
      `${megabytes(row.peakBytes)} MB of ${limitOf[row.workload] / 1e6} MB held`,
  );
}
