import { rmSync } from 'node:fs';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import { emptySweep, reduceSweep, type SweepState } from '../../core/sweep/sweepState';
import { logFiles, readLog } from './runLog';

/** A sweep by its log. */
export interface EarlierSweep {
  /** Its log. */
  readonly file: string;
  readonly events: readonly SweepEvent[];
  readonly state: SweepState;
}

/**
 * The sweeps of a config that are kept, newest first, the newest of all left out. Each is read when
 * it is asked for: twenty long logs take a while.
 */
export function* earlierSweeps(configFile: string): Generator<EarlierSweep> {
  let isNewest = true;
  for (const file of logFiles(configFile).reverse()) {
    const events = readLog(file);
    if (events.length === 0) continue;
    if (!isNewest) yield { file, events, state: events.reduce(reduceSweep, emptySweep) };
    isNewest = false;
  }
}

/** Removes the oldest logs beyond a number of sweeps to keep. */
export function pruneSweeps(configFile: string, kept: number): void {
  for (const file of logFiles(configFile).slice(0, -Math.max(1, kept)))
    rmSync(file, { force: true });
}
