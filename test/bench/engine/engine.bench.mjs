// How fast training steps are: `npm run bench:engine [-- --quick] [-- --json FILE] [--backend NAME]`.
// Ours, stock TensorFlow.js and PyTorch train the same models, each in a process of its own, in
// turns; ratios are taken between rounds of one turn, and their medians are held against targets.
import Table from 'cli-table3';
import { build } from 'esbuild';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startNode, startTorch } from './processes.mjs';
import { judge, megabytes, median, summary } from './targets.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    backend: { type: 'string' },
    workload: { type: 'string' },
  },
});

const workloads = ['dense', 'narrow', 'cnn', 'lstm', 'attention'];
const batchSizes = [8, 64, 512];
const backends = ['wasm', 'tensorflow', 'webgpu', 'cpu'];
/** An epoch of each batch size: long enough to time, short enough to take turns. */
const samplesOf = options.quick ? { 8: 128, 512: 1024 } : { 8: 256, 64: 768, 512: 1536 };
const rounds = options.quick ? 3 : 7;
/** Backends that are far slower get one small batch size: they are here for their ratio alone. */
const slow = { cpu: [8], webgpu: [8] };
const slowSamples = 32;
/** A quick run measures where targets are, and begins no row after so many seconds. */
const quickSeconds = 240;
const inQuick = ({ backend, workload, batchSize }) => {
  if (backend === 'cpu') return workload === 'dense';
  if (backend === 'webgpu' || workload === 'attention') return false;
  if (batchSize === 8) return workload === 'dense' || workload === 'narrow';
  return batchSize === 512 && !(backend === 'tensorflow' && workload === 'lstm');
};

const folder = await mkdtemp(path.join(os.tmpdir(), 'batchwise-bench-'));
const subjectFile = path.join(folder, 'subject.js');
await build({
  entryPoints: ['test/bench/engine/subjectProcess.ts'],
  outfile: subjectFile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'error',
});

const rows = [];
const notRun = [];
const backendFailures = new Map();
const start = performance.now();
try {
  for (const backend of backends) {
    if (options.backend && options.backend !== backend) continue;
    for (const workload of workloads) {
      if (options.workload && options.workload !== workload) continue;
      for (const batchSize of slow[backend] ?? batchSizes) {
        if (options.quick && !inQuick({ backend, workload, batchSize })) continue;
        await measure(backend, workload, batchSize);
      }
    }
  }
} finally {
  await rm(folder, { recursive: true });
}
report();

/** One row: all subjects of a workload at a batch size begin, warm up, and then take turns. */
async function measure(backend, workload, batchSize) {
  const name = `${backend} ${workload} ${batchSize}`;
  if (backendFailures.has(backend)) return;
  if (options.quick && performance.now() - start > 1000 * quickSeconds) {
    notRun.push({ row: name, why: `a quick run begins nothing after ${quickSeconds} s` });
    return;
  }
  const samples = slow[backend] ? slowSamples : samplesOf[batchSize];
  const request = { backend, workload, batchSize, samples };
  const subjects = new Map();
  const missing = {};
  const begin = async (subject, process) => {
    try {
      const answer = await process.ask({ begin: { ...request, subject } });
      await process.ask('round');
      subjects.set(subject, { process, rounds: [], about: answer });
    } catch (error) {
      missing[subject] = error.message;
      process.end();
    }
  };
  try {
    await begin('ours', startNode(subjectFile));
    if (missing.ours) {
      // Nothing of this backend will start for the other rows either.
      backendFailures.set(backend, missing.ours);
      notRun.push({ row: backend, why: missing.ours });
      return;
    }
    await begin('stock', startNode(subjectFile));
    const withTorch = !options.quick || batchSize === 512;
    if (withTorch && (backend === 'wasm' || backend === 'tensorflow')) {
      for (const [subject, threads] of [
        ['torch1', 1],
        ['torch', 0],
      ]) {
        await begin(subject, startTorch(threads));
      }
    }
    for (let round = 0; round < rounds; round++) {
      for (const { process, rounds } of subjects.values()) rounds.push(await process.ask('round'));
    }
    rows.push(rowOf(request, subjects, missing));
    console.error(`${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${name}`);
  } catch (error) {
    notRun.push({ row: name, why: error.message });
  } finally {
    for (const { process } of subjects.values()) process.end();
  }
}

function rowOf(request, subjects, missing) {
  const measured = {};
  const ours = subjects.get('ours').rounds;
  for (const [subject, { rounds, about }] of subjects) {
    measured[subject] = {
      samplesPerSecond: median(rounds.map(({ samples, wallMs }) => (1000 * samples) / wallMs)),
      cpuMsPerSample: median(rounds.map(({ samples, cpuMs }) => cpuMs / samples)),
      peakBytes: rounds.at(-1).peakBytes,
      processPeakBytes: rounds.at(-1).processPeakBytes,
      loss: rounds.at(-1).loss,
      ...(about.version && { version: about.version, threads: about.threads }),
      // How many times as fast ours is, round by round of the same turn.
      ratio: median(rounds.map(({ wallMs }, turn) => wallMs / ours[turn].wallMs)),
      cpuRatio: median(rounds.map(({ cpuMs }, turn) => cpuMs / ours[turn].cpuMs)),
    };
  }
  return { ...request, measured, missing };
}

function report() {
  const table = new Table({
    head: [
      'backend',
      'model',
      'batch',
      'ours/s',
      'stock/s',
      '× stock',
      '(CPU)',
      'PyTorch/s 1 thread',
      '×',
      'all threads',
      '×',
      'ours MB',
      'stock MB',
    ],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', ...Array(11).fill('right')],
  });
  const rate = (subject) => (subject ? Math.round(subject.samplesPerSecond).toString() : '–');
  const ratio = (value) => (value === undefined ? '–' : value.toFixed(2));
  for (const { backend, workload, batchSize, measured } of rows) {
    const { ours, stock, torch1, torch } = measured;
    table.push([
      backend,
      workload,
      batchSize,
      rate(ours),
      rate(stock),
      ratio(stock?.ratio),
      ratio(stock?.cpuRatio),
      rate(torch1),
      ratio(torch1?.ratio),
      rate(torch),
      ratio(torch?.ratio),
      megabytes(ours),
      megabytes(stock),
    ]);
  }
  console.log(table.toString());
  for (const { backend, workload, batchSize, missing } of rows) {
    for (const [subject, why] of Object.entries(missing)) {
      notRun.push({ row: `${backend} ${workload} ${batchSize}: ${subject}`, why });
    }
  }
  const byReason = Map.groupBy
    ? Map.groupBy(notRun, ({ why }) => why)
    : notRun.reduce(
        (map, entry) => map.set(entry.why, [...(map.get(entry.why) ?? []), entry]),
        new Map(),
      );
  for (const [why, entries] of byReason) {
    console.log(`not run: ${entries.map(({ row }) => row).join(', ')} (${why})`);
  }
  if (options.quick)
    console.log('not run: rows without a target, and PyTorch at batch 8 (--quick)');
  const targets = judge(rows);
  const machine = { cpu: os.cpus()[0]?.model, cores: os.cpus().length, node: process.version };
  if (options.json) {
    void writeFile(
      options.json,
      JSON.stringify({ machine, rounds, rows, notRun, targets }, null, 2),
    );
  }
  console.log(summary(targets));
  process.exitCode = targets.some(({ met }) => met === false) ? 1 : 0;
}
