import { ours, type PolicySummary, type TaskReport } from './judge';
import type { MemoryRow } from './memory';
import { medianOf } from './regret';

export interface Goal {
  readonly name: string;
  readonly limit: number;
  readonly value: number;
  readonly met: boolean;
}

/** What the tuner must reach. */
export const limits = {
  medianRegret: 1.03,
  worstRegret: 1.12,
  /** Of the tasks that no rule was set by. */
  checkRegret: 1.15,
  medianRegretUpper: 1.1,
  costOverExhaustive: 0.18,
  costOverBest: 10,
  /** Sweeps that take less without the probe need not be within the multiple of T*. */
  shortSeconds: 20,
  /** Fewer seeds of the truth measure luck. */
  seeds: 6,
};

/** Each goal with the number reached. */
export function goalsOf(
  summary: PolicySummary,
  reports: readonly TaskReport[],
  checkTasks: readonly string[] = [],
): Goal[] {
  const [checks, others] = [true, false].map((isCheck) =>
    reports
      .filter(({ task }) => checkTasks.includes(task) === isCheck)
      .flatMap(({ choices }) => choices.filter(({ policy }) => policy === ours))
      .map(({ regret }) => regret),
  );
  const overBest = reports.map(({ sweepSeconds, probeSeconds, costOverBest }) =>
    sweepSeconds - probeSeconds <= limits.shortSeconds ? 0 : costOverBest,
  );
  return [
    goal('median regret', summary.median, limits.medianRegret),
    goal('worst regret', Math.max(1, ...(others ?? [])), limits.worstRegret),
    goal('worst regret of check tasks', Math.max(1, ...(checks ?? [])), limits.checkRegret),
    goal('95% upper bound of the median', summary.interval[1], limits.medianRegretUpper),
    goal(
      'median cost over exhaustive',
      medianOf(reports.map(({ costOverExhaustive }) => costOverExhaustive)),
      limits.costOverExhaustive,
    ),
    goal(
      `cost without the probe over T* where above ${limits.shortSeconds} s`,
      Math.max(...overBest),
      limits.costOverBest,
    ),
    goal(
      `seeds of the truth missing of ${limits.seeds}`,
      limits.seeds - Math.min(limits.seeds, ...reports.map(({ seeds }) => seeds)),
      0,
    ),
  ];
}

/** How well memory must be foretold. */
const memoryLimits = { leftOut: 0.03, largest: 1 / 64 };

export function memoryGoalsOf(rows: readonly MemoryRow[]): Goal[] {
  const leftOut = Math.max(
    ...rows.map(({ betweenError, beyondError }) => Math.max(betweenError, beyondError)),
  );
  const largest = Math.max(
    ...rows.flatMap(({ limits: of }) =>
      of.map((row) => Math.abs((row.found ?? 0) / row.largest - 1)),
    ),
  );
  return [
    goal('memory of sizes left out', leftOut, memoryLimits.leftOut),
    goal('largest size that fits', largest, memoryLimits.largest),
  ];
}

export function goal(name: string, value: number, limit: number): Goal {
  return { name, limit, value, met: value <= limit };
}
