import { spawn, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import Table from 'cli-table3';
import type { SweepResult } from '../../../src/core/sweep/result';
import { stepTimesInTurns } from '../../../src/planner/measure/interleavedTiming';
import type { TimedBlock } from '../../../src/planner/measure/stepTimeFit';
import { tune } from '../../../src/tuner/sweep';
import { startTrainer } from './trainer';
import { goal, type Goal } from './verdict';
import type { Workspace } from './workspace';

/** What must hold: of step times, as shares of the quiet and of the warm ones. */
const limits = { busy: 0.15, cold: 0.1 };
/** A busy process ends by itself after so long, and as soon as this process is gone. */
const mostBusyMs = 15 * 60_000;
/** Each size trains for so long before it is timed warm, then in so many turns of so long. */
const warm = { seconds: 1.5, turns: 7, turnSeconds: 0.3 };

/** One size's step times: as a sweep has them on a quiet and on a busy machine, and warm. */
interface SizeRow {
  readonly batchSize: number;
  readonly quietMs: number;
  readonly busyMs: number | null;
  readonly warmMs: number | null;
}

/** An example, swept on a quiet and on a busy machine. */
export interface BusyReport {
  readonly name: string;
  readonly engine: string;
  readonly sizes: readonly SizeRow[];
  /** Recommended on a quiet and on a busy machine. */
  readonly picks: readonly [number | null, number | null];
  /** The picks are equal, or one sweep names the other's as not told apart. */
  readonly agrees: boolean;
  /** Whether each of the two says that the machine was busy. */
  readonly told: readonly [boolean, boolean];
  /** The share of waiting that the busy sweep saw. */
  readonly waitingShare: number | null;
}

/** Keeps every core busy with a process of its own until it is ended. */
class BusyMachine {
  readonly #children: ChildProcess[] = [];
  readonly #end = () => {
    this.end();
  };
  readonly #interrupted = () => {
    this.end();
    process.exit(130);
  };

  constructor(count = availableParallelism()) {
    const program =
      `const end = Date.now() + ${mostBusyMs};` +
      `while (Date.now() < end && process.ppid === ${process.pid}) {` +
      'for (let i = 0; i < 1e7; i++);}';
    process.once('exit', this.#end);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, this.#interrupted);
    for (let i = 0; i < count; i++) {
      this.#children.push(spawn(process.execPath, ['-e', program], { stdio: 'ignore' }));
    }
  }

  /** Whether all of them still run. */
  get isBusy(): boolean {
    return this.#children.every(({ exitCode, signalCode }) => (exitCode ?? signalCode) === null);
  }

  end(): void {
    process.off('exit', this.#end);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#interrupted);
    for (const child of this.#children.splice(0)) child.kill('SIGKILL');
  }
}

/** Sweeps a workspace quiet, then with as many busy processes as there are cores. */
export async function busyReport(
  workspace: Workspace,
  say: (line: string) => void,
): Promise<BusyReport> {
  const name = path.basename(workspace.folder);
  say(`${name}: a sweep on the quiet machine`);
  const quiet = await sweepOf(workspace);
  const timed = stepTimesOf(quiet);
  say(`${name}: step times of a warm process`);
  const warmTimes = await warmStepTimes(workspace, [...timed.keys()]);
  say(`${name}: a sweep beside ${availableParallelism()} busy processes`);
  const load = new BusyMachine();
  let busy: SweepResult;
  try {
    busy = await sweepOf(workspace);
    if (!load.isBusy) throw new Error(`${name}: a busy process ended before the sweep.`);
  } finally {
    load.end();
  }
  const busyTimes = stepTimesOf(busy);
  return {
    name,
    engine: quiet.backend.name,
    sizes: [...timed].map(([batchSize, quietMs]) => ({
      batchSize,
      quietMs,
      busyMs: busyTimes.get(batchSize) ?? null,
      warmMs: warmTimes.get(batchSize) ?? null,
    })),
    picks: [pickOf(quiet), pickOf(busy)],
    agrees: agree(quiet, busy),
    told: [saysBusy(quiet), saysBusy(busy)],
    waitingShare: busy.timing?.waitingShare ?? null,
  };
}

async function sweepOf({ config, configFile, folder: root }: Workspace): Promise<SweepResult> {
  const outcome = await tune({
    ...{ config, configFile, root, backend: 'wasm' },
    onEvent: () => undefined,
    onBusy: () => true,
  });
  if (outcome.status !== 'done') throw new Error(`${configFile}: ${JSON.stringify(outcome)}`);
  return outcome.result;
}

function stepTimesOf({ trials }: SweepResult): Map<number, number> {
  const plain = trials.filter((trial) => trial.gradientAccumulation === 1 && !trial.schedule);
  return new Map(
    plain.flatMap(({ batchSize, stepMs }) => (stepMs === null ? [] : [[batchSize, stepMs]])),
  );
}

/** Step times in one process in which every size has trained for a while before, timed in turns. */
async function warmStepTimes(
  workspace: Workspace,
  sizes: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const { process: trainer, prepared } = await startTrainer(workspace);
  const turns = new Map<string, TimedBlock[][]>();
  const train = async (batchSize: number, seconds: number): Promise<readonly TimedBlock[]> => {
    const input = { trial: `${batchSize}`, iterations: 2 ** 30, maxSeconds: seconds };
    const answer = await trainer.call('advance', input);
    if (answer.kind !== 'answer') throw new Error(`The training process: ${answer.kind}`);
    return answer.output.blocks;
  };
  try {
    for (const batchSize of sizes) {
      const { learningRate } = prepared;
      const begin = { trial: `${batchSize}`, batchSize, learningRate, seed: 1, limitBytes: null };
      await trainer.call('begin', begin);
      await train(batchSize, warm.seconds);
    }
    for (let turn = 0; turn < warm.turns; turn++) {
      for (const batchSize of sizes) {
        const own = turns.get(`${batchSize}`) ?? [];
        turns.set(`${batchSize}`, [...own, [...(await train(batchSize, warm.turnSeconds))]]);
      }
    }
  } finally {
    await trainer.stop();
  }
  return new Map([...stepTimesInTurns(turns)].map(([size, { ms }]) => [Number(size), ms]));
}

function pickOf({ recommendation }: SweepResult): number | null {
  return recommendation?.batchSize ?? null;
}

function agree(a: SweepResult, b: SweepResult): boolean {
  const [one, other] = [pickOf(a), pickOf(b)];
  if (one === null || other === null) return false;
  const tiedIn = ({ recommendation }: SweepResult) =>
    recommendation?.confidence?.tied.map(({ batchSize }) => batchSize) ?? [];
  return one === other || tiedIn(a).includes(other) || tiedIn(b).includes(one);
}

function saysBusy({ notes = [] }: SweepResult): boolean {
  return notes.some(({ id }) => id === 'machineBusy');
}

const ratio = (of: number | null, over: number | null) =>
  of === null || over === null ? null : of / over;

export function busyTables(reports: readonly BusyReport[]): string {
  const style = { head: [], border: [], compact: true };
  const ms = (value: number | null) => value?.toFixed(3) ?? '-';
  const times = (value: number | null) => value?.toFixed(2) ?? '-';
  const steps = new Table({
    head: [
      'example',
      'batch size',
      'quiet ms',
      'busy ms',
      'busy / quiet',
      'warm ms',
      'cold / warm',
    ],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style,
  });
  const picks = new Table({
    head: ['example', 'engine', 'quiet pick', 'busy pick', '', 'says busy', 'waited'],
    style,
  });
  for (const { name, engine, sizes, picks: found, agrees, told, waitingShare } of reports) {
    for (const { batchSize, quietMs, busyMs, warmMs } of sizes) {
      const row = [ms(quietMs), ms(busyMs), times(ratio(busyMs, quietMs)), ms(warmMs)];
      steps.push([name, batchSize, ...row, times(ratio(quietMs, warmMs))]);
    }
    const percent = waitingShare === null ? '-' : `${Math.round(100 * waitingShare)}%`;
    const sizesFound = found.map((size) => size ?? 'none');
    const says = told[1] ? 'yes' : 'NO';
    picks.push([name, engine, ...sizesFound, agrees ? 'agree' : 'DISAGREE', says, percent]);
  }
  return `${steps.toString()}\n\n${picks.toString()}`;
}

export function busyGoals(reports: readonly BusyReport[]): Goal[] {
  const worst = (ratioOf: (size: SizeRow) => number | null) =>
    Math.max(
      ...reports.flatMap(({ sizes }) =>
        sizes.flatMap((size) => {
          const found = ratioOf(size);
          return found === null ? [] : [Math.abs(found - 1)];
        }),
      ),
    );
  const busy = worst(({ busyMs, quietMs }) => ratio(busyMs, quietMs));
  const cold = worst(({ quietMs, warmMs }) => ratio(quietMs, warmMs));
  const count = (isWrong: (report: BusyReport) => boolean) => reports.filter(isWrong).length;
  return [
    goal('busy step times off the quiet ones', busy, limits.busy),
    goal('cold step times off the warm ones', cold, limits.cold),
    goal(
      'examples whose picks disagree',
      count(({ agrees }) => !agrees),
      0,
    ),
    goal(
      'busy sweeps that do not say so',
      count(({ told }) => !told[1]),
      0,
    ),
    goal(
      'quiet sweeps that say they were busy',
      count(({ told }) => told[0]),
      0,
    ),
  ];
}
