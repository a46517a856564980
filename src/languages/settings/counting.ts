import type { BatchCount } from '../../core/batches/updates';
import { countsByName } from '../counts';
import { plainCounting, type Counting, type Library } from '../site';
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
  'numdevices',
  'nprocpernode',
  'numprocesses',
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

/** Keys that bear on how updates are counted, by their plain names. */
export const countingKeys: ReadonlySet<string> = new Set([
  ...stepKeys,
  ...deviceKeys,
  ...nodeKeys,
  ...packingKeys,
  ...globalKeys,
  ...microbatchKeys,
  'numgenerations',
  'batchtype',
  'steps',
]);

type Said = ReadonlyMap<string, Scalar>;

/** How a configuration counts updates, by what its keys are given. */
export function countingOf(said: Said): Counting {
  const devices = numberAt(said, deviceKeys);
  const nodes = numberAt(said, nodeKeys) ?? 1;
  const micro = first(said, microbatchKeys);
  const automatic = [micro, first(said, globalKeys)].find((scalar) => scalar?.text === 'auto');
  return {
    ...plainCounting,
    devices: devices === null ? null : devices * nodes,
    // torchtitan's `steps` stand beside its sizes.
    steps: numberAt(said, said.has('localbatchsize') ? [...stepKeys, 'steps'] : stepKeys),
    packs: packingKeys.some((key) => said.get(key)?.text.toLowerCase() === 'true'),
    generations: numberAt(said, ['numgenerations']),
    // By itself, a `train_batch_size` says nothing about devices.
    global: micro ? numberAt(said, globalKeys) : null,
    microbatch: numberAt(said, microbatchKeys),
    automatic: automatic?.text ?? null,
  };
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
  const named = countsByName(key);
  if (named === 'perDevice' && keys.has('numgenerations')) return 'completions';
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
