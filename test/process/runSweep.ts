import { configSchema } from '../../src/config/schema';
import type { SweepResult } from '../../src/core/sweep/result';
import type { SweepEvent } from '../../src/core/sweep/sweepEvent';
import { tune } from '../../src/tuner/sweep';
import type { SweepOptions, SweepOutcome } from '../../src/tuner/sweepOptions';
import { makeWorkspace } from './trainer';

export interface Swept {
  readonly outcome: SweepOutcome;
  readonly events: readonly SweepEvent[];
  readonly configFile: string;
}

/** Tunes a small workspace on WASM in a few seconds. */
export async function sweepWith(
  worker: string,
  parts: Parameters<typeof makeWorkspace>[0] & { readonly tuning?: object },
  options: Partial<SweepOptions> = {},
): Promise<Swept> {
  const workspace = await makeWorkspace(parts);
  const events: SweepEvent[] = [];
  const outcome = await tune({
    config: configSchema.parse({ ...workspace.config, tuning: parts.tuning ?? {} }),
    configFile: workspace.configFile,
    root: workspace.root,
    backend: 'wasm',
    budgetSeconds: 12,
    trainer: { workerFile: worker, nodePath: process.execPath },
    onBusy: () => true,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { outcome, events, configFile: workspace.configFile };
}

export function resultOf(outcome: SweepOutcome): SweepResult {
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.result;
}
