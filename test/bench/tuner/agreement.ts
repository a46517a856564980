import { cp } from 'node:fs/promises';
import path from 'node:path';
import Table from 'cli-table3';
import { mean } from 'simple-statistics';
import { readConfig } from '../../../src/config/readConfig';
import { hasModel } from '../../../src/config/schema';
import { attemptsOf } from '../../../src/core/sweep/attempts';
import type { BackendName, SweepResult } from '../../../src/core/sweep/result';
import { tune } from '../../../src/tuner/sweep';
import { trialLine } from './runSweep';
import { goal, type Goal } from './verdict';
import type { Workspace } from './workspace';

/** Sweeps that differ in nothing but the moment they ran in. */
export interface Agreement {
  readonly name: string;
  /** Null: that sweep recommended nothing. */
  readonly picks: readonly (number | null)[];
  /** The size that most of them recommend. */
  readonly usual: number | null;
  /** Sweeps that recommend it, or between which and those that do one names the other's as tied. */
  readonly agreeing: number;
  /** The pick furthest from the usual one, with the ratio of their times; null where all are one. */
  readonly apart: Difference | null;
}

interface Difference {
  readonly sizes: readonly [number, number];
  /** Time to the target of the first over the second, in the mean over the sweeps that ran both. */
  readonly ratio: number;
}

const examples = ['glyphs', 'tabular', 'sequence'];

/** The examples, copied: their own results stay as they are. */
export async function exampleWorkspaces(parent: string): Promise<Workspace[]> {
  const workspaces: Workspace[] = [];
  for (const name of examples) {
    const folder = path.join(parent, name);
    const original = path.resolve('examples', name);
    const filter = (file: string) => !file.includes('.batchwise');
    await cp(original, folder, { recursive: true, filter });
    const configFile = path.join(folder, 'batchwise.json');
    const read = await readConfig(configFile);
    if (!read.ok || !hasModel(read.config)) throw new Error(`${configFile} cannot be read.`);
    workspaces.push({ folder, configFile, config: read.config });
  }
  return workspaces;
}

/** Tunes a workspace so many times with its own seed. */
export async function agreementOf(workspace: Workspace, count: number): Promise<Agreement> {
  const results: SweepResult[] = [];
  const name = path.basename(workspace.folder);
  for (let i = 0; i < count; i++) {
    const result = await sweepOf(workspace);
    results.push(result);
    const tied = tiedIn(result).join(', ');
    console.error(
      `${name}: recommends ${pickOf(result) ?? 'nothing'} after ` +
        `${result.cost.seconds.toFixed(1)} s${tied && `; tied: ${tied}`}`,
    );
    for (const trial of result.trials) console.error(`    ${trialLine(trial)}`);
  }
  return { name, ...judgeAgreement(results) };
}

/** How far the picks of several sweeps agree. */
export function judgeAgreement(results: readonly SweepResult[]): Omit<Agreement, 'name'> {
  const picks = results.map(pickOf);
  const times = (size: number | null) => picks.filter((pick) => pick === size).length;
  const usual = picks.reduce((a, b) => (times(b) > times(a) ? b : a), picks[0] ?? null);
  const typical = results.filter((result) => pickOf(result) === usual);
  const agreeing = results.filter((result) => typical.every((each) => agree(result, each)));
  const distance = (pick: number) => Math.abs(Math.log(pick / (usual ?? pick)));
  const [furthest = null] = picks
    .flatMap((pick) => (pick === null || pick === usual ? [] : [pick]))
    .toSorted((a, b) => distance(b) - distance(a));
  const apart =
    usual === null || furthest === null
      ? null
      : { sizes: [usual, furthest] as const, ratio: ratioOf(results, usual, furthest) };
  return { picks, usual, agreeing: agreeing.length, apart };
}

/** Whether two sweeps recommend one size, or one names the other's as not told apart from its own. */
export function agree(a: SweepResult, b: SweepResult): boolean {
  const [one, other] = [pickOf(a), pickOf(b)];
  if (one === null || other === null) return false;
  return one === other || tiedIn(a).includes(other) || tiedIn(b).includes(one);
}

export function pickOf({ recommendation }: SweepResult): number | null {
  return recommendation?.batchSize ?? null;
}

function tiedIn({ recommendation }: SweepResult): readonly number[] {
  return recommendation?.confidence?.tied.map(({ batchSize }) => batchSize) ?? [];
}

/** A workspace's own sweep, whatever was measured before. */
export async function sweepOf(
  { config, configFile, folder: root }: Workspace,
  backend?: BackendName,
): Promise<SweepResult> {
  const outcome = await tune({
    ...{ config, configFile, root, ...(backend && { backend }) },
    onEvent: () => undefined,
    onBusy: () => true,
  });
  if (outcome.status !== 'done') throw new Error(`${configFile}: ${JSON.stringify(outcome)}`);
  return outcome.result;
}

function ratioOf(results: readonly SweepResult[], first: number, last: number): number {
  const logs = results.flatMap((result) => {
    const [a, b] = [secondsBySeed(result, first), secondsBySeed(result, last)];
    return [...a].flatMap(([seed, seconds]) => {
      const other = b.get(seed);
      return other === undefined ? [] : [Math.log(seconds / other)];
    });
  });
  return logs.length > 0 ? Math.exp(mean(logs)) : NaN;
}

function secondsBySeed({ trials }: SweepResult, batchSize: number): Map<number, number> {
  const attempt = attemptsOf(trials).find(({ trial }) => trial.batchSize === batchSize);
  const runs = attempt ? [attempt.trial, ...attempt.repeats] : [];
  return new Map(
    runs.flatMap(({ seed, timeToTargetSeconds: seconds }) =>
      seconds === null ? [] : [[seed, seconds] as const],
    ),
  );
}

export function agreementTable(rows: readonly Agreement[]): string {
  const table = new Table({
    head: ['sweeps of one seed', 'recommended', 'furthest apart', 'ratio of times', 'agree'],
    style: { head: [], border: [] },
  });
  for (const { name, picks, agreeing, apart } of rows) {
    table.push([
      name,
      picks.map((pick) => pick ?? 'none').join(', '),
      apart?.sizes.join(', ') ?? '-',
      apart && Number.isFinite(apart.ratio) ? apart.ratio.toFixed(2) : '-',
      `${agreeing} of ${picks.length}`,
    ]);
  }
  return table.toString();
}

export function agreementGoals(rows: readonly Agreement[]): Goal[] {
  return rows.map(({ name, picks, agreeing }) =>
    goal(`${name}: sweeps that disagree`, picks.length - agreeing, 0),
  );
}
