// What sizes Batchwise recommends for Python scripts, beside what finders of frameworks choose, and
// what the runner adds to a step: `npm run bench:python`. See python/README.md.
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { run, runMain, SetupError } from '../../scripts/command.mjs';
import { ensureBuild, root } from '../../scripts/project.mjs';
import { pythonEnvironment } from '../pythonEnvironment.mjs';

/** Files below python/tasks. */
const tasks = ['clusters', 'shapes', 'pulses', 'surface'];
/**
 * The truth's target is the loss that the script itself, with its own size, has after this share of
 * its epochs: people mean by a script what it ends with, and a run with another seed must be able to
 * come there before its script ends.
 */
const shareOfScript = 0.8;
const finders = /** @type {const} */ (['power', 'binsearch', 'accelerate']);
const ladder = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];
/** None of them is a sweep's. */
const truthSeeds = [1001, 1002, 1003];
const sweepSeeds = [42, 43, 44];
const mostMedianRegret = 1.05;
const mostOverhead = 0.02;
const minute = 60_000;
const folder = path.join(root, 'test', 'bench', 'python');

const usage = `npm run bench:python -- [--quick] [--task NAME] [--no-overhead] [--json FILE]

  --quick        one seed for the truth and one sweep a task: about ten minutes
  --task NAME    this task alone
  --no-overhead  leave out what the runner adds to a step
  --json FILE    write all figures there

The exit code is 1 where the median regret is above ${mostMedianRegret} or the overhead above ${100 * mostOverhead}%.`;

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      task: { type: 'string' },
      'no-overhead': { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const chosen = tasks.filter((name) => values.task === undefined || name === values.task);
  if (chosen.length === 0) throw new SetupError(`There is no task named ${values.task}.`);
  await ensureBuild();
  const python = await pythonEnvironment({
    name: 'bench',
    requirements: path.join(folder, 'requirements.txt'),
  });
  if (python === null) throw new SetupError('The environment of the bench could not be made.');
  const seeds = values.quick ? 1 : truthSeeds.length;
  const results = [];
  for (const task of chosen) results.push(await benchTask(task, python, seeds));
  const overhead = values['no-overhead'] ? null : await measureOverhead(python, values.quick);
  if (values.json) await writeFile(values.json, JSON.stringify({ results, overhead }, null, 2));
  return report(results, overhead);
});

/**
 * @typedef {object} Choice
 * @property {string} by
 * @property {number | null} batchSize
 * @property {number | null} regret its time to the target over the best size's; null where it never arrives
 * @property {number | null} timeToTarget seconds
 * @property {number} cost seconds until it was known
 */

/**
 * @typedef {object} TaskResult
 * @property {string} name
 * @property {number} targetLoss that every size is timed to for the truth
 * @property {number} bestSize
 * @property {number} bestSeconds
 * @property {Record<number, number | null>} truth seconds to the target by size; null: never
 * @property {Choice[]} choices
 * @property {number} exhaustiveSeconds of one exhaustive sweep, in the mean
 */

/**
 * @param {string} task
 * @param {string} python
 * @param {number} seeds
 * @returns {Promise<TaskResult>}
 */
async function benchTask(task, python, seeds) {
  const workspace = await mkdtemp(path.join(os.tmpdir(), 'batchwise-bench-python-'));
  try {
    for (const name of [`${task}.py`, 'training.py']) {
      await copyFile(path.join(folder, 'tasks', name), path.join(workspace, name));
    }
    /** @type {Choice[]} */
    const choices = [];
    for (const finder of finders) {
      say(`${task}: ${nameOf(finder)}`);
      const out = path.join(workspace, 'found.json');
      await execute(python, [path.join(folder, 'finders.py'), task, finder, '--out', out]);
      const found = read(out);
      choices.push(choice(nameOf(finder), found.batchSize, found.seconds));
    }
    for (const seed of sweepSeeds.slice(0, seeds)) {
      say(`${task}: Batchwise, seed ${seed}`);
      const result = await tune(workspace, { task, python, seed }, ['--no-cache']);
      const size = result.recommendation?.batchSize ?? null;
      choices.unshift(choice('Batchwise', size, result.cost.seconds));
    }
    const sizes = [...new Set([...ladder, ...choices.flatMap(({ batchSize }) => batchSize ?? [])])];
    const targetLoss = await lossOfScript(workspace, task, python, truthSeeds.slice(0, seeds));
    const all = [];
    for (const seed of truthSeeds.slice(0, seeds)) {
      say(`${task}: every size to ${targetLoss}, seed ${seed}`);
      const only = ['--exhaustive', '--batch-sizes', sizes.toSorted((a, b) => a - b).join(',')];
      all.push(await tune(workspace, { task, python, seed, targetLoss }, only));
    }
    const truth = Object.fromEntries(sizes.map((size) => [size, meanSeconds(all, size)]));
    const arrived = Object.entries(truth).flatMap(([size, seconds]) =>
      seconds === null ? [] : [{ size: Number(size), seconds }],
    );
    const [best] = arrived.sort((a, b) => a.seconds - b.seconds);
    if (!best) throw new Error(`${task}: no size came to a loss of ${targetLoss}`);
    for (const each of choices) {
      each.timeToTarget = each.batchSize === null ? null : (truth[each.batchSize] ?? null);
      each.regret = each.timeToTarget === null ? null : each.timeToTarget / best.seconds;
    }
    return {
      name: task,
      targetLoss,
      bestSize: best.size,
      bestSeconds: best.seconds,
      truth,
      choices,
      exhaustiveSeconds: mean(all.map(({ cost }) => cost.seconds)),
    };
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

/**
 * What the script itself comes to, in the mean over seeds, with four digits.
 *
 * @param {string} workspace
 * @param {string} task
 * @param {string} python
 * @param {readonly number[]} seeds
 */
async function lossOfScript(workspace, task, python, seeds) {
  say(`${task}: the script alone`);
  const out = path.join(workspace, 'ends.json');
  const file = path.join(folder, 'ends.py');
  await execute(python, [file, task, '--seeds', seeds.join(','), '--out', out]);
  /** @type {number[][]} */
  const bySeed = Object.values(read(out));
  const losses = bySeed.map(
    (epochs) => epochs[Math.round(shareOfScript * epochs.length) - 1] ?? NaN,
  );
  return Number(mean(losses).toPrecision(4));
}

/**
 * @param {string} workspace
 * @param {{ task: string, python: string, seed: number, targetLoss?: number }} what `targetLoss` for
 *   the truth
 * @param {readonly string[]} flags
 */
async function tune(workspace, { task, python, seed, targetLoss }, flags) {
  const config = {
    // Several threads wait for each other wherever anything else runs on the machine.
    trainer: { python: `${task}.py`, interpreter: python, env: { OMP_NUM_THREADS: '1' } },
    training: { seed },
    tuning: { budget: '90 s', ...(targetLoss !== undefined && { targetLoss }) },
  };
  const file = path.join(workspace, 'batchwise.json');
  await writeFile(file, JSON.stringify(config));
  await execute(process.execPath, [path.join(root, 'dist', 'cli.js'), 'tune', file, ...flags]);
  return read(path.join(workspace, '.batchwise', 'batchwise', 'latest.json'));
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
async function execute(program, args) {
  const { code, output } = await run(program, args, { capture: true, limitMs: 20 * minute });
  if (code === 0) return;
  throw new Error(
    `${[program, ...args].join(' ')} ended with code ${code}:\n${output.slice(-2000)}`,
  );
}

/** @param {string} file */
function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * @param {string} python
 * @param {boolean} isQuick
 * @returns {Promise<{ overhead: number, processes: number[] }>}
 */
async function measureOverhead(python, isQuick) {
  say('overhead of the runner');
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'batchwise-overhead-'));
  try {
    const file = path.join(scratch, 'overhead.json');
    const count = isQuick ? '3' : '7';
    await execute(python, [path.join(folder, 'overhead.py'), '--processes', count, '--out', file]);
    return read(file);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Prints the tables and the verdict.
 *
 * @param {readonly TaskResult[]} results
 * @param {{ overhead: number, processes: number[] } | null} overhead
 * @returns {number} the exit code
 */
function report(results, overhead) {
  const rows = results.flatMap(
    ({ name, targetLoss, bestSize, bestSeconds, choices, exhaustiveSeconds }) => [
      [
        `${name} to ${targetLoss}`,
        'best',
        bestSize,
        seconds(bestSeconds),
        '1.00',
        seconds(exhaustiveSeconds),
      ],
      ...choices.map(({ by, batchSize, timeToTarget, regret, cost }) => [
        ...['', by, batchSize ?? 'none', seconds(timeToTarget)],
        ...[regret === null ? 'never' : regret.toFixed(2), seconds(cost)],
      ]),
    ],
  );
  console.log(table(['task', 'chosen by', 'size', 'time to target', 'regret', 'cost'], rows));
  console.log(
    '\nTime to target: seconds of training to the loss that the script itself has after four fifths of its epochs, in the mean over seeds, with the' +
      ' learning rate that goes with the size. Cost: seconds until the size is known.',
  );
  const regrets = results.flatMap(({ choices }) =>
    choices.filter(({ by }) => by === 'Batchwise').map(({ regret }) => regret ?? Infinity),
  );
  const middle = median(regrets);
  /** @type {[string, boolean][]} */
  const verdicts = [
    [
      `Batchwise: median regret ${middle.toFixed(3)}, limit ${mostMedianRegret}`,
      middle <= mostMedianRegret,
    ],
  ];
  if (overhead) {
    const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(2)}%`;
    const each = overhead.processes.map(percent).join(', ');
    verdicts.push([
      `Overhead at steps of 5 ms: ${percent(overhead.overhead)}, limit ${percent(mostOverhead)} (by process: ${each})`,
      overhead.overhead <= mostOverhead,
    ]);
  }
  console.log('');
  for (const [sentence, isMet] of verdicts)
    console.log(`${isMet ? 'met   ' : 'MISSED'}  ${sentence}`);
  return verdicts.every(([, isMet]) => isMet) ? 0 : 1;
}

/**
 * @param {string} by
 * @param {number | null} batchSize
 * @param {number} cost
 * @returns {Choice}
 */
function choice(by, batchSize, cost) {
  return { by, batchSize, cost, regret: null, timeToTarget: null };
}

/** @param {(typeof finders)[number]} finder */
function nameOf(finder) {
  return {
    power: 'Lightning, power',
    binsearch: 'Lightning, binsearch',
    accelerate: 'Accelerate',
  }[finder];
}

/**
 * @param {readonly { trials: { batchSize: number, timeToTargetSeconds: number | null }[] }[]} results
 * @param {number} size
 */
function meanSeconds(results, size) {
  const all = results.map(
    ({ trials }) =>
      trials.find(({ batchSize }) => batchSize === size)?.timeToTargetSeconds ?? Infinity,
  );
  const found = mean(all);
  return Number.isFinite(found) ? found : null;
}

/** @param {readonly number[]} values */
function mean(values) {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return mean(sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1));
}

/** @param {number | null} value */
function seconds(value) {
  return value === null ? 'never' : `${value.toFixed(value < 10 ? 2 : 0)} s`;
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly (string | number)[])[]} rows
 */
function table(head, rows) {
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  '),
  );
  return [lines[0], widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1)].join(
    '\n',
  );
}

/** @param {string} what */
function say(what) {
  console.error(`[${new Date().toISOString().slice(11, 19)}] ${what}`);
}
