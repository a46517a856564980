import type { BatchCount } from '../core/batches/updates';
import { plainName, remembered, wordsOf } from './names';

const deviceWords = new Set([
  'device',
  'gpu',
  'tpu',
  'core',
  'cores',
  'replica',
  'worker',
  'rank',
  'card',
  'npu',
  'chip',
]);
const wholeWords = new Set(['global', 'total', 'effective']);
/** Detectron2's size is of all devices together: https://detectron2.readthedocs.io/en/latest/modules/config.html */
const wholeNames = new Set(['imsperbatch', 'imgsperbatch']);

/** Of sizes that count how long the samples of a batch are, and not how many. */
const lengthWords = new Set(['tokens', 'token', 'frames', 'length', 'len']);

/** What a batch size counts, as far as its name says. */
export const countsByName = remembered((name: string): BatchCount | null => {
  const words = wordsOf(name);
  if (words.some((word) => lengthWords.has(word))) return 'tokens';
  if (words.includes('micro') || words.includes('microbatch')) return 'microbatch';
  if (words.includes('local') || words.some((word) => deviceWords.has(word))) return 'perDevice';
  if (words.some((word) => wholeWords.has(word)) || wholeNames.has(words.join(''))) return 'global';
  return null;
});

/** Settings by which devices share one model, and so one batch, by their plain names. */
export const modelParallelNames: readonly string[] = [
  'tensormodelparallelsize',
  'tensorparallelsize',
  'pipelinemodelparallelsize',
  'pipelineparallelsize',
  'contextparallelsize',
  'sequenceparallelsize',
];

const deviceCounts = new Set([
  'numreplicasinsync',
  'replicas',
  'numreplicas',
  'worldsize',
  'numgpus',
  'ngpus',
  'ngpu',
  'numgpu',
  'gpus',
  'numdevices',
  'ndevices',
  'devicecount',
  'localdevicecount',
  'numprocesses',
  'numcores',
  'getworldsize',
  'hvdsize',
  'numworkersinsync',
  'dpsize',
  'gpuspernode',
  'ngpuspernode',
  'devicespernode',
  'ndevice',
]);

const deviceEnds = ['numgpus', 'ngpus', 'worldsize', 'numdevices', 'devicecount', 'numprocesses'];

/** Whether a name is that of a number of devices, by which a batch size is multiplied. */
export function countsDevices(name: string): boolean {
  const plain = plainName(name);
  return deviceCounts.has(plain) || deviceEnds.some((end) => plain.endsWith(end));
}

/** How many devices a text lists, as `0,1,2` does; null where it lists none. */
export function countListed(text: string): number | null {
  return /^\d+(,\s*\d+)+$/.test(text) ? text.split(',').length : null;
}
