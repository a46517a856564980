// How fast training steps are: `npm run bench:engine [-- --quick] [-- --json FILE] [--backend NAME]`.
// Ours, stock TensorFlow.js and PyTorch train the same models, each in a process of its own, in
// turns; ratios are taken between rounds of one turn, and their medians are held against targets.
import { build } from 'esbuild';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { counterpart, planRows } from './plan.mjs';
import { startNode, startTorch } from './processes.mjs';
import { printReport } from './report.mjs';
import { describeStreaming, measureStreaming } from './streaming.mjs';
import { judge, median, summary } from './targets.mjs';
import { cores, pinnedBy } from './threads.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    backend: { type: 'string' },
    workload: { type: 'string' },
  },
});

const rounds = options.quick ? 3 : 7;
/** Processor time, so that a busy machine warms up as far as a quiet one. */
const warmUpMs = 1500;
const mostWarmUpRounds = 20;
/** A quick run begins no row after so many seconds. */
const quickSeconds = 240;

const folder = await mkdtemp(path.join(os.tmpdir(), 'batchwise-bench-'));
await build({
  entryPoints: ['test/bench/engine/subjectProcess.ts', 'test/process/softwareGpu.ts'],
  entryNames: '[name]',
  outdir: folder,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'error',
});
const subjectFile = path.join(folder, 'subjectProcess.js');

const rows = [];
const notRun = [];
const backendFailures = new Map();
const start = performance.now();
const loadBefore = os.loadavg();
try {
  for (const row of planRows(options)) await measure(row);
} finally {
  await rm(folder, { recursive: true });
}
// The trainer's loop with samples on disk: the same on every backend, so measured on one.
const streams = !options.quick && !options.workload && (options.backend ?? 'wasm') === 'wasm';
const streaming = streams ? await measureStreaming() : null;
await report();

/** One row: all subjects of a workload at a batch size begin, warm up, and then take turns. */
async function measure({ subjects: wanted, ...request }) {
  const { backend, workload, batchSize } = request;
  const name = `${backend} ${workload} ${batchSize}`;
  if (backendFailures.has(backend)) return;
  if (options.quick && performance.now() - start > 1000 * quickSeconds) {
    notRun.push({ row: name, why: `a quick run begins nothing after ${quickSeconds} s` });
    return;
  }
  const subjects = new Map();
  const missing = {};
  try {
    for (const subject of wanted) {
      const began = await begin(subject, request);
      if (began.process) subjects.set(subject, began);
      else missing[subject] = began.why;
      if (missing.ours) {
        // Nothing of this backend will start for the other rows either.
        backendFailures.set(backend, missing.ours);
        notRun.push({ row: backend, why: missing.ours });
        return;
      }
    }
    for (let round = 0; round < rounds; round++) {
      for (const { process, rounds } of subjects.values()) rounds.push(await process.ask('round'));
    }
    rows.push(rowOf(request, subjects));
    for (const [subject, why] of Object.entries(missing)) {
      notRun.push({ row: `${name}: ${subject}`, why });
    }
    console.error(`${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${name}`);
  } catch (error) {
    notRun.push({ row: name, why: error.message });
  } finally {
    for (const { process } of subjects.values()) process.end();
  }
}

/** A subject's process after its first round, or why there is none. */
async function begin(subject, request) {
  const threads = subject.endsWith('1') ? 1 : cores;
  const code = subject.startsWith('ours') ? 'ours' : subject;
  const starts = subject.startsWith('torch')
    ? [() => startTorch(threads)]
    : environmentsFor(request.backend).map(
        (environment) => () => startNode(subjectFile, { threads, environment }),
      );
  let why = '';
  for (const start of starts) {
    const process = start();
    try {
      const about = await process.ask({ begin: { ...request, subject: code } });
      await warmUp(process);
      return { process, rounds: [], about };
    } catch (error) {
      why = error.message;
      process.end();
    }
  }
  return { why };
}

/** Rounds until engines have compiled what they will: one at least, more while they are short. */
async function warmUp(process) {
  let spentMs = 0;
  for (let round = 0; round < mostWarmUpRounds && spentMs < warmUpMs; round++) {
    spentMs += (await process.ask('round')).cpuMs;
  }
}

/** Without a GPU, WebGPU is tried again on the one in software that the tests use. */
function environmentsFor(backend) {
  if (backend !== 'webgpu') return [{}];
  const { noSoftwareGpu, softwareGpu } = createRequire(subjectFile)('./softwareGpu.js');
  return noSoftwareGpu === null ? [{}, softwareGpu()] : [{}];
}

function rowOf(request, subjects) {
  const measured = {};
  for (const [subject, { rounds, about }] of subjects) {
    const other = subjects.get(counterpart(subject, [...subjects.keys()])).rounds;
    const ratioOf = (key) => median(rounds.map((round, turn) => round[key] / other[turn][key]));
    measured[subject] = {
      samplesPerSecond: median(rounds.map(({ samples, wallMs }) => (1000 * samples) / wallMs)),
      cpuMsPerSample: median(rounds.map(({ samples, cpuMs }) => cpuMs / samples)),
      peakBytes: rounds.at(-1).peakBytes,
      processPeakBytes: rounds.at(-1).processPeakBytes,
      loss: rounds.at(-1).loss,
      ...(about.version && { version: about.version, threads: about.threads }),
      // How many times as fast ours is, round by round of the same turn.
      ratio: ratioOf('wallMs'),
      cpuRatio: ratioOf('cpuMs'),
    };
  }
  const { device, software } = subjects.get('ours').about;
  return { ...request, device, software, measured };
}

async function report() {
  const machine = {
    cpu: os.cpus()[0]?.model,
    cores,
    node: process.version,
    oneThreadBy: pinnedBy,
    load: [loadBefore, os.loadavg()].map(([minute]) => Number(minute.toFixed(2))),
  };
  notRun.push(...(streaming?.notRun ?? []));
  const targets = [...judge(rows), ...(streaming ? [streaming.target] : [])];
  printReport({ rows, notRun, machine, quick: options.quick });
  if (streaming) for (const line of describeStreaming(streaming)) console.log(line);
  if (options.json) {
    const document = { machine, rounds, rows, streaming: streaming?.rows, notRun, targets };
    await writeFile(options.json, JSON.stringify(document, null, 2));
  }
  console.log(summary(targets));
  process.exitCode = targets.some(({ met }) => met === false) ? 1 : 0;
}
