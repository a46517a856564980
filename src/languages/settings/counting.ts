import type { BatchCount } from '../../core/batches/updates';
import { countListed, countsByName, modelParallelNames } from '../counts';
import { plainName } from '../names';
import { plainCounting, type Counting, type Library } from '../site';
import { readerOf } from './readers';
import type { Scalar } from './settingsTree';

const stepKeys = [
  'maxsteps',
  'maxtrainsteps',
  'trainsteps',
  'numtrainsteps',
  'maxiters',
  'trainiters',
];
const deviceKeys = [
  'devices',
  'numgpus',
  'ngpus',
  'gpus',
  'dp',
  'numdevices',
  'nprocpernode',
  'numprocesses',
];
/** How many updates, batches or samples an epoch is made of, whatever the data set holds. */
const epochKeys = [
  'updatesperepoch',
  'stepsperepoch',
  'trainstepsperepoch',
  'itersperepoch',
  'iterationsperepoch',
  'batchesperepoch',
  'numbatchesperepoch',
  'samplesperepoch',
  'numsamplesperepoch',
  'epochlength',
  'limittrainbatches',
];
const nodeKeys = ['numnodes', 'nnodes'];
const packingKeys = ['packing', 'samplepacking'];
const globalKeys = ['trainbatchsize', 'globalbatchsize', 'traintotalbatchsize'];
const microbatchKeys = [
  'trainmicrobatchsizepergpu',
  'microbatchsize',
  'localbatchsize',
  'devicetrainmicrobatchsize',
];

/** Completions of each prompt, as trainers of language models by reinforcement call them. */
const groupKeys = [
  'numgenerations',
  'rolloutsperexample',
  'numsamplesperpromptrollout',
  'numsamplesperprompt',
];
/** Of a trainer that has an orchestrator; a quantization has a `group_size`, too. */
const orchestrated = 'groupsize';
/** Devices that share one model, and so one batch. */
const splittingKeys = [
  ...modelParallelNames,
  ...['tp', 'pp', 'cp', 'sp', 'pipelinestages', 'ulyssesdegree'],
];
/** Keys that only trainings have which act in an environment. */
const actingKeys = [
  'timehorizon',
  'summaryfreq',
  'buffersize',
  'replaybuffersize',
  'learningstarts',
  'gaelambda',
  'horizonlength',
  'miniepochs',
  'entcoef',
  'totaltimesteps',
  'numenvs',
  'numrollouts',
];

/** Keys of a list of devices: how many there are counts. */
export const listedKeys: ReadonlySet<string> = new Set(deviceKeys);

/** Keys that bear on how updates are counted, by their plain names. */
export const countingKeys: ReadonlySet<string> = new Set([
  ...stepKeys,
  ...epochKeys,
  ...deviceKeys,
  ...nodeKeys,
  ...packingKeys,
  ...globalKeys,
  ...microbatchKeys,
  ...groupKeys,
  orchestrated,
  ...splittingKeys,
  'batchtype',
  'steps',
]);

type Said = ReadonlyMap<string, Scalar>;

/** What a configuration says, by plain names. */
interface SaidInTree {
  readonly keys: ReadonlySet<string>;
  readonly said: Said;
  /** What it says in several ways. */
  readonly varied: ReadonlySet<string>;
}

/** Whether keys are those of a model that learns from what it did in an environment. */
function learnsByActing(keys: ReadonlySet<string>): boolean {
  const telling = actingKeys.filter((key) => keys.has(key)).length;
  return (
    telling > (keys.has('buffersize') ? 1 : 0) ||
    (keys.has('gamma') && keys.has('memory')) ||
    [...keys].some((key) => key.startsWith('replay'))
  );
}

/** How a configuration counts updates, by what its keys are given. */
export function countingOf({ said, keys, varied }: SaidInTree): Counting {
  const acts = learnsByActing(keys);
  const groups = groupsIn(keys);
  const devices = replicas(devicesAt(said), said);
  const micro = first(said, microbatchKeys);
  const automatic = [micro, first(said, globalKeys)].find((scalar) => scalar?.text === 'auto');
  return {
    ...plainCounting,
    devices,
    // torchtitan's `steps` stand beside its sizes.
    // Where a model acts, these are steps of its environment; where they differ, of other trainings.
    steps:
      acts || stepKeys.some((key) => varied.has(key))
        ? null
        : numberAt(said, said.has('localbatchsize') ? [...stepKeys, 'steps'] : stepKeys),
    draws: acts || isRollout(keys),
    setsSteps: !acts && epochKeys.some((key) => setsEpoch(key, said.get(key))),
    scalesRate: keys.has('baselearningrate') && keys.has('datamodule'),
    packs:
      (readerOf(keys)?.packs ?? false) ||
      packingKeys.some((key) => said.get(key)?.text.toLowerCase() === 'true'),
    generations: numberAt(said, groups),
    // By itself, a `train_batch_size` says nothing about devices.
    global: micro ? numberAt(said, globalKeys) : null,
    microbatch: numberAt(said, microbatchKeys),
    automatic: automatic?.text ?? null,
  };
}

/** Lightning's `limit_train_batches` is a number of batches, or as `1.0` all of them. */
function setsEpoch(key: string, scalar: Scalar | undefined): boolean {
  const value = scalar?.value ?? null;
  if (value === null || value <= 0) return false;
  return key !== 'limittrainbatches' || value !== 1 || !scalar?.text.includes('.');
}

function groupsIn(keys: ReadonlySet<string>): string[] {
  return keys.has('orchestrator') ? [...groupKeys, orchestrated] : groupKeys;
}

/** Whether batches are of what a model is asked to generate, and shared out over the devices. */
function isRollout(keys: ReadonlySet<string>): boolean {
  return ['orchestrator', 'rolloutsperexample', 'numsamplesperpromptrollout'].some((key) =>
    keys.has(key),
  );
}

/** Devices of all machines together; null where they are not said, or the machines only by another's name. */
function devicesAt(said: Said): number | null {
  const devices = numberAt(said, deviceKeys) ?? listedAt(said);
  const nodes = first(said, nodeKeys) ? numberAt(said, nodeKeys) : 1;
  return devices === null || nodes === null ? null : devices * nodes;
}

/** `devices: [0, 1]` and `gpus: "0,1"` */
function listedAt(said: Said): number | null {
  return countListed(first(said, deviceKeys)?.text ?? '');
}

/** Of so many devices, those that have a batch of their own; null where that is not sure. */
function replicas(devices: number | null, said: Said): number | null {
  const sizes = splittingKeys.flatMap((key) => said.get(key)?.value ?? []);
  // A program that has microbatches may split its model over devices, too.
  const deepspeed = said.has('trainmicrobatchsizepergpu');
  if (sizes.length === 0 && !deepspeed && first(said, microbatchKeys) && first(said, globalKeys))
    return null;
  // `dp` counts those already.
  const shared = sizes.reduce((all, size) => all * size, 1);
  if (devices === null || shared === 1 || said.get('dp')) return devices;
  return devices % shared === 0 ? devices / shared : null;
}

/** What a batch size of a configuration counts: by its key, else by who reads it. */
export function countsInSettings(
  key: string,
  library: Library,
  keys: ReadonlySet<string>,
  said: Said,
): BatchCount | null {
  // OpenNMT and its like: https://opennmt.net/OpenNMT-py/options/train.html
  if (said.get('batchtype')?.text.startsWith('token')) return 'tokens';
  const read = readerOf(keys)?.counts[plainName(key)];
  if (read) return read;
  const named = countsByName(key);
  if (named === 'perDevice' && keys.has('numgenerations')) return 'completions';
  if (named === null && isRollout(keys)) return 'completions';
  if (named !== null) return named;
  const deepspeed = keys.has('zerooptimization') || keys.has('trainmicrobatchsizepergpu');
  if (deepspeed && key === 'train_batch_size') return 'global';
  // One loader a process: https://lightning.ai/docs/pytorch/stable/accelerators/gpu_intermediate.html
  return library === 'lightning' ? 'perDevice' : null;
}

function first(said: Said, keys: readonly string[]): Scalar | null {
  for (const key of keys) {
    const scalar = said.get(key);
    if (scalar) return scalar;
  }
  return null;
}

/** The first of these that is a count; -1 asks the framework to choose. */
function numberAt(said: Said, keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = said.get(key)?.value ?? null;
    if (value !== null && Number.isInteger(value) && value >= 1) return value;
  }
  return null;
}
