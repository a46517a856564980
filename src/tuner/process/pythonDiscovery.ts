import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AnyConfig, TrainerSettings } from '../../config/schema';
import { withEnglish } from '../../core/sweep/renderedText';
import type { RenderedText } from '../../core/sweep/result';
import type { MessageId } from '../../core/text/messages';
import { problem, type Problem, type Text } from '../../core/text/problem';
import type { Discovery, Program } from '../../protocol/runner';
import type { Prepared } from '../../protocol/trainer';
import type { Joined } from './forkServer';
import { shownLauncher } from './placeWait';
import type { RunnerAnswer } from './pythonRunner';
import { causeOfDeath } from './workerDeath';

/** What a script's first run found, completed by the config. */

const defaultRate = 0.001;
/** The samples of an epoch where the data loader has no length. */
export const nominalEpoch = 10_000;

/** What is run, by the config's `trainer`. */
export function programOf(settings: TrainerSettings, folder: string): Program {
  const { python, module, command, args } = settings;
  if (python !== undefined) {
    const target = path.resolve(folder, python);
    return { kind: python.endsWith('.ipynb') ? 'notebook' : 'script', target, args };
  }
  if (module !== undefined) return { kind: 'module', target: module, args };
  const [target = '', ...own] = command ?? [];
  return { kind: 'command', target, args: [...own, ...args] };
}

/** Why a script cannot be tuned though it trains; null where it can. */
export function faultOf(found: Discovery, config: AnyConfig): Problem | null {
  if (found.fixed !== null) return problem(found.fixed as MessageId);
  if (found.batchSize === null && config.trainer?.command === undefined)
    return problem('pythonNoLoader');
  return null;
}

/** What a program's placeholders are filled with before any size is tried. */
export function commandValues({ training }: AnyConfig) {
  return { batchSize: training.batchSize, learningRate: training.learningRate ?? defaultRate };
}

export function sizeOf(found: Discovery, config: AnyConfig): number {
  return found.batchSize ?? config.training.batchSize;
}

export function rateOf(found: Discovery, config: AnyConfig): number {
  const { learningRate } = found;
  if (learningRate !== null && learningRate > 0) return learningRate;
  return config.training.learningRate ?? defaultRate;
}

/** @param held trials that may be held at once */
export function capabilitiesWith(found: Discovery, held: number): Prepared['capabilities'] {
  return {
    pauses: held,
    replays: true,
    evaluates: found.evaluates,
    measuresNoise: found.measuresNoise,
    metersMemory: found.deviceType === 'cpu' ? 'process' : 'device',
    accumulates: false,
    schedules: false,
    limitsMemory: found.deviceType === 'cuda',
  };
}

/**
 * What a person should know of how the script was read.
 * @param shown a file of the script as people call it here
 */
export function notesOf(found: Discovery, shown: (file: string) => string): RenderedText[] {
  const notes: Text[] = [];
  const { loader, optimizers, samples, framework, validationPlace, replicas } = found;
  const { schedules, setsRates, packedLength } = found;
  const tellPlace = (id: MessageId, place: Discovery['loader']) => {
    if (!place?.file || place.line === null) return;
    notes.push({ id, values: { file: shown(place.file), line: place.line } });
  };
  tellPlace('pythonLoaderAt', loader);
  tellPlace('pythonValidationAt', validationPlace);
  if (!found.evaluates) notes.push({ id: 'pythonTrainingLoss', values: {} });
  if (optimizers > 1) notes.push({ id: 'pythonSeveralOptimizers', values: { count: optimizers } });
  if (replicas > 1) {
    const size = found.batchSize ?? 0;
    const values = { count: replicas, size, own: size / replicas };
    notes.push({ id: 'pythonReplicas', values });
  }
  if (samples === null) notes.push({ id: 'pythonNoLength', values: { samples: nominalEpoch } });
  if (packedLength !== null) notes.push({ id: 'pythonPacked', values: { length: packedLength } });
  if (schedules?.made.some(({ perUpdate }) => perUpdate > 0)) {
    notes.push({ id: 'pythonSchedule', values: { size: schedules.batchSize } });
  } else if (setsRates) {
    notes.push({ id: 'pythonSetsRates', values: {} });
  }
  if (/Trainer|Lightning|TRL/.test(framework)) {
    notes.push({ id: 'pythonQuiet', values: { framework } });
  }
  return notes.map(withEnglish);
}

/** Why a launcher never got as far as the script. */
export function launcherFault(
  launcher: readonly string[],
  python: string,
  ended: Extract<RunnerAnswer<'begin'>, { kind: 'late' | 'died' }>,
  timeoutMs: number,
): Problem {
  const cause = ended.kind === 'died' ? causeOfDeath(ended.death) : 'causeNoAnswer';
  const command = [...launcher, python, '--version'].join(' ');
  const seconds = Math.round(timeoutMs / 1000);
  const values = { launcher: shownLauncher(launcher), cause, seconds, command };
  return problem('launcherFailed', values);
}

/** Where trials ran, on a cluster. */
export function notesOfCluster(joined: Joined | null, host: string | null): RenderedText[] {
  if (!joined) return [];
  const { address, resources } = joined;
  return [withEnglish({ id: 'rayPlace', values: { address, resources, host: host ?? '?' } })];
}

/** A hash of the person's own files and of how they are run. */
export function hashOf(files: readonly string[], settings: TrainerSettings): string {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const file of [...new Set(files)].sort()) {
    try {
      hash.update(file).update(readFileSync(file));
    } catch {
      // A file that has been removed meanwhile: the others show it.
    }
  }
  return hash.digest('hex');
}
