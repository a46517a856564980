import { spawn, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import Table from 'cli-table3';
import type { SweepResult } from '../../../src/core/sweep/result';
import { stepTimesInTurns } from '../../../src/planner/measure/interleavedTiming';
import type { TimedBlock } from '../../../src/planner/measure/stepTimeFit';
import type { TrainerProcess } from '../../../src/tuner/process/trainerProcess';
import { agree, pickOf, sweepOf } from './agreement';
import { startTrainer } from './trainer';
import { goal, type Goal } from './verdict';
import type { Workspace } from './workspace';

/** What must hold: of step times, as shares of the quiet and of the warm ones. */
const limits = { busy: 0.15, cold: 0.1 };
/** A busy process ends by itself after so long, and as soon as this process is gone. */
const mostBusyMs = 15 * 60_000;
/** Each size trains for so long before it is timed warm, then twice in so many turns of so long. */
const warm = { seconds: 1.5, turns: 8, turnSeconds: 0.05 };

/** One size's step times: as a sweep has them on a quiet and on a busy machine, and warm. */
interface SizeRow {
  readonly batchSize: number;
  readonly quietMs: number;
  readonly busyMs: number | null;
  readonly warmMs: number | null;
  /** Warm after the quiet sweep over warm before it: equal work, so the machine's own drift. */
  readonly drift: number | null;
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
  say(`${name}: a sweep that says which sizes are timed`);
  const sizes = [...stepTimesOf(await sweepOf(workspace, 'wasm')).keys()];
  say(`${name}: a warm process, timed before and after a sweep on the quiet machine`);
  const { quiet, warmTimes, drifts } = await besideWarm(workspace, sizes);
  const timed = stepTimesOf(quiet);
  say(`${name}: a sweep beside ${availableParallelism()} busy processes`);
  const load = new BusyMachine();
  let busy: SweepResult;
  try {
    busy = await sweepOf(workspace, 'wasm');
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
      drift: drifts.get(batchSize) ?? null,
    })),
    picks: [pickOf(quiet), pickOf(busy)],
    agrees: agree(quiet, busy),
    told: [saysBusy(quiet), saysBusy(busy)],
    waitingShare: busy.timing?.waitingShare ?? null,
  };
}

/** A sweep, with the step times of a warm process at about the same time: machines drift. */
async function besideWarm(workspace: Workspace, sizes: readonly number[]) {
  const warmed = await WarmProcess.start(workspace, sizes);
  try {
    const before = await warmed.time();
    const quiet = await sweepOf(workspace, 'wasm');
    const after = await warmed.time();
    const both = new Map(
      [...before].map(([size, turns]) => [size, [...turns, ...(after.get(size) ?? [])]]),
    );
    const [first, second] = [stepTimesBySize(before), stepTimesBySize(after)];
    const drifts = new Map(
      [...second].map(([size, ms]) => [size, ratio(ms, first.get(size) ?? null)]),
    );
    return { quiet, warmTimes: stepTimesBySize(both), drifts };
  } finally {
    await warmed.stop();
  }
}

function stepTimesOf({ trials }: SweepResult): Map<number, number> {
  const plain = trials.filter((trial) => trial.gradientAccumulation === 1 && !trial.schedule);
  return new Map(
    plain.flatMap(({ batchSize, stepMs }) => (stepMs === null ? [] : [[batchSize, stepMs]])),
  );
}

/** Blocks of each size's turns, by batch size. */
type Turns = ReadonlyMap<string, readonly (readonly TimedBlock[])[]>;

/** By the estimator of the sweeps: another one would differ by more than warm and cold do. */
function stepTimesBySize(turns: Turns): ReadonlyMap<number, number> {
  return new Map([...stepTimesInTurns(turns)].map(([size, { ms }]) => [Number(size), ms]));
}

/** One process in which every size has trained for a while, to be timed in turns. */
class WarmProcess {
  private constructor(
    private readonly trainer: TrainerProcess,
    private readonly sizes: readonly number[],
  ) {}

  static async start(workspace: Workspace, sizes: readonly number[]): Promise<WarmProcess> {
    const { process: trainer, prepared } = await startTrainer(workspace);
    const { learningRate } = prepared;
    const warmed = new WarmProcess(trainer, sizes);
    for (const batchSize of sizes) {
      const begin = { trial: `${batchSize}`, batchSize, learningRate, seed: 1, limitBytes: null };
      await trainer.call('begin', begin);
      await warmed.#train(batchSize, warm.seconds);
    }
    return warmed;
  }

  /** Times all sizes in turns as sweeps do, round after round. */
  async time(): Promise<Turns> {
    const turns = new Map<string, TimedBlock[][]>();
    for (let turn = 0; turn < warm.turns; turn++) {
      for (const batchSize of this.sizes) {
        const own = turns.get(`${batchSize}`) ?? [];
        own.push([...(await this.#train(batchSize, warm.turnSeconds))]);
        turns.set(`${batchSize}`, own);
      }
    }
    return turns;
  }

  stop(): Promise<void> {
    return this.trainer.stop();
  }

  async #train(batchSize: number, seconds: number): Promise<readonly TimedBlock[]> {
    const input = { trial: `${batchSize}`, iterations: 2 ** 30, maxSeconds: seconds };
    const answer = await this.trainer.call('advance', input);
    if (answer.kind !== 'answer') throw new Error(`The training process: ${answer.kind}`);
    return answer.output.blocks;
  }
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
      'drift',
    ],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
    style,
  });
  const picks = new Table({
    head: ['example', 'engine', 'quiet pick', 'busy pick', '', 'says busy', 'waited'],
    style,
  });
  for (const { name, engine, sizes, picks: found, agrees, told, waitingShare } of reports) {
    for (const { batchSize, quietMs, busyMs, warmMs, drift } of sizes) {
      const row = [ms(quietMs), ms(busyMs), times(ratio(busyMs, quietMs)), ms(warmMs)];
      steps.push([name, batchSize, ...row, times(ratio(quietMs, warmMs)), times(drift)]);
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
