import type { SweepState } from './sweepState';

/** What a sweep can depend on, in the order in which it is listed. */
const sweepAspects = ['model', 'data', 'device', 'settings', 'version'] as const;
export type SweepAspect = (typeof sweepAspects)[number];

/** What differs between the conditions of two sweeps, as far as both recorded them. */
export function sweepChanges(before: SweepState, after: SweepState): readonly SweepAspect[] {
  return sweepAspects.filter((aspect) => {
    const [old, now] = [conditions[aspect](before), conditions[aspect](after)];
    return old !== null && now !== null && JSON.stringify(old) !== JSON.stringify(now);
  });
}

/** Null where a sweep did not record it. */
const conditions: Record<SweepAspect, (sweep: SweepState) => unknown> = {
  model: ({ modelType }) => modelType,
  data: ({ dataset }) => dataset,
  device: ({ backend }) => backend && [backend.name, backend.device],
  settings: ({ started }) =>
    started && [
      started.objective,
      started.seed,
      started.configured,
      started.batchSizes,
      started.budgetSeconds,
    ],
  version: ({ backend }) =>
    backend && Object.entries(backend.versions).sort(([a], [b]) => (a < b ? -1 : 1)),
};
