import { isTrainingBatchSize, plainName } from '../names';
import type { Library } from '../site';
import type { Setting } from './foundSettings';

/** Keys that only training configurations have, besides batch sizes. */
const telling = new Set([
  'optimizer',
  'optim',
  'weightdecay',
  'warmupsteps',
  'warmupratio',
  'warmupepochs',
  'lrscheduler',
  'lrschedulertype',
  'maxgradnorm',
  'gradclip',
  'gradientclipval',
  'clipgrad',
  'basemodel',
  'lorar',
  'adambeta1',
  'adambeta2',
  'momentum',
  'loss',
  'maxsteps',
  'maxiters',
  'maxiter',
  'traincfg',
  'traindataloader',
  'optimwrapper',
  'gradientcheckpointing',
  'zerooptimization',
  'droppath',
  'labelsmoothing',
  'imgsz',
  'trainer',
  'evalstrategy',
  'savesteps',
  'sequencelen',
  'trainsteps',
  'datamodule',
  'numiterations',
]);
/** Keys that support the others. */
const supporting = new Set([
  'model',
  'dropout',
  'seed',
  'fp16',
  'bf16',
  'precision',
  'scheduler',
  'network',
  'architecture',
  'arch',
  'backbone',
  'dataset',
  'numclasses',
  'hiddensize',
  'hiddendim',
  'numlayers',
  'device',
  'gpus',
  'devices',
  'checkpoint',
  'checkpointdir',
  'modelnameorpath',
  'outputdir',
  'numworkers',
  'shuffle',
  'augmentation',
  'logdir',
  'train',
  'training',
  'data',
  'loggingsteps',
  'amp',
  'patience',
  'earlystopping',
]);

/** Whether keys that stand together are a training's configuration: none of them alone is. */
export function looksLikeTraining(
  keys: ReadonlySet<string>,
  settings: readonly Setting[],
): boolean {
  const batches = settings.filter(({ kind }) => kind === 'batchSize');
  if (batches.length === 0) return false;
  const named = new Set(
    settings
      .filter(({ kind }) => kind !== 'batchSize' && kind !== 'datasetSize')
      .map(({ entry }) => plainName(entry.key)),
  );
  const strong = named.size + [...keys].filter((key) => telling.has(key)).length;
  const weak = [...keys].filter((key) => supporting.has(key)).length;
  const certain = batches.some(({ entry }) => isTrainingBatchSize(entry.key));
  return strong + (certain ? 1 : 0) >= 1 && strong + weak + (certain ? 1 : 0) >= 2;
}

/** Who reads a configuration with such keys. */
export function libraryOf(keys: ReadonlySet<string>): Library {
  if (keys.has('basemodel') && keys.has('microbatchsize')) return 'axolotl';
  if (keys.has('perdevicetrainbatchsize') || keys.has('numtrainepochs')) return 'transformers';
  if (keys.has('trainmicrobatchsizepergpu') || keys.has('zerooptimization')) return 'pytorch';
  if (
    keys.has('accumulategradbatches') ||
    keys.has('datamodule') ||
    (keys.has('trainer') && keys.has('maxepochs'))
  )
    return 'lightning';
  if (keys.has('imgsz')) return 'ultralytics';
  return keys.has('traindataloader') || keys.has('samplespergpu') ? 'pytorch' : 'unknown';
}
