import type { BatchCount } from '../../../core/batches/updates';
import { isStorageName, kindOfName, namesTest, namesTraining } from '../../names';
import { siteKinds, type SiteKind } from '../../site';
import type { Api, Parameter } from '../knowledge/api';
import { apiOf } from '../knowledge/apis';
import { argumentOf } from './callArguments';
import { findLoops, loopsOverUpdates } from './epochLoops';
import { isGlimpsedInside } from './glimpses';
import { isForEvaluation, isShuffled } from '../knowledge/evaluation';
import { evidenceIn, type CallEvidence, type Evidence } from './evidence';
import { layersIn, type FoundLayer } from '../knowledge/layers';
import { findInferences, findKeywords } from './namedKeywords';
import { findByName, type NamedNumbers } from './namedSites';
import { dropsLast, mayDropLast } from './lastBatch';
import { numbersOf } from './numbers';
import { lastName } from '../program/passThrough';
import { regimeOf, type Regime } from './regime';
import { toldBy, type ToldNumbers } from './ownNumbers';
import type { Program } from '../program/program';
import { updatesAround } from './updates';
import { Recorder, type FoundNumber } from './recorder';
import {
  isWithin,
  type CallExpr,
  type Chunk,
  type Expr,
  type Loop,
  type Place,
  type Scope,
} from '../read/syntax';

/** What the calls of a chunk are, given the libraries that the program imports. */
export interface ChunkCalls {
  readonly apis: ReadonlyMap<CallExpr, Api>;
  readonly evidence: CallEvidence;
  readonly layers: readonly FoundLayer[];
  /** The first call of `backward`, by which a loop without a name goes. */
  readonly backward: CallExpr | null;
  readonly regime: Regime;
}

export function callsIn(program: Program, chunk: Chunk): ChunkCalls {
  const apis = new Map<CallExpr, Api>();
  for (const call of chunk.calls) {
    const api = apiOf(program, call);
    if (api) apis.set(call, api);
  }
  return {
    apis,
    evidence: evidenceIn(program, chunk, apis),
    layers: layersIn(program, chunk),
    regime: regimeOf(chunk, apis),
    backward: chunk.calls.find(({ callee }) => lastName(callee) === 'backward') ?? null,
  };
}

export type NumbersByKind = Partial<Record<SiteKind, FoundNumber>>;

/** The numbers of a chunk, given what the whole program shows of itself. */
export interface ChunkNumbers {
  /** Numbers that databases and the like take for their batches. */
  readonly stored: readonly Place[];
  /** What known calls are given; */
  readonly given: readonly FoundNumber[];
  /** the same by call, */
  readonly byCall: ReadonlyMap<CallExpr, NumbersByKind>;
  /** calls that make batches for evaluation, */
  readonly evaluations: ReadonlySet<CallExpr>;
  /** and calls whose batch size is another count, which is no site of its own. */
  readonly otherwise: ReadonlySet<CallExpr>;
  readonly keywords: readonly FoundNumber[];
  /** Batch sizes that a model is only evaluated or run with. */
  readonly inferences: readonly FoundNumber[];
  readonly loops: readonly FoundNumber[];
  readonly epochLoops: readonly Loop[];
  /** Whether a loop goes through a number of updates. */
  readonly loopsOverUpdates: boolean;
  /** Whether calls that make batches leave a partial last one out. */
  readonly drops: ReadonlyMap<CallExpr, boolean | 'maybe'>;
  /** Whether it gives a flag by which some last batch may be left out. */
  readonly mayDropLast: boolean;
  readonly named: NamedNumbers;
  /** Whether the whole program has batches of each process, or of each device of Tensor2Tensor. */
  readonly perProcess: boolean;
  readonly perShard: boolean;
  /** All of these, by number. */
  readonly told: ToldNumbers;
}

export function numbersIn(
  program: Program,
  chunk: Chunk,
  { apis }: ChunkCalls,
  evidence: Evidence,
): ChunkNumbers {
  const { library, trains } = evidence;
  const stored = storedIn(program, chunk);
  const given = new Recorder(program);
  const byCall = new Map<CallExpr, NumbersByKind>();
  const evaluations = new Set<CallExpr>();
  const drops = new Map<CallExpr, boolean | 'maybe'>();
  const inferences = new Recorder(program);
  for (const [call, api] of apis) {
    const shuffled = isShuffled(program, call);
    const unshuffled = api.library === 'pytorch' && shuffled === false && !makesForTraining(call);
    const looked = !trains && isLookedAt(program, call);
    const shown =
      isGlimpsedInside(call) || isShown(call) || (shuffled === false && isMeasured(call));
    const glimpsed = shown || isGlimpsed(program, call);
    // A notebook is a whole program; a module may be trained with by another.
    const whole = call.chunk.cell > 0 || evidence.otherProgram;
    const untrained = !trains && whole && !makesForTraining(call);
    const runs = evidence.infersOnly
      ? shuffled !== true
      : glimpsed || (!trains && (unshuffled || looked)) || (untrained && shuffled !== true);
    const apart = evidence.otherWork || !mayBeTrainedWith(call, evidence);
    if (api.role === 'settings' && apart) {
      evaluations.add(call);
    } else if (api.role === 'batches' && (apart || runs || isForEvaluation(program, call))) {
      evaluations.add(call);
      // Of batches that are only shown or measured, no model is run with any.
      if (!evidence.tests && !shown && !isInTest(call))
        findArguments(inferences, call, api, evidence);
    } else {
      byCall.set(call, findArguments(given, call, api, evidence));
      const drop = api.role === 'batches' ? dropsLast(program, [call]) : null;
      if (drop !== null) drops.set(call, drop);
    }
  }
  const keywords = new Recorder(program);
  if (trains && library !== null) {
    const calls = chunk.calls.filter((call) => mayBeTrainedWith(call, evidence));
    findKeywords(keywords, calls, apis, library, stored);
  }
  if (library !== null && !evidence.tests) findInferences(inferences, chunk, apis, library);
  const loops = new Recorder(program);
  const epochLoops = trains ? findLoops(loops, chunk, library ?? 'unknown') : [];
  const numbers = {
    stored,
    byCall,
    evaluations,
    epochLoops,
    loopsOverUpdates: trains && loopsOverUpdates(program, chunk),
    drops,
    mayDropLast: mayDropLast(program, chunk),
    given: given.numbers,
    otherwise: new Set([...given.otherwise, ...keywords.otherwise]),
    keywords: keywords.numbers,
    inferences: inferences.numbers.filter(({ kind }) => kind === 'batchSize'),
    loops: loops.numbers,
    perProcess: evidence.perProcess,
    perShard: evidence.perShard,
    named: trains ? findByName(program, chunk, evidence, evaluations) : nothingNamed,
  };
  return { ...numbers, told: toldBy(chunk, numbers) };
}

/** False in a test where nothing around makes updates: the rest of it trains something else. */
function mayBeTrainedWith(
  { scope }: { readonly scope: Scope },
  { tests, updatesOutside }: Evidence,
): boolean {
  return !tests || updatesAround(scope, updatesOutside);
}

/** Of a chunk in a program that shows no sign of training. */
export const noNumbers: ChunkNumbers = {
  stored: [],
  given: [],
  byCall: new Map(),
  evaluations: new Set(),
  otherwise: new Set(),
  keywords: [],
  inferences: [],
  loops: [],
  epochLoops: [],
  loopsOverUpdates: false,
  drops: new Map(),
  mayDropLast: false,
  named: { bound: [], declared: [], defaults: [] },
  perProcess: false,
  perShard: false,
  told: { own: [], others: [] },
};

const nothingNamed: NamedNumbers = { bound: [], declared: [], defaults: [] };

/** Numbers that calls of databases, queues and the like take for their batches. */
function storedIn(program: Program, { calls }: Chunk): Place[] {
  const stored: Place[] = [];
  for (const { callee, args } of calls) {
    const name = lastName(callee);
    if (!isStorageName(name) && !isLossClass(name)) continue;
    for (const { keyword, value } of args) {
      const given = keyword ?? lastName(value);
      if (given === '' || kindOfName(given) !== 'batchSize') continue;
      for (const { at } of numbersOf(program, value)) stored.push(at);
    }
  }
  return stored;
}

/** Whether batches are made by a sampler, or by a name of training: others may only be looked at. */
function makesForTraining({ callee, args, target, scope: { functionInfo } }: CallExpr): boolean {
  const [first] = args;
  const object = callee.type === 'member' ? lastName(callee.object) : null;
  const names = [target, object, functionInfo?.name, first && lastName(first.value)];
  return (
    args.some(
      ({ keyword, value }) =>
        keyword !== null && samplingKeywords.has(keyword) && lastName(value) !== 'None',
    ) || names.some((name) => typeof name === 'string' && namesTraining(name))
  );
}
const samplingKeywords = new Set(['sampler', 'batch_sampler']);

/** Whether batches are made at the outermost level and gone through there: `next(iter(loader))`. */
function isLookedAt(program: Program, { target, scope, chunk }: CallExpr): boolean {
  if (target === null || scope.functionInfo || scope.classInfo) return false;
  const isIt = (expr: Expr | null | undefined): boolean =>
    expr?.type === 'name' && expr.name === target && !expr.scope.functionInfo;
  return (
    chunk.loops.some(({ iterable }) => isIt(iterable)) ||
    ['iter', 'enumerate', 'tqdm'].some((name) =>
      program.callsOf(name).some(({ args: [first] }) => isIt(first?.value)),
    )
  );
}

/** Methods of a dataset that take all of its batches at once. */
const takingWhole = ['reduce', 'get_single_element'];

/**
 * `next(iter(data.batch(9)))` and `data.batch(9).reduce(0, count)`: one batch, or a number, is taken of
 * batches that nothing else sees.
 */
function isGlimpsed(program: Program, call: CallExpr): boolean {
  const { target, scope } = call;
  const takes = ({ callee, scope: at }: CallExpr): boolean => {
    if (callee.type !== 'member') return false;
    const { object } = callee;
    const named = object.type === 'name' && object.name === target;
    return object === call || (named && at.functionInfo === scope.functionInfo);
  };
  return (
    program
      .callsOf('iter')
      .some(({ args: [first], target: into }) => first?.value === call && into === null) ||
    takingWhole.some((name) => program.callsOf(name).some(takes))
  );
}

const showing = new Set([
  'imshow',
  'matshow',
  'subplot',
  'add_subplot',
  'imsave',
  'plot_images',
  'save_image',
]);

/** `for images in generator.flow(x, batch_size=9):` around pictures alone, and in a function also by name. */
function isShown(call: CallExpr): boolean {
  const { chunk, target, scope } = call;
  const info = scope.functionInfo?.chunk === chunk ? scope.functionInfo : null;
  const loops = chunk.loops.filter((loop) => {
    const { iterable } = loop;
    return (
      iterable &&
      (isWithin(call, iterable) ||
        (info && target && isWithin(loop, info) && namesIt(iterable, target)))
    );
  });
  return loops.length > 0 && loops.every((loop) => shows(chunk, loop));
}

function shows(chunk: Chunk, loop: Loop): boolean {
  const names = namesInside(chunk, loop);
  const trains = names.some((name) => updates.has(name) || namesTraining(name));
  return !trains && names.some((name) => showing.has(name));
}

const statistics = new Set(['mean', 'std', 'var']);
const updates = new Set(['backward', 'step', 'zero_grad', 'minimize', 'apply_gradients']);

/** Whether batches are only gone through to measure them: the means and deviations of a data set. */
function isMeasured({ target, chunk }: CallExpr): boolean {
  if (target === null) return false;
  const loops = chunk.loops.filter(({ iterable }) => namesIt(iterable, target));
  return loops.length > 0 && loops.every((loop) => measures(chunk, loop));
}

function namesInside({ calls }: Chunk, loop: Loop): string[] {
  return calls.filter((call) => isWithin(call, loop)).map(({ callee }) => lastName(callee));
}

function measures(chunk: Chunk, loop: Loop): boolean {
  const names = namesInside(chunk, loop);
  return names.some((name) => statistics.has(name)) && !names.some((name) => updates.has(name));
}

/** `loader`, `enumerate(loader)` */
function namesIt(iterable: Expr | null, name: string): boolean {
  if (iterable?.type === 'call') return namesIt(iterable.args[0]?.value ?? null, name);
  return iterable?.type === 'name' && iterable.name === name;
}

/** Whether a call makes something for a test to run: that no model is evaluated with. */
function isInTest({ scope, target }: CallExpr): boolean {
  return namesTest(scope.functionInfo?.name ?? '') || (target !== null && namesTest(target));
}

/** `CachedRankingLoss(mini_batch_size=8)` works in parts; `td_loss(batch_size)` trains. */
function isLossClass(name: string): boolean {
  return name.endsWith('Loss') && name.charAt(0) !== name.charAt(0).toLowerCase();
}

/** What the batch size of a known call counts: programs of many processes have a loader in each. */
function countsIn(
  { libraries }: Program,
  api: Api,
  { counts }: Parameter,
  { perProcess, splits }: Evidence,
  call: CallExpr,
): BatchCount | null {
  if (counts) return counts;
  if (api.library !== 'pytorch' || api.role !== 'batches') return null;
  if (perProcess && !api.draws) return 'perDevice';
  const loads = libraries.has('lightning') && !splits && !isForOwnLoop(call);
  return loads ? 'perDevice' : null;
}

/** Whether the function that makes batches makes the updates, too, and leaves them to no `Trainer`. */
function isForOwnLoop({ scope: { functionInfo }, chunk }: CallExpr): boolean {
  if (functionInfo?.chunk !== chunk) return false;
  return chunk.calls.some(
    ({ callee, from, to }) =>
      callee.type === 'member' &&
      callee.property === 'backward' &&
      lastName(callee.object) !== 'fabric' &&
      functionInfo.from <= from &&
      to <= functionInfo.to,
  );
}

/** What a known call is given, by keyword, position or in its options object. */
function findArguments(
  recorder: Recorder,
  call: CallExpr,
  api: Api,
  evidence: Evidence,
): NumbersByKind {
  const own: NumbersByKind = {};
  for (const kind of siteKinds) {
    const parameter = api.parameters[kind];
    const value = parameter && argumentOf(recorder.program, call, api, parameter);
    if (!value) continue;
    const counts =
      kind === 'batchSize' ? countsIn(recorder.program, api, parameter, evidence, call) : null;
    const number = recorder.addUse(kind, value.expr, value.named, call, api.library, counts);
    if (number) own[kind] = number;
  }
  return own;
}
