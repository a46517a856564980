import { rmSync } from 'node:fs';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import { emptySweep, reduceSweep, type SweepState } from '../../core/sweep/sweepState';
import { logFiles, readLog } from './runLog';

/** A sweep by its log. */
export interface EarlierSweep {
  /** Its log, which deleting removes. */
  readonly file: string;
  readonly events: readonly SweepEvent[];
  readonly state: SweepState;
}

/** The sweeps of a config that are kept, newest first, the newest of all left out. */
export function earlierSweeps(configFile: string): readonly EarlierSweep[] {
  return logFiles(configFile)
    .reverse()
    .flatMap((file) => {
      const events = readLog(file);
      return events.length > 0
        ? [{ file, events, state: events.reduce(reduceSweep, emptySweep) }]
        : [];
    })
    .slice(1);
}

/** Forgets one sweep; the result of the last finished one stays. */
export function deleteSweep({ file }: EarlierSweep): void {
  rmSync(file, { force: true });
}

/** Removes the oldest logs beyond a number of sweeps to keep. */
export function pruneSweeps(configFile: string, kept: number): void {
  for (const file of logFiles(configFile).slice(0, -Math.max(1, kept)))
    rmSync(file, { force: true });
}
