import Table from 'cli-table3';
import { megabytes } from './targets.mjs';

/** Prints a run: speed, memory, and what was not run. */
export function printReport({ rows, notRun, machine, quick }) {
  const [before, after] = machine.load;
  console.log(
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${before}–${after}`,
  );
  const devices = new Set(
    rows.map(({ backend, device, software }) =>
      software ? `${backend}: ${device}, in software, so held against no target` : null,
    ),
  );
  for (const device of devices) if (device) console.log(device);
  console.log(speedTable(rows));
  console.log(`One thread: held to ${machine.oneThreadBy}.`);
  console.log(memoryTable(rows));
  for (const [why, names] of byReason(notRun)) {
    console.log(`not run: ${names.join(', ')} (${why})`);
  }
  if (quick) {
    console.log(
      'not run: rows without a target, PyTorch at batch size 8, and streaming (--quick; npm run bench:streaming)',
    );
  }
}

const style = { head: [], border: [] };
const names = ['backend', 'model', 'batch'];

function speedTable(rows) {
  const head = [
    ...names,
    'ours/s',
    'stock/s',
    '× stock',
    '(CPU)',
    'PyTorch/s',
    '× PyTorch',
    '1 thread: ours/s',
    'PyTorch/s',
    '× PyTorch',
  ];
  const table = new Table({ head, style, colAligns: ['left', 'left', ...Array(10).fill('right')] });
  for (const { backend, workload, batchSize, measured } of rows) {
    const { ours, ours1, stock, torch, torch1 } = measured;
    table.push([
      backend,
      workload,
      batchSize,
      rate(ours),
      rate(stock),
      ratio(stock?.ratio),
      ratio(stock?.cpuRatio),
      rate(torch),
      ratio(torch?.ratio),
      rate(ours1 ?? (backend === 'wasm' && torch1 ? ours : undefined)),
      rate(torch1),
      ratio(torch1?.ratio),
    ]);
  }
  return table.toString();
}

function memoryTable(rows) {
  const head = [
    ...names,
    'tensors at peak, MB: ours',
    'stock',
    'process at peak, MB: ours',
    'stock',
    'PyTorch',
  ];
  const table = new Table({ head, style, colAligns: ['left', 'left', ...Array(6).fill('right')] });
  for (const { backend, workload, batchSize, measured } of rows) {
    const { ours, stock, torch, torch1 } = measured;
    table.push([
      backend,
      workload,
      batchSize,
      megabytes(ours?.peakBytes),
      megabytes(stock?.peakBytes),
      megabytes(ours?.processPeakBytes),
      megabytes(stock?.processPeakBytes),
      megabytes((torch ?? torch1)?.processPeakBytes),
    ]);
  }
  return table.toString();
}

const rate = (subject) => (subject ? Math.round(subject.samplesPerSecond).toString() : '–');
const ratio = (value) => (value === undefined ? '–' : value.toFixed(2));

function byReason(notRun) {
  const reasons = new Map();
  for (const { row, why } of notRun) reasons.set(why, [...(reasons.get(why) ?? []), row]);
  return reasons;
}
