import type { SiteKind } from './site';

/** The lower-case words of an identifier: `perDeviceTrainBatchSize` and `--batch-size` alike. */
export function wordsOf(name: string): string[] {
  const words: string[] = [];
  let word = '';
  for (let i = 0; i < name.length; i++) {
    const character = name.charAt(i);
    const lower = character.toLowerCase();
    const letter = lower !== character.toUpperCase();
    const digit = character >= '0' && character <= '9';
    const upper = letter && character !== lower;
    const before = name.charAt(i - 1);
    const after = name.charAt(i + 1);
    const starts =
      upper &&
      (before !== before.toUpperCase() || (isLower(after) && before !== '' && isUpper(before)));
    if (word !== '' && (starts || !(letter || digit))) {
      words.push(word);
      word = '';
    }
    if (letter || digit) word += lower;
  }
  if (word !== '') words.push(word);
  return words;
}

function isLower(character: string): boolean {
  return character !== '' && character !== character.toUpperCase();
}
function isUpper(character: string): boolean {
  return character !== '' && character !== character.toLowerCase();
}

const mostNames = 10_000;

/** Programs use few names many times: what is found out about one is kept. */
export function remembered<T>(findOut: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    if (known.size >= mostNames) known.clear();
    const value = findOut(name);
    known.set(name, value);
    return value;
  };
}

/** A name without case and separators: `batch_size`, `batchSize` and `BATCH-SIZE` are one. */
export const plainName = remembered((name: string): string => wordsOf(name).join(''));

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/**
 * Words that say whose batch size it is without saying that it is none of a training. `base` is not one of
 * them: a `base_batch_size` is the size that a learning rate was tuned for, and no loader's.
 */
const batchQualifiers = set(
  'train training per device gpu tpu core cores worker replica node rank micro mini global local total default n num initial init the my model effective images img fixed card cards npu chip host sgd ppo sft dpo grpo actor critic pretrain pretraining finetune finetuning labeled unlabeled labelled unlabelled physical logical learner dataloader loader optim optimizer optimization',
);
const batchNames = set(
  'batchsize bsize batchgpu batchpergpu batchperdevice batchpercore minibatchsize microbatchsize batchsz bs bsz imsperbatch imgsperbatch imagesperbatch samplespergpu samplesperbatch examplesperbatch sequencesperbatch batchsizes tokensperbatch batchtokens maxtokensperbatch maxtokenspergpu maxframesinbatch maxframesperbatch framesperbatch maxbatchframes maxbatchlength maxbatchlengthtrain maxbatchlen batchsizetokens batchsizeintokens tokenbatchsize totalbatchsizetokens timestepsperbatch',
);
const countQualifiers = set('num n nb number of no max train training total default the my ep');
const learningRates = set(
  'lr learningrate baselr blr initiallr initlr lr0 startlr peaklr baselearningrate initiallearningrate initlearningrate learnrate adamlr sgdlr defaultlearningrate defaultlr',
);
const accumulations = set(
  'gradientaccumulationsteps gradientaccumulationstep gradaccumulationsteps gradaccumsteps gradaccumstep gradientaccumsteps accumulationsteps accumsteps accumulategradbatches gradaccum accumiter gradientaccumulation gradaccumulation accumgradbatches gradaccumiters numaccumulationsteps accumulationiters accumgrad numgradaccumsteps gradientaccumulationiters gradientaccumulateevery gradaccumevery gradaccumulateevery accumulateevery batchaccumulationperreplica accumulativecounts cumulativeiters gradaccumulationstep gradaccumulate gradientaccumulate gradaccumulatesteps',
);
const trainingSizes = set(
  'numtrainsamples ntrainsamples numtrain ntrain trainsize datasetsize trainsetsize trainingsetsize numtrainexamples numtrainimages numtrainelements trainsamples trainingsamples numtrainingsamples numtrainingexamples trainingsize ntraining numtraindata trainnum traindatasize trainingdatasize numberoftrainingsamples',
);
const sampleCounts = set(
  'samples numsamples nsamples numexamples nexamples samplecount numdatapoints ndata numimages nbsamples numpoints',
);

/**
 * What an identifier, key or option is named after, or null. Only names that can mean nothing else
 * in a file that trains: `support_batch_size`, `eval_batch_size` and `warmup_epochs` are none.
 */
export function kindOfName(name: string): SiteKind | null {
  return name.length < 2 || name.length > 60 ? null : knownKind(name);
}

const knownKind = remembered(classify);

function classify(name: string): SiteKind | null {
  // `data.batch_size` as one key: what stands before the last dot is a section.
  const dot = name.lastIndexOf('.');
  if (dot > 0) return isEvaluationName(name.slice(0, dot)) ? null : classify(name.slice(dot + 1));
  const words = wordsOf(name);
  const plain = words.join('');
  if (batchNames.has(plain)) return 'batchSize';
  if (learningRates.has(plain)) return 'learningRate';
  if (accumulations.has(plain)) return 'accumulation';
  if (trainingSizes.has(plain) || sampleCounts.has(plain)) return 'datasetSize';
  const core = words.filter((word) => !batchQualifiers.has(word)).join('');
  if (batchNames.has(core)) return 'batchSize';
  const counted = words.filter((word) => !countQualifiers.has(word)).join('');
  if (counted === 'epochs' || counted === 'epoch' || plain === 'nepochs' || plain === 'nepoch')
    return 'epochs';
  return null;
}

/** Names that say "dataset size" of other things too (`num_samples` to draw): weigh the value. */
export function isLooseSampleCount(name: string): boolean {
  return sampleCounts.has(plainName(name));
}

const evaluationWords = set(
  'test tests val valid validation eval evaluation evaluate dev predict prediction predictions inference infer holdout gallery query tst validate testing submission rollout icl',
);

/** Whether a name is about evaluation or inference, and not about training. */
export const isEvaluationName = remembered((name: string): boolean => {
  const words = wordsOf(name);
  return (
    words.some((word) => evaluationWords.has(word) || evaluationWords.has(withoutSuffix(word))) &&
    // verl's `actor_rollout_ref` holds the actor's training, too.
    !words.some((word) => word.startsWith('train') || word.startsWith('fit') || word === 'actor')
  );
});

/** `eval_batch_size` and `per_device_eval_batch_size`: a batch that a model is only evaluated with. */
export const isEvaluationBatchSize = remembered((name: string): boolean => {
  if (!isEvaluationName(name)) return false;
  const others = wordsOf(name.slice(name.lastIndexOf('.') + 1)).filter(
    (word) => !evaluationWords.has(word),
  );
  return kindOfName(others.join('_')) === 'batchSize';
});

/**
 * Whether what a name is given is for evaluation: of `trainingValidationData` the last word counts,
 * which for the name of a function (`trainAndEvaluate`) says nothing.
 */
export const isEvaluationTarget = remembered((name: string): boolean => {
  const words = wordsOf(name);
  const evaluates = words.findLastIndex(
    (word) => evaluationWords.has(word) || evaluationWords.has(withoutSuffix(word)),
  );
  return evaluates > words.findLastIndex((word) => word.startsWith('train') || word === 'fit');
});

/** `epoch` counts where a training stands; `max_epoch` and `epochs` how far it goes. */
export const isCurrentEpoch = remembered((name: string): boolean => {
  const words = wordsOf(name);
  return (
    kindOfName(name) === 'epochs' &&
    !words.some((word) => word.endsWith('epochs') || limitWords.has(word))
  );
});
const limitWords = set('num n nb number max total nepoch');

const evaluationVerbs = set('evaluate evaluation predict infer inference');

/** `evaluate_perplexity(model, loader)`: the first word of a call says what it does. */
export const startsEvaluation = remembered((name: string): boolean => {
  return evaluationVerbs.has(wordsOf(name)[0] ?? '');
});

/** `trainLoader` and `run_training`, but not `load_trained`. */
export const namesTraining = remembered((name: string): boolean => {
  return wordsOf(name).some((word) => word.startsWith('train') && word !== 'trained');
});

const otherCounts = set(
  'examples length len window stream buffer seq sequence height width dim steps',
);

/** Whether a number is named after something other than the samples of a batch: `seq_length`. */
export function namesAnotherCount(name: string): boolean {
  const kind = kindOfName(name);
  if (kind !== null) return kind !== 'batchSize';
  const words = wordsOf(name);
  const batches = words.some((word) => word.startsWith('batch') || word === 'bs');
  return !batches && words.some((word) => otherCounts.has(word));
}

const shapeWords = set(
  'seq sequence len length hidden dim dims channels channel height width heads features vocab embed embedding d c h w t steps timesteps tokens seqlen hiddendim hiddensize',
);

/** Whether names that stand together are the sizes of a tensor: `batch_size, seq_len, hidden`. */
export function areShape(names: readonly string[]): boolean {
  return names.some((name) => wordsOf(name).some((word) => shapeWords.has(word)));
}

const trainingBatchNames = set(
  'perdevicetrainbatchsize pergputrainbatchsize trainmicrobatchsizepergpu microbatchsize trainbatchsize trainbatchsizeperdevice batchsizepergpu batchsizeperdevice perdevicebatchsize pergpubatchsize trainbatchsizepergpu globalbatchsize samplespergpu imsperbatch trainglobalbatchsize localbatchsize globaltrainbatchsize devicetrainmicrobatchsize maxtokensperbatch maxtokenspergpu',
);

/** Batch sizes that only trainings have, whatever takes them. */
export const isTrainingBatchSize = remembered((name: string): boolean => {
  return trainingBatchNames.has(plainName(name));
});

const samplingVerbs = set(
  'sample samples sampling generate predict infer inference decode synthesize',
);

/** `sample_images` and `generate`: the first word of a function says that it runs a model. */
export const startsInference = remembered((name: string): boolean => {
  const [first = '', second = ''] = wordsOf(name);
  // `p_sample_loop` and `ddim_sample` of diffusion models.
  return (
    samplingVerbs.has(first) || ((first.length === 1 || first === 'ddim') && second === 'sample')
  );
});

const preparingVerbs = set(
  'convert tokenize preprocess extract export embed encode cluster caption upload',
);

const measured = set('mean std stats statistics moments fid activations embeddings features');

/**
 * `convert_dataset`, `extract_features` and `get_mean_and_std`: what they make is for another program, or
 * said of the data.
 */
export const preparesData = remembered((name: string): boolean => {
  const words = wordsOf(name);
  const prepares = preparingVerbs.has(words[0] ?? '') || words.some((word) => measured.has(word));
  return prepares && !namesTraining(name) && !words.some(makesData);
});

const otherWork = set(
  'indexing retrieval retrieving encoding extraction extracting generation generating decoding captioning conversion converting caching benchmarking',
);

/** Whether a text says of a number that it is for evaluation or other work of a trained model. */
export const describesOtherWork = remembered((text: string): boolean => {
  if (isEvaluationName(text)) return true;
  const words = wordsOf(text);
  const trains = words.some((word) => word.startsWith('train') || word.startsWith('finetun'));
  return !trains && words.some((word) => otherWork.has(word));
});

const runningWords = set(
  'pipeline predictor inferencer evaluator retriever indexer visualizer exporter captioner',
);
const settingWords = set('config configs args arguments options params parameters settings');
const runWords = set(
  'eval evaluation inference infer predict prediction generation sampling retrieval indexing benchmark export serving decoding deployment',
);

/** `StableDiffusionPipeline` and `InferenceArguments`: what runs a model, or holds settings of that. */
export const namesModelRunner = remembered((name: string): boolean => {
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  const other = words.some((word) => word.startsWith('train') || word === 'data');
  if (other) return false;
  return runningWords.has(last) || (settingWords.has(last) && words.some((w) => runWords.has(w)));
});

const trialWords = set(
  'debug debugging debugger smoke runlocal dryrun quick tiny sanity fastrun quickrun toy',
);

/** `args.debug` and `smoke_test`: whether a program is only tried. */
export const namesTrial = remembered((name: string): boolean => {
  const words = wordsOf(name);
  return [...words, words.join('')].some((word) => trialWords.has(word));
});

const inventedWords = set('dummy fake mock mocked stub');

/** `test_loader_shapes` and `dummy_loader`: what tests make to have something to run. */
export const namesTest = remembered((name: string): boolean => {
  const words = wordsOf(name);
  return words[0] === 'test' || words.some((word) => inventedWords.has(word));
});

/** Names that only hyperparameters have, beside those of the kinds: `min_lr`, `weight_decay`. */
export const namesHyperparameter = remembered((name: string): boolean => {
  const words = wordsOf(name);
  return (
    words.includes('lr') ||
    words.includes('warmup') ||
    (words.includes('loss') && words.at(-1) === 'weight') ||
    hyperparameters.has(words.join('')) ||
    isTrainingBatchSize(name)
  );
});
const hyperparameters = set(
  'weightdecay gradclip maxgradnorm gradclipnorm labelsmoothing adambeta1 adambeta2 gaelambda entcoef replaybuffersize learningstarts minreplaysize maxreplaysize samplesperinsert targetupdateperiod',
);

const resultWords = set('accuracy acc loss score f1 auc map miou iou perplexity bleu psnr fid');
const reachedWords = set('val valid validation test eval final best top1 top5');
const aimWords = set('target threshold goal min max weight weights coef monitor metric patience');

/** `validation_accuracy`, `best_loss` and `epochs_trained`: what a finished run reached. */
export const namesResult = remembered((name: string): boolean => {
  const words = wordsOf(name);
  if (words.includes('trained') && (words.includes('epochs') || words.includes('steps')))
    return true;
  return (
    words.some((word) => resultWords.has(word)) &&
    words.some((word) => reachedWords.has(word)) &&
    !words.some((word) => aimWords.has(word))
  );
});

const stepWords = set('batches batch steps step iterations iters');

/** Whether a number counts updates and not samples: `dataset.take(num_batches)`. */
export function countsUpdates(name: string): boolean {
  return wordsOf(name).some((word) => stepWords.has(word));
}

const dataSuffixes = ['loader', 'dataloader', 'dataset', 'data', 'set', 'ds', 'gen', 'iter', 'x'];

function withoutSuffix(word: string): string {
  for (const suffix of dataSuffixes) {
    if (word.endsWith(suffix) && word.length > suffix.length) return word.slice(0, -suffix.length);
  }
  return word;
}

const storageWords = set(
  'bulk insert upsert delete write writer fetch fetchmany fetchall chunk chunks chunked batched partition scan send produce producer consume consumer publish poll commit flush upload download index ingest export migrate backfill sync crawl scrape paginate query queue kafka redis sql db database elastic elasticsearch mongo s3 cursor yield_per save copy import rows rpc http request webhook email notify notification events event messages message jdbc jpa hibernate datasource dynamodb sqs pubsub kinesis otlp bigquery snowflake',
);

/** Of these words, those that also say how a data set for training is made. */
const makingWords = set('batched chunk chunks chunked partition rows index fetch download');

function makesData(word: string): boolean {
  return word.endsWith('dataset') || word.endsWith('datasets') || word.endsWith('loader');
}

/** An environment that is learned to act in, `FetchPush-v1`: https://gymnasium.farama.org/introduction/basic_usage/ */
const environment = /^[A-Z]\w*-v\d+$/;

/** Whether a callee, class or section moves data between systems: its batches train nothing. */
export const isStorageName = remembered((name: string): boolean => {
  if (environment.test(name)) return false;
  const words = wordsOf(name);
  const makes = words.some(makesData);
  return (
    (words.some((word) => storageWords.has(word) && !(makes && makingWords.has(word))) ||
      (words.includes('create') && words.includes('many'))) &&
    !words.some((word) => word.startsWith('train') || word === 'fit')
  );
});

const passiveWords = set(
  'predict predictor evaluate evaluator eval infer inference generate pipeline score validate test tests encode encoder embed log benchmark profile measure plot show visualize tokenize preprocess process transform map filter apply collate decode translate summarize classify detect print info debug format warn error metric metrics summary input inputlayer reshape zeros ones randn rand assert expect equal loss losses',
);

/** Whether a callee takes a batch size for work other than training. */
export const isPassiveName = remembered((name: string): boolean => {
  const words = wordsOf(name);
  return (
    words.some((word) => passiveWords.has(word)) &&
    !words.some(
      (word) =>
        word.startsWith('train') || word === 'fit' || word.endsWith('loader') || word === 'dataset',
    )
  );
});
