import Table from 'cli-table3';
import { ours, summarize, type Choice, type TaskReport } from './judge';
import { policies } from './policies';
import type { Goal } from './verdict';

const style = { head: [], border: [], compact: true };

/** A task's policies side by side, and under them what its sizes take. */
export function taskTable(report: TaskReport): string {
  const table = new Table({
    head: [
      'policy',
      'batch size',
      'time to target',
      'regret [95%]',
      'in sample',
      'rate as configured',
    ],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    style,
  });
  for (const choice of report.choices) {
    const { regretAsConfigured } = choice;
    table.push([
      choice.policy,
      [...new Set(choice.batchSizes)].join(', '),
      secondsText(choice.secondsToTarget),
      regretText(choice),
      number(choice.regretInSample),
      regretAsConfigured === null ? 'not trained' : number(regretAsConfigured),
    ]);
  }
  const { task, about, target, seeds, best, bestSeconds } = report;
  const sizes = report.secondsBySize
    .map(({ batchSize, seconds }) => `${batchSize}: ${secondsText(seconds)}`)
    .join('  ');
  return [
    `${task} (${about}): best ${best}, T* ${secondsText(bestSeconds)} to loss ${target}, ` +
      `${seeds} seeds`,
    sizes,
    table.toString(),
    costTable(report),
  ].join('\n');
}

/** A sweep beside an exhaustive one, part by part. */
function costTable(report: TaskReport): string {
  const table = new Table({
    head: ['cost', 'load', 'probe', 'training and checks', 'all', 'all but the probe / T*'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    style,
  });
  const { sweepSeconds, loadSeconds, probeSeconds, exhaustive, bestSeconds } = report;
  const raced = sweepSeconds - loadSeconds - probeSeconds;
  const rows = [
    ['a sweep', loadSeconds, probeSeconds, raced],
    ['exhaustive', exhaustive.loadSeconds, exhaustive.probeSeconds, exhaustive.trainSeconds],
  ] as const;
  for (const [name, load, probe, training] of rows) {
    table.push([
      name,
      ...[load, probe, training, load + probe + training].map(secondsText),
      number((load + training) / bestSeconds, 1),
    ]);
  }
  const { racedOverExhaustive, costOverExhaustive } = report;
  table.push(['ratio', '', '', number(racedOverExhaustive), number(costOverExhaustive), '']);
  return table.toString();
}

/** Every policy over all tasks. */
export function summaryTable(reports: readonly TaskReport[]): string {
  const table = new Table({
    head: ['policy', 'median regret [95%]', 'worst', 'in sample: median', 'worst'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style,
  });
  for (const policy of [ours, ...policies.map(({ name }) => name)]) {
    const { median, interval, worst, ...inSample } = summarize(reports, policy);
    table.push([
      policy,
      `${number(median)} ${intervalText(interval)}`,
      number(worst),
      number(inSample.inSampleMedian),
      number(inSample.inSampleWorst),
    ]);
  }
  return table.toString();
}

/** One line: every goal with what was reached. */
export function verdictLine(goals: readonly Goal[]): string {
  const missed = goals.filter(({ met }) => !met).length;
  const parts = goals.map(
    ({ name, value, limit, met }) =>
      `${name} ${number(value, 3)} (${met ? 'within' : 'MISSED'} ${number(limit, 3)})`,
  );
  const head = missed === 0 ? 'Every target is met' : `${missed} of ${goals.length} targets missed`;
  return `${head}: ${parts.join('; ')}.`;
}

function regretText({ regret, interval }: Choice): string {
  return `${number(regret)} ${intervalText(interval)}`;
}

function intervalText([low, high]: readonly [number, number]): string {
  return `[${number(low)}, ${number(high)}]`;
}

function secondsText(seconds: number): string {
  return Number.isFinite(seconds) ? `${seconds.toFixed(2)} s` : 'never';
}

function number(value: number, digits = 2): string {
  return Number.isFinite(value) ? value.toFixed(digits) : 'never';
}
