import { cp } from 'node:fs/promises';
import path from 'node:path';
import Table from 'cli-table3';
import { mean, standardDeviation } from 'simple-statistics';
import { readConfig } from '../../../src/config/readConfig';
import { hasModel } from '../../../src/config/schema';
import { attemptsOf } from '../../../src/core/sweep/attempts';
import type { SweepResult } from '../../../src/core/sweep/result';
import { tune } from '../../../src/tuner/sweep';
import { trialLine } from './runSweep';
import { goal, type Goal } from './verdict';
import type { Workspace } from './workspace';

/** How far sweeps agree that differ in nothing but the moment they ran in. */
export interface Agreement {
  readonly name: string;
  readonly picks: readonly number[];
  /** The two picks furthest apart; null where all are one size. */
  readonly apart: Difference | null;
  readonly agrees: boolean;
}

interface Difference {
  readonly sizes: readonly [number, number];
  readonly areNeighbours: boolean;
  /** Time to the target of the first over the second, in the mean over the sweeps that ran both. */
  readonly ratio: number;
  /** By how much that ratio scatters from run to run, as a share; null where too few ran both. */
  readonly noise: number | null;
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
    console.error(`${name}: recommends ${result.recommendation?.batchSize ?? 'nothing'}`);
    for (const trial of result.trials) console.error(`    ${trialLine(trial)}`);
  }
  const picks = results.flatMap(({ recommendation }) => recommendation?.batchSize ?? []);
  const sizes = [...new Set(picks)].sort((a, b) => a - b);
  const [first, last] = [sizes[0], sizes.at(-1)];
  const apart =
    first === undefined || last === undefined || first === last
      ? null
      : difference(results, first, last);
  const agrees =
    picks.length === count &&
    (apart === null ||
      (apart.areNeighbours && apart.noise !== null && Math.abs(apart.ratio - 1) < apart.noise));
  return { name, picks, apart, agrees };
}

async function sweepOf({ config, configFile, folder: root }: Workspace): Promise<SweepResult> {
  const outcome = await tune({
    ...{ config, configFile, root },
    onEvent: () => undefined,
    onBusy: () => true,
  });
  if (outcome.status !== 'done') throw new Error(`${configFile}: ${JSON.stringify(outcome)}`);
  return outcome.result;
}

function difference(results: readonly SweepResult[], first: number, last: number): Difference {
  const measured = results.flatMap(({ trials }) => trials.map(({ batchSize }) => batchSize));
  const between = new Set(measured.filter((size) => size > first && size < last));
  const logs = results.flatMap((result) => {
    const [a, b] = [secondsBySeed(result, first), secondsBySeed(result, last)];
    return [...a].flatMap(([seed, seconds]) => {
      const other = b.get(seed);
      return other === undefined ? [] : [Math.log(seconds / other)];
    });
  });
  return {
    sizes: [first, last],
    areNeighbours: between.size === 0,
    ratio: logs.length > 0 ? Math.exp(mean(logs)) : NaN,
    noise: logs.length > 1 ? standardDeviation(logs) : null,
  };
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
    head: ['sweeps of one seed', 'recommended', 'furthest apart', 'ratio of times', 'noise', ''],
    style: { head: [], border: [] },
  });
  for (const { name, picks, apart, agrees } of rows) {
    table.push([
      name,
      picks.join(', '),
      apart?.sizes.join(', ') ?? '-',
      apart ? apart.ratio.toFixed(2) : '-',
      apart?.noise?.toFixed(2) ?? '-',
      agrees ? 'agree' : 'DISAGREE',
    ]);
  }
  return table.toString();
}

export function agreementGoals(rows: readonly Agreement[]): Goal[] {
  return [goal('tasks whose sweeps disagree', rows.filter(({ agrees }) => !agrees).length, 0)];
}
