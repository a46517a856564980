import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import {
  type Agreement,
  agreementGoals,
  agreementOf,
  agreementTable,
  exampleWorkspaces,
} from './agreement';
import { busyGoals, busyReport, busyTables, type BusyReport } from './busy';
import { whyStale } from './checkTruth';
import { computeTruth, truthSeeds } from './computeTruth';
import { judge, ours, summarize, type TaskReport } from './judge';
import { measureNow, type Now } from './measureNow';
import { memoryRow, memoryTable, type MemoryRow } from './memory';
import { compareNumbers, compareWeightDecay, numbersTable, type NumbersRow } from './scaledNumbers';
import { summaryTable, taskTable, verdictLine } from './report';
import { runSweep, startExhaustive, type Swept } from './runSweep';
import { tasks, type TaskDefinition } from './tasks';
import { TaskTrainer } from './trainer';
import { readTruth, type Truth } from './truthFile';
import { goalsOf, memoryGoalsOf, type Goal } from './verdict';
import { sweepSeed, writeWorkspace, type Workspace } from './workspace';

interface Options {
  readonly task?: string[];
  readonly quick?: true;
  readonly truth?: string | true;
  readonly numbers?: string | true;
  readonly weightDecay?: string | true;
  readonly memory?: true;
  readonly race: boolean;
  readonly exhaustive?: true;
  readonly sweeps?: number;
  readonly json?: string;
  readonly agreement?: number;
  readonly busy?: true;
}

/** Dense, sequences and regression: those whose sweeps are short. */
const agreementTasks: ReadonlySet<string> = new Set(['mislabeled', 'pulses', 'scarce']);

const say = (message: string) => {
  console.error(message);
};

async function main(): Promise<void> {
  const options = readOptions();
  const chosen = tasks.filter(({ name }) => !options.task || options.task.includes(name));
  const folder = await mkdtemp(path.join(tmpdir(), 'batchwise-tuner-'));
  try {
    if (options.truth !== undefined) {
      const seeds = options.truth === true ? truthSeeds.length : Number(options.truth);
      await computeTruths(chosen, seeds, folder);
      return;
    }
    const followed = options.numbers ?? options.weightDecay;
    if (followed !== undefined) {
      const seeds = followed === true ? truthSeeds.length : Number(followed);
      const compare = options.numbers === undefined ? compareWeightDecay : compareNumbers;
      const rows: NumbersRow[] = [];
      for (const task of chosen) rows.push(...(await compare(task, { seeds, folder, say })));
      console.log(numbersTable(rows));
      return;
    }
    if (options.busy) await checkBusy(options.task ? chosen : [], folder);
    else if (options.agreement !== undefined) {
      await checkAgreement(options.task ? chosen : [], options.agreement, folder);
    } else await bench(chosen, options, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Seed by seed over all tasks, so that each has some soon; the learning rate as configured last. */
async function computeTruths(
  chosen: readonly TaskDefinition[],
  most: number,
  folder: string,
): Promise<void> {
  for (let seeds = 1; seeds <= most; seeds++) {
    for (const task of chosen) await computeTruth(task, { seeds, isUnscaled: false, folder, say });
  }
  if (most < truthSeeds.length) return;
  for (const task of chosen) {
    await computeTruth(task, { seeds: most, isUnscaled: true, folder, say });
  }
}

function readOptions(): Options {
  const names = tasks.map(({ name }) => name);
  return new Command('bench:tuner')
    .description(
      'Measures how good the batch size is that a sweep recommends, and what finding it costs. ' +
        'Without --quick, learning rates and update counts are computed anew, which takes hours.',
    )
    .option('--quick', 'reuse the committed update counts; step times are measured now')
    .option('--task <name...>', `only these tasks: ${names.join(', ')}`, (name, all?: string[]) => {
      if (!names.includes(name)) throw new InvalidArgumentError(`Tasks: ${names.join(', ')}.`);
      return [...(all ?? []), name];
    })
    .option('--sweeps <count>', 'sweeps a task, each with a seed of its own', Number)
    .option('--json <file>', 'write everything to a file, too')
    .option('--memory', 'check the memory model and the largest size that fits, too')
    .option('--no-race', 'no sweeps and no update counts: with --memory, the memory check alone')
    .option(
      '--exhaustive',
      'run a real exhaustive sweep, too, and say how far the computed one is off',
    )
    .option('--busy', 'only compare sweeps on a quiet machine with sweeps beside busy processes')
    .option(
      '--agreement <count>',
      'only tell how far so many sweeps of one seed agree, for the examples and three tasks (or ' +
        'for the tasks named)',
      Number,
    )
    .option(
      '--numbers [seeds]',
      'only tell what it changes that beta, momentum and epsilon follow the size, too',
    )
    .option(
      '--weight-decay [seeds]',
      'only tell what it changes that the weight decay of AdamW, in place of Adam, follows the size',
    )
    .option('--truth [seeds]', 'only compute what is missing of the committed update counts')
    .parse()
    .opts<Options>();
}

async function workspacesOf(
  named: readonly TaskDefinition[],
  folder: string,
): Promise<readonly Workspace[]> {
  const workspaces: Workspace[] = [];
  for (const task of named) {
    const truth = await readTruth(task.name);
    if (!truth) throw new Error(`${task.name}: no learning rate (run with --truth first).`);
    workspaces.push(await writeWorkspace(task, truth.learningRate, folder));
  }
  return workspaces;
}

/** Sweeps quiet and busy, one after the other, for the examples or the tasks named. */
async function checkBusy(named: readonly TaskDefinition[], folder: string): Promise<void> {
  sayIfBusy();
  const reports: BusyReport[] = [];
  const workspaces =
    named.length > 0 ? await workspacesOf(named, folder) : await exampleWorkspaces(folder);
  for (const workspace of workspaces) reports.push(await busyReport(workspace, say));
  console.log(`${busyTables(reports)}\n`);
  const goals = busyGoals(reports);
  console.log(verdictLine(goals));
  if (goals.some(({ met }) => !met)) process.exitCode = 1;
}

/**
 * Sweeps that differ in nothing but the moment they run in, for the tasks named, or for the examples
 * and three tasks.
 */
async function checkAgreement(
  named: readonly TaskDefinition[],
  count: number,
  folder: string,
): Promise<void> {
  sayIfBusy();
  const rows: Agreement[] = [];
  const others = named.length > 0 ? named : tasks.filter(({ name }) => agreementTasks.has(name));
  const workspaces = [
    ...(named.length > 0 ? [] : await exampleWorkspaces(folder)),
    ...(await workspacesOf(others, folder)),
  ];
  for (const workspace of workspaces) rows.push(await agreementOf(workspace, count));
  console.log(`${agreementTable(rows)}\n`);
  const goals = agreementGoals(rows);
  console.log(verdictLine(goals));
  if (goals.some(({ met }) => !met)) process.exitCode = 1;
}

function sayIfBusy(): void {
  const [load = 0] = loadavg();
  if (load > availableParallelism() / 2) {
    say(
      `The machine is busy (a load of ${load.toFixed(1)} on ${availableParallelism()} cores): ` +
        'times will scatter, and with them regrets and costs.',
    );
  }
}

async function bench(
  chosen: readonly TaskDefinition[],
  options: Options,
  folder: string,
): Promise<void> {
  sayIfBusy();
  const reports: TaskReport[] = [];
  const memoryRows: MemoryRow[] = [];
  const leftOut: string[] = [];
  for (const task of chosen) {
    if (options.quick !== true && options.race) {
      const seeds = truthSeeds.length;
      await computeTruth(task, { seeds, isUnscaled: true, folder, say, isFresh: true });
    }
    const measured = await measureTask(task, options, folder);
    if ('leftOut' in measured) {
      leftOut.push(`${task.name} is left out: ${measured.leftOut}`);
      continue;
    }
    if (measured.report) {
      reports.push(measured.report);
      console.log(`${taskTable(measured.report)}\n`);
    }
    if (measured.memory) memoryRows.push(measured.memory);
  }
  for (const line of leftOut) console.log(line);
  const goals: Goal[] = [];
  if (reports.length > 0) {
    console.log(`${summaryTable(reports)}\n`);
    const checks = tasks.filter(({ isCheck }) => isCheck).map(({ name }) => name);
    goals.push(...goalsOf(summarize(reports, ours), reports, checks));
  }
  if (memoryRows.length > 0) {
    console.log(`${memoryTable(memoryRows)}\n`);
    goals.push(...memoryGoalsOf(memoryRows));
  }
  if (options.json !== undefined) {
    const plain = reports.map((report) => ({
      ...report,
      // A thousand numbers each, of which the interval is left.
      choices: report.choices.map((choice) => ({ ...choice, replicates: undefined })),
    }));
    const document = { at: new Date().toISOString(), goals, tasks: plain, memory: memoryRows };
    await writeFile(options.json, `${JSON.stringify(document, null, 2)}\n`);
  }
  console.log(verdictLine(goals));
  if (goals.length === 0 || goals.some(({ met }) => !met)) process.exitCode = 1;
}

/** What a task came to, or why it cannot be judged. */
type Measured =
  { readonly report: TaskReport | null; readonly memory: MemoryRow | null } | { leftOut: string };

async function measureTask(
  task: TaskDefinition,
  options: Options,
  folder: string,
): Promise<Measured> {
  const truth = await readTruth(task.name);
  const runs = truth?.runs.filter(({ scaled }) => scaled) ?? [];
  if (!truth || new Set(runs.map(({ seed }) => seed)).size < 2) {
    return { leftOut: `its update counts are not computed (--truth --task ${task.name}).` };
  }
  const report = options.race ? await raceTask(task, truth, options, folder) : null;
  if (report === 'nothing') return { leftOut: 'no sweep recommended a size.' };
  const memory =
    options.memory === true ? await memoryRow(task, truth.learningRate, folder, say) : null;
  return { report, memory };
}

async function raceTask(
  task: TaskDefinition,
  truth: Truth,
  options: Options,
  folder: string,
): Promise<TaskReport | 'nothing'> {
  const workspace = await writeWorkspace(task, truth.learningRate, folder);
  const trainer = await TaskTrainer.load(task, workspace, { largest: truth.largest });
  let now: Now;
  const { dataset, availableBytes } = trainer.prepared;
  try {
    const stale = await whyStale(truth, trainer);
    if (stale !== null) {
      throw new Error(`${task.name}: the committed update counts do not hold: ${stale}.`);
    }
    say(`${task.name}: timing ${trainer.ladder.length} sizes in turns`);
    now = await measureNow(trainer);
  } finally {
    await trainer.stop();
  }
  const sweeps = await runSweeps(task, workspace, options);
  if (sweeps.length === 0) return 'nothing';
  say(`${task.name}: an exhaustive sweep's probe`);
  const start = await startExhaustive(workspace);
  const about = {
    name: task.name,
    about: task.isCheck ? `${task.about}; check task` : task.about,
    samples: dataset.samples,
    capacityBytes: task.memoryLimit ?? availableBytes ?? Infinity,
  };
  const report = judge(about, truth, now, sweeps, start);
  if (options.exhaustive === true) await sayHowFarOff(workspace, truth, report);
  return report;
}

async function runSweeps(
  task: TaskDefinition,
  workspace: Workspace,
  { sweeps: wanted, quick }: Options,
): Promise<Swept[]> {
  const sweeps: Swept[] = [];
  const count = wanted ?? (quick === true ? 1 : 3);
  for (let i = 0; i < count; i++) {
    say(`${task.name}: sweep ${i + 1} of ${count}`);
    const swept = await runSweep(workspace, sweepSeed + i);
    if (!swept) {
      say(`${task.name}: recommends nothing`);
      continue;
    }
    sweeps.push(swept);
    const { batchSize, seconds, loadSeconds, probeSeconds, target } = swept;
    say(
      `${task.name}: recommends ${batchSize} after ${seconds.toFixed(1)} s (loading ` +
        `${loadSeconds.toFixed(1)} s, probe ${probeSeconds.toFixed(1)} s), target ${target}`,
    );
    for (const trial of swept.trials) say(`    ${trial}`);
  }
  return sweeps;
}

/** Runs a real exhaustive sweep, to the truth's target, beside the seconds computed for one. */
async function sayHowFarOff(
  workspace: Workspace,
  truth: Truth,
  { task, exhaustive }: TaskReport,
): Promise<void> {
  const real = await runSweep(workspace, sweepSeed, {
    exhaustive: true,
    targetLoss: truth.target,
  });
  if (!real) return;
  const training = real.seconds - real.loadSeconds - real.probeSeconds;
  const { loadSeconds, probeSeconds, trainSeconds } = exhaustive;
  const computed = loadSeconds + probeSeconds + trainSeconds;
  const share = (of: number, whole: number) => `${(100 * (of / whole - 1)).toFixed(1)}%`;
  say(
    `${task}: an exhaustive sweep took ${real.seconds.toFixed(1)} s, computed ` +
      `${computed.toFixed(1)} s (${share(computed, real.seconds)}); without loading and probe ` +
      `${training.toFixed(1)} s, of which its updates and evaluations are ` +
      `${real.trainedSeconds.toFixed(1)} s (${share(real.trainedSeconds, training)}), computed ` +
      `${trainSeconds.toFixed(1)} s (${share(trainSeconds, training)}: other seeds)`,
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
