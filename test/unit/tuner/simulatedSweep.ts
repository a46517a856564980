import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { configSchema } from '../../../src/config/schema';
import type { SweepEvent } from '../../../src/core/sweep/sweepEvent';
import type { SweepResult } from '../../../src/core/sweep/result';
import { tuneUnlocked } from '../../../src/tuner/sweep';
import type { SweepOptions } from '../../../src/tuner/sweepOptions';
import { SimulatedTrainer, VirtualClock, type World } from './simulatedTrainer';

export interface SimulatedConfig {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly tuning?: object;
  readonly seed?: number;
}

export interface Simulated {
  readonly result: SweepResult;
  /** Of the sweep in all. */
  readonly seconds: number;
  /** Of these, by what they were for. */
  readonly phases: Readonly<Record<SweepPhase, number>>;
}

export const sweepPhases = ['load', 'probe', 'pilot', 'race', 'repeats', 'checks'] as const;
const checks = new Set<string>(['twice-rate', 'half-rate', 'accumulated', 'schedule']);
export type SweepPhase = (typeof sweepPhases)[number];

/** Tunes a world as a person would; only the machine and the training are made up. */
export async function simulate(
  world: World,
  { epochs, batchSize, learningRate, tuning = {}, seed = 42 }: SimulatedConfig,
  options: Partial<SweepOptions> & { readonly machineSeed?: number; readonly folder?: string } = {},
): Promise<Simulated> {
  const clock = new VirtualClock();
  const { machineSeed = 1, folder: given, ...others } = options;
  const folder = given ?? mkdtempSync(path.join(tmpdir(), 'batchwise-simulated-'));
  const config = configSchema.parse({
    model: { layers: [{ className: 'Dense', config: { units: 1 } }] },
    data: { train: 'none.npy' },
    training: { batchSize, epochs, learningRate, seed },
    tuning,
  });
  const marks: Partial<Record<SweepPhase, number>> = { load: 0 };
  const mark = (phase: SweepPhase) => (marks[phase] ??= clock.now());
  try {
    const outcome = await tuneUnlocked({
      config,
      configFile: path.join(folder, 'batchwise.json'),
      root: folder,
      now: clock.now,
      startTrainer: SimulatedTrainer.starter(world, clock, machineSeed),
      ...others,
      onEvent: (event: SweepEvent) => {
        if (event.type === 'started') mark('probe');
        if (event.type === 'probeFinished') mark('pilot');
        if (event.type === 'target') mark('race');
        if (event.type === 'trialStarted') {
          if (event.purpose === 'repeat') mark('repeats');
          else if (event.purpose && checks.has(event.purpose)) mark('checks');
        }
        others.onEvent?.(event);
      },
    });
    if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome));
    const { seconds } = outcome.result.cost;
    return { result: outcome.result, seconds, phases: lengths(marks, seconds) };
  } finally {
    if (given === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds of each phase: to the beginning of the next that there was. */
function lengths(marks: Partial<Record<SweepPhase, number>>, end: number) {
  const begun = (index: number) =>
    sweepPhases.slice(index).flatMap((phase) => marks[phase] ?? [])[0] ?? end;
  return Object.fromEntries(
    sweepPhases.map((phase, index) => [
      phase,
      marks[phase] === undefined ? 0 : begun(index + 1) - marks[phase],
    ]),
  ) as Record<SweepPhase, number>;
}
