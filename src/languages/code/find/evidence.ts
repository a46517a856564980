import { kindOfName, namesTraining, remembered, startsEvaluation, wordsOf } from '../../names';
import type { FileRole } from '../../fileRoles';
import type { Library } from '../../site';
import type { Api } from '../knowledge/api';
import { isTrainLoader, type ChunkFacts } from '../program/chunkFacts';
import { libraryOf } from '../program/frameworks';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import type { Regime } from './regime';
import { makesUpdates } from './updates';
import type { CallExpr, Chunk } from '../read/syntax';

const trainingCalls = new Set([
  'zero_grad',
  'value_and_grad',
  'GradientTape',
  'apply_gradients',
  'apply_updates',
  'train_step',
  'train_one_epoch',
  'trainOnBatch',
  'train_on_batch',
  'minimize',
  'fit',
  'fit_generator',
  'fitDataset',
  'fit_one_cycle',
  'variableGrads',
  'applyGradients',
  'compile',
  'TrainState',
  'configure_optimizers',
  'initialize_parallel_model',
]);
/** `save_file` of safetensors writes weights that another program trained, or converts them. */
const inferenceCalls = new Set(['eval', 'no_grad', 'inference_mode', 'save_file']);

/** What a program shows about itself: whether it trains, and with what. */
export interface Evidence {
  /** The machine-learning library it mostly uses; null when it imports none. */
  readonly library: Library | null;
  /** Names alone are believed: the program trains a model. */
  readonly trains: boolean;
  /** It runs a model and shows no sign of training. */
  readonly infersOnly: boolean;
  /** It is started as a program, and calls nothing named after training. */
  readonly otherProgram: boolean;
  /** Its file is named after work other than training, and it makes no updates. */
  readonly otherWork: boolean;
  /** It is a test. */
  readonly tests: boolean;
  /** It makes updates outside all functions. */
  readonly updatesOutside: boolean;
  /** Every process makes batches of the size that is written. */
  readonly perProcess: boolean;
  /** One process splits its batches over devices. */
  readonly splits: boolean;
  /** It is a program of Tensor2Tensor, which counts for each device. */
  readonly perShard: boolean;
}

const preference: readonly Library[] = [
  'lightning',
  'transformers',
  'fastai',
  'ultralytics',
  'pytorch',
  'jax',
  'keras',
  'tensorflow',
  'tfjs',
  'sklearn',
  'unknown',
];

/** What the calls of a chunk show. */
export interface CallEvidence {
  readonly acts: boolean;
  readonly infers: boolean;
  /** Whether a call is named after evaluation. */
  readonly evaluates: boolean;
  /** Whether a call, or what it makes, is named after training. */
  readonly mayTrain: boolean;
  /** Whether a call, and nothing that is only handed data, is named after training. */
  readonly runsTraining: boolean;
  /** Whether it samples batches, and updates a model with them. */
  readonly draws: boolean;
  /** Whether it puts a model into training mode, as some tests do that only run it. */
  readonly setsMode: boolean;
  readonly differentiates: boolean;
  /** Whether it makes updates itself, batch by batch. */
  readonly loops: boolean;
  /** Whether a call makes updates or starts a training, by its name. */
  readonly updates: boolean;
  /** Whether one does outside all functions. */
  readonly updatesOutside: boolean;
  /** Whether it draws pictures. */
  readonly shows: boolean;
}

const loopCalls = new Set(['GradientTape', 'apply_gradients', 'train_on_batch', 'value_and_grad']);

/** @param apis the calls of the chunk that known libraries take */
export function evidenceIn(
  program: Program,
  { calls }: Chunk,
  apis: ReadonlyMap<CallExpr, Api>,
): CallEvidence {
  const library = preferred(program.libraries);
  const learns = library !== null && library !== 'sklearn';
  let acts = [...apis.values()].some(({ role }) => role !== 'batches' && role !== 'devices');
  let evaluates = false;
  let mayTrain = false;
  let runsTraining = false;
  let draws = false;
  let setsMode = false;
  let infers = false;
  let differentiates = false;
  let loops = false;
  let updates = false;
  let updatesOutside = false;
  let shows = false;
  for (const call of calls) {
    const name = lastName(call.callee);
    const makes = makesUpdates(call) && trains(program, call);
    updates ||= makes;
    updatesOutside ||= makes && !call.scope.functionInfo;
    shows ||= namesPicture(name);
    acts ||= learns && trainingCalls.has(name) && trains(program, call);
    acts ||= learns && (handsToTraining(call) || configuresTrainLoader(call));
    setsMode ||= learns && setsTrainingMode(call);
    // Python's own `eval` runs no model.
    infers ||= inferenceCalls.has(name) && (name !== 'eval' || call.callee.type === 'member');
    evaluates ||= startsEvaluation(name);
    mayTrain ||= apis.has(call) ? areForTraining(call) : namesTraining(name);
    runsTraining ||= !apis.has(call) && namesRun(name);
    draws ||= name === 'sample' && updatesFrom(call, calls);
    differentiates ||= name === 'backward';
    // `fit` calls a model's own `train_step`.
    loops ||= loopCalls.has(name) && call.scope.functionInfo?.name !== 'train_step';
  }
  acts ||= learns && draws;
  return {
    acts,
    infers,
    evaluates,
    mayTrain,
    runsTraining,
    draws,
    setsMode,
    differentiates,
    loops,
    updates,
    updatesOutside,
    shows,
  };
}

const drawing = new Set(['imshow', 'matshow', 'imsave', 'subplot', 'subplots', 'add_subplot']);

/** `plt.imshow`, `plot_image_gallery`, `visualize_dataset` */
const namesPicture = remembered((name: string): boolean => {
  const [first = ''] = wordsOf(name);
  return drawing.has(name) || first === 'plot' || first === 'visualize';
});

const updating = new Set(['update', 'learn', 'train', 'optimize', 'train_step', 'update_step']);

/** `batch = buffer.sample(batch_size)` where `agent.update(batch)` follows. */
function updatesFrom({ args: [first], target }: CallExpr, calls: readonly CallExpr[]): boolean {
  if (!first || target === null) return false;
  if (kindOfName(first.keyword ?? lastName(first.value)) !== 'batchSize') return false;
  return calls.some(
    ({ callee, args }) =>
      callee.type === 'member' &&
      updating.has(callee.property) &&
      args.some(({ value }) => value.type === 'name' && value.name === target),
  );
}

/**
 * `L(build_train_loader)(total_batch_size=16)`, which detectron2's configurations call later, or
 * `train_dataloader = dict(batch_size=8)` of OpenMMLab's that import their types:
 * https://mmengine.readthedocs.io/en/latest/advanced_tutorials/config.html
 */
function configuresTrainLoader({ callee, args, target, scope }: CallExpr): boolean {
  if (!args.some(({ keyword }) => keyword !== null && kindOfName(keyword) === 'batchSize'))
    return false;
  if (callee.type === 'call')
    return namesTraining(lastName(callee)) || (target !== null && namesTraining(target));
  const isSettings = callee.type === 'name' && callee.name === 'dict' && !scope.functionInfo;
  return isSettings && target !== null && isTrainLoader(target);
}

/** `run_training` and `train_epoch`, but not `train_dataloader` or `end_training`. */
function namesRun(name: string): boolean {
  const words = wordsOf(name);
  return namesTraining(name) && words[0] !== 'end' && !words.some((word) => dataWords.has(word));
}

/** `model.train()` of PyTorch, which `model.eval()` ends. */
function setsTrainingMode({ callee, args }: CallExpr): boolean {
  return callee.type === 'member' && callee.property === 'train' && args.length === 0;
}

/** `train_model(model, loader)`: a function of another module that is given what it trains. */
function handsToTraining({ callee, args }: CallExpr): boolean {
  const words = wordsOf(lastName(callee));
  return words[0] === 'train' && args.length > 1 && !words.some((word) => dataWords.has(word));
}
/** What is made for a training, or of its data, and trains no model. */
const dataWords = new Set(
  'test val valid state tokenizer vocab bpe loader dataloader dataset datasets data ds set split iter transform transforms batch batches size step sampler'.split(
    ' ',
  ),
);

function preferred(libraries: ReadonlySet<Library>): Library | null {
  return preference.find((name) => libraries.has(name)) ?? null;
}

/**
 * Weighs what the chunks show.
 * @param anyApi whether a known library takes any of the calls
 * @param role what the name of its file says
 */
export function weigh(
  libraries: ReadonlySet<Library>,
  facts: readonly ChunkFacts[],
  calls: readonly CallEvidence[],
  anyApi: boolean,
  regimes: readonly Regime[],
  role: FileRole | null,
): Evidence {
  const library = preferred(libraries);
  const tests = role === 'test' || facts.some(({ isTest }) => isTest);
  const tested = tests || facts.some(({ mayTest }) => mayTest);
  const differentiates = calls.some((chunk) => chunk.differentiates);
  // Tests of operators have gradients too; with batches of data it is a training.
  const definesStep = facts.some((chunk) => chunk.definesStep);
  const named = facts.some(({ namesSettings }) => namesSettings);
  const works = role === 'otherWork' || (role === 'maybeOtherWork' && !named);
  const otherWork = works && !definesStep && !calls.some(({ updates }) => updates);
  const acts =
    !otherWork &&
    (definesStep ||
      (role === 'training' && library !== null) ||
      calls.some((chunk) => chunk.acts) ||
      (differentiates && anyApi && library !== null) ||
      (!tested && calls.some(({ setsMode }) => setsMode)) ||
      facts.some(({ overrides }) => overrides && !tested));
  const numbered = facts.some(({ numbersSettings }) => numbersSettings);
  const draws = calls.some((chunk) => chunk.draws);
  const settles = numbered || draws || facts.some(({ configures }) => configures);
  const foreign = library === null && facts.some((chunk) => chunk.foreign);
  // A program that only runs a model sets epochs and rates for other programs, unless it calls something to train.
  const mayTrain = calls.some((chunk) => (tested ? chunk.runsTraining : chunk.mayTrain));
  const shows = !named && !mayTrain && calls.some((chunk) => chunk.shows);
  const passive = (runsModels(calls) || tested || shows || otherWork) && !acts;
  const hands = named && mayTrain && !otherWork;
  // Tests of tools that read configurations hold many that train nothing.
  const configured =
    role === 'training' ? !foreign : settles && !foreign && !otherWork && (mayTrain || !tested);
  return {
    library,
    trains: library !== null ? acts || (passive ? hands : named) : configured,
    infersOnly: passive && !hands,
    otherProgram: !acts && !mayTrain && facts.some(({ isScript }) => isScript),
    otherWork,
    tests,
    updatesOutside: calls.some((chunk) => chunk.updatesOutside),
    perProcess: spreadsLoaders(regimes),
    splits: regimes.some(({ splits }) => splits),
    perShard: regimes.some(({ perShard }) => perShard),
  };
}

function spreadsLoaders(regimes: readonly Regime[]): boolean {
  if (regimes.some(({ divides }) => divides)) return false;
  if (regimes.some(({ spreads, runsTrlx }) => spreads || runsTrlx)) return true;
  return regimes.some(({ maySpread }) => maySpread) && !regimes.some(({ splits }) => splits);
}

/** Whether two programs, or states of one, show the same. */
export function isSameEvidence(a: Evidence, b: Evidence): boolean {
  return (Object.keys(a) as (keyof Evidence)[]).every((key) => a[key] === b[key]);
}

/** Whether batches are named after training: by what they are assigned to, made in or made of. */
function areForTraining({ target, scope, args }: CallExpr): boolean {
  const [first] = args;
  const names = [target, scope.functionInfo?.name, first && lastName(first.value)];
  return names.some((name) => typeof name === 'string' && namesTraining(name));
}

function runsModels(calls: readonly CallEvidence[]): boolean {
  if (calls.some(({ infers }) => infers)) return true;
  return calls.some(({ evaluates }) => evaluates) && !calls.some(({ mayTrain }) => mayTrain);
}

/** `model.compile` and `model.fit`, but not `re.compile`, `torch.compile` and `ImageOps.fit`. */
function trains(program: Program, { callee, args }: CallExpr): boolean {
  const qualified = program.qualify(callee);
  // `encoder.compile(jit_compile=True)` makes it faster.
  if (lastName(callee) === 'compile')
    return qualified === null && args.some(({ keyword }) => !keyword?.endsWith('compile'));
  return qualified === null || qualified.startsWith('.') || libraryOf(qualified) !== null;
}
