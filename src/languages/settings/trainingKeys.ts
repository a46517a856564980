import { roleOfFile } from '../fileRoles';
import { isTrainingBatchSize, remembered, wordsOf } from '../names';
import type { Library } from '../site';
import type { FoundInTree } from './foundSettings';

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
  'maxupdate',
  'warmup',
  'schedule',
  'lrschedule',
  'adamepsilon',
  'learningstarts',
  'entcoef',
  'gaelambda',
  'totaltimesteps',
  'ntimesteps',
  'totalsteps',
  'numtrainsteps',
  'maxtrainsteps',
  'trainingsteps',
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
  'gamma',
  'buffersize',
  'tau',
  'policy',
  'nsteps',
  'gradientsteps',
  'trainfreq',
  'student',
  'teacher',
  'optimization',
  'seqlen',
  'maxseqlength',
  'workersperdevice',
  'workerspergpu',
]);
/** Keys of what trainers write at the end: model cards, states, logs of runs. */
const recording = [
  'loghistory',
  'modelindex',
  'bestmodelcheckpoint',
  'trainruntime',
  'wandbversion',
  'runinfo',
  'traininfo',
  'createdat',
  'totaltime',
  'finishedat',
];

/** Whether keys that stand together are a training's configuration: none of them alone is. */
export function looksLikeTraining(found: FoundInTree, fileName: string | null): boolean {
  const { keys, kinds, settings } = found;
  if (found.records || (found.evaluates && !found.trains)) return false;
  const batches = settings.filter(({ kind, elsewhere }) => kind === 'batchSize' && !elsewhere);
  if (batches.length === 0 || recording.some((key) => keys.has(key))) return false;
  const strong = kinds.size + [...keys].filter((key) => telling.has(key)).length;
  const weak = [...keys].filter((key) => supporting.has(key)).length;
  // `ds_config_eval.json`: of a key alone the name of the file says what it is for.
  const role = roleOfFile(fileName);
  if (strong === 0 && role !== null && role !== 'training') return false;
  if (role === 'otherWork' && !found.trains) return false;
  const certain = batches.some(
    ({ entry, path }) => isTrainingBatchSize(entry.key) || path.some(({ key }) => isTrain(key)),
  );
  return strong + (certain ? 1 : 0) >= 1 && strong + weak + (certain ? 1 : 0) >= 2;
}

/** `train`, `training`, `train_dataloader`: the section of a training. */
const isTrain = remembered((key: string): boolean => {
  const [first] = wordsOf(key);
  return first === 'train' || first === 'training';
});

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
