import { hintIn } from '../hints';
import {
  isEvaluationName,
  isEvaluationTarget,
  isPassiveName,
  isStorageName,
  isTrainingBatchSize,
  kindOfName,
  wordsOf,
} from '../names';
import { compareSpans } from '../siteBuilder';
import { siteKinds, type Findings, type Hint, type SiteKind } from '../site';
import { apiOf, type Api, type Parameter } from './apis';
import { declareSettings } from './declarations';
import { evidenceOf } from './evidence';
import { libraryOf } from './frameworks';
import { findLayers, writtenName } from './layers';
import { findByName } from './namedSites';
import { numbersOf } from './numbers';
import { Pace } from './pace';
import { lastName } from './passThrough';
import type { Program } from './program';
import { Search, placeKey } from './search';
import { findTrainings } from './trainings';
import type { CallExpr, Expr, NameExpr } from './syntax';

/**
 * Finds what decides a training's arithmetic in a program.
 * @param texts the text of each cell, by which insertions follow the way the code is laid out
 */
export function* searchProgram(
  program: Program,
  texts: readonly string[],
): Generator<undefined, Findings> {
  yield* declareSettings(program);
  yield;
  const apis = new Map<CallExpr, Api>();
  const pace = new Pace();
  for (const call of program.calls) {
    const api = apiOf(program, call);
    if (api) apis.set(call, api);
    if (pace.isDue()) yield;
  }
  const search = new Search(program, texts, apis, yield* evidenceOf(program, apis));
  yield;
  if (apis.size > 0 || search.evidence.trains) {
    yield* findStorage(search);
    for (const [call, api] of apis) {
      findArguments(search, call, api);
      yield;
    }
    yield* findKeywords(search);
    yield* findLoops(search);
    yield* findByName(search);
  }
  const trainings = yield* findTrainings(search);
  const layers = yield* findLayers(program, (call) => search.span(call));
  const hints: Hint[] = [];
  for (const chunk of program.chunks) {
    for (const comment of chunk.comments) {
      const hint = hintIn(comment.text, search.span(comment));
      if (hint) hints.push(hint);
    }
  }
  return {
    sites: search.builder.all(),
    trainings,
    layers: layers.sort((a, b) => compareSpans(a.range, b.range)),
    hints: hints.sort((a, b) => compareSpans(a.range, b.range)),
  };
}

/** Numbers that calls of databases, queues and the like take for their batches. */
function* findStorage({ program, stored }: Search): Generator<undefined> {
  const pace = new Pace();
  for (const { callee, args } of program.calls) {
    if (pace.isDue()) yield;
    const name = lastName(callee);
    if (!isStorageName(name) && !name.toLowerCase().endsWith('loss')) continue;
    for (const { keyword, value } of args) {
      const given = keyword ?? lastName(value);
      if (given === '' || kindOfName(given) !== 'batchSize') continue;
      for (const { at } of numbersOf(program, value)) stored.add(placeKey(at));
    }
  }
}

/** What a known call is given, by keyword, position or in its options object. */
function findArguments(search: Search, call: CallExpr, api: Api): void {
  const evaluates = search.evidence.infersOnly || isForEvaluation(search, call);
  if (api.role === 'batches' && evaluates) {
    search.evaluations.add(call);
    return;
  }
  for (const kind of siteKinds) {
    const parameter = api.parameters[kind];
    const value = parameter && argumentOf(search.program, call, api, parameter);
    if (!value) continue;
    const site = search.addUse(kind, value.expr, value.name, call, api.library);
    if (site) search.sitesOf(call)[kind] ??= site;
  }
}

interface Given {
  readonly expr: Expr;
  readonly name: NameExpr | null;
}

function argumentOf(
  program: Program,
  call: CallExpr,
  api: Api,
  { names, position }: Parameter,
): Given | null {
  const { args } = call;
  const keyword = args.find((arg) => arg.keyword !== null && names.includes(arg.keyword));
  if (keyword) return { expr: keyword.value, name: keywordName(call, keyword) };
  const positional = args.filter((arg) => arg.keyword === null);
  if (position !== null) {
    const before = positional.slice(0, position + 1);
    const found = before[position];
    if (found && !before.some(({ spread }) => spread)) return { expr: found.value, name: null };
  }
  // `fit(x, **settings)` and `fit(x, y, {...settings, batchSize})`.
  const bags = args
    .filter(({ spread, keyword }) => spread && keyword === null)
    .map(({ value }) => value);
  const options = api.options === null ? undefined : args[api.options]?.value;
  for (const bag of options ? [options, ...bags] : bags) {
    const found = names.flatMap((property) => propertyIn(program, bag, property));
    if (found[0]) return found[0];
  }
  return null;
}

function keywordName(
  { scope }: CallExpr,
  { keyword, keywordAt }: CallExpr['args'][number],
): NameExpr | null {
  return keyword !== null && keywordAt
    ? { type: 'name', ...keywordAt, name: keyword, scope }
    : null;
}

/** What an options object gives a property, through the names and spreads it is made of. */
function propertyIn(program: Program, options: Expr, property: string): Given[] {
  const given: Given[] = [];
  for (const { expr } of program.resolve(options)) {
    if (expr.type === 'object') {
      const entry = expr.entries.find(({ key }) => key === property);
      if (entry) given.push({ expr: entry.value, name: null });
      else
        given.push(
          ...expr.spreads.slice(0, 8).flatMap((spread) => spreadIn(program, spread, property)),
        );
    } else if (expr.type === 'call' && lastName(expr.callee) === 'dict') {
      const entry = expr.args.find(({ keyword }) => keyword === property);
      if (entry) given.push({ expr: entry.value, name: null });
    }
  }
  return given;
}

function spreadIn(program: Program, spread: Expr, property: string): Given[] {
  const { chunk, from, to } = spread;
  const at = { chunk, from, to };
  const member: Expr = { type: 'member', ...at, object: spread, property, propertyAt: at };
  return numbersOf(program, member).length > 0 ? [{ expr: member, name: null }] : [];
}

/** Whether batches are made for evaluation: by the names of what they are of and assigned to. */
function isForEvaluation(search: Search, call: CallExpr): boolean {
  const { program } = search;
  if (call.target !== null) {
    if (isEvaluationTarget(call.target)) return true;
    if (call.target.toLowerCase().includes('train')) return false;
  }
  const subset = call.args.find(({ keyword }) => keyword === 'subset' || keyword === 'split');
  if (subset?.value.type === 'string' && isEvaluationName(subset.value.value)) return true;
  if (saysNotTraining(search, call)) return true;
  const method = call.scope.functionInfo?.name;
  if (method && isEvaluationName(method)) return true;
  const [first] = call.args;
  const object = call.callee.type === 'member' ? call.callee.object : null;
  const takesObject = object !== null && program.qualify(call.callee) === null;
  const source = takesObject ? object : first?.value;
  if (source?.type === 'call' && saysNotTraining(search, source)) return true;
  return source !== undefined && isEvaluationName(sourceName(source));
}

const trainingFlags = new Set(['train', 'training', 'is_training', 'is_train', 'isTraining']);

/** `MNIST(root, train=False)`, and timm's loader, which trains only where it is told to. */
function saysNotTraining({ texts, program }: Search, call: CallExpr): boolean {
  const flag = call.args.find(({ keyword }) => keyword !== null && trainingFlags.has(keyword));
  if (!flag) return program.qualify(call.callee) === 'timm.data.create_loader';
  const { chunk, from, to } = flag.value;
  return texts[chunk.cell]?.slice(chunk.base + from, chunk.base + to) === 'False';
}

/** The name at the start of a chain (`val_ds` of `val_ds.map(f).cache()`), or of an array's part. */
function sourceName(expr: Expr): string {
  let at = expr;
  for (let i = 0; i < 50; i++) {
    if (at.type === 'call') {
      const [first] = at.args;
      if (at.callee.type === 'member' && at.callee.object.type !== 'name') at = at.callee.object;
      else if (at.callee.type === 'member' && first?.value.type !== 'name') at = at.callee.object;
      else if (first) at = first.value;
      else at = at.callee;
    } else if (at.type === 'slice') at = at.object;
    else if (at.type === 'array' && at.items[0]) at = at.items[0];
    else return at.type === 'string' ? at.value : lastName(at);
  }
  return '';
}

const callees = new Set([
  'train',
  'training',
  'trainer',
  'fit',
  'loader',
  'loaders',
  'dataloader',
  'dataloaders',
  'dataset',
  'datasets',
  'data',
  'batch',
  'batches',
  'config',
  'configs',
  'args',
  'arguments',
  'params',
  'parameters',
  'hparams',
  'hyperparameters',
  'hyperparams',
  'settings',
  'datamodule',
  'generator',
  'sampler',
  'run',
  'main',
  'experiment',
  'learner',
  'estimator',
  'iterator',
  'pipe',
  'sequence',
]);

/** `make_loader(data, batch_size=BATCH)`: keywords of calls that no library is known for. */
function* findKeywords(search: Search): Generator<undefined> {
  const { program, evidence, apis } = search;
  if (!evidence.trains || evidence.library === null) return;
  const pace = new Pace();
  for (const call of program.calls) {
    if (pace.isDue()) yield;
    if (apis.has(call) || call.args.length === 0) continue;
    if (!call.args.some(({ keyword }) => keyword !== null && kindOfName(keyword) === 'batchSize'))
      continue;
    if (libraryOf(program.qualify(call.callee)) === 'sklearn') continue;
    const written = lastName(call.callee);
    for (const argument of call.args) {
      if (argument.keyword === null || kindOfName(argument.keyword) !== 'batchSize') continue;
      if (isForEvaluation(search, call)) {
        leaveOut(search, call, argument.value);
        continue;
      }
      const whole = writtenName(call);
      if (isStorageName(written) || isPassiveName(written) || isEvaluationName(whole)) continue;
      const own = program.functionOf(call.callee) ?? program.classOf(call.callee);
      const words = wordsOf(written);
      const certain = isTrainingBatchSize(argument.keyword);
      if (!own && !certain && !words.some((word) => callees.has(word) || endsInData(word)))
        continue;
      search.addUse(
        'batchSize',
        argument.value,
        keywordName(call, argument),
        call,
        evidence.library,
      );
    }
  }
}

/** A literal that a call for evaluation is given is no other's, whatever it flows through. */
function leaveOut({ program, stored }: Search, call: CallExpr, value: Expr): void {
  for (const { at } of numbersOf(program, value))
    if (at.chunk === call.chunk && call.from <= at.from && at.to <= call.to)
      stored.add(placeKey(at));
}

function endsInData(word: string): boolean {
  return word.endsWith('loader') || word.endsWith('dataset') || word.endsWith('datamodule');
}

const epochWords = new Set(['epoch', 'epochs', 'ep', 'epo']);

/** `for epoch in range(EPOCHS)`. */
function* findLoops(search: Search): Generator<undefined> {
  const { program, evidence } = search;
  if (!evidence.trains) return;
  for (const chunk of program.chunks) {
    for (const loop of chunk.loops) {
      yield;
      const named = wordsOf(loop.variable).some((word) => epochWords.has(word));
      const bound = loop.bound ?? rangeEnd(program, loop.iterable);
      if (!bound) continue;
      const kind: SiteKind | null = kindOfName(lastName(bound));
      if (!named && kind !== 'epochs') continue;
      search.epochLoops.push(loop);
      search.addUse('epochs', bound, null, null, evidence.library ?? 'unknown');
    }
  }
}

/** N of `range(N)`, `range(1, N + 1)`, `tqdm(range(N))` and `trange(N)`. */
function rangeEnd(program: Program, iterable: Expr | null): Expr | null {
  if (iterable?.type !== 'call') return null;
  const name = lastName(iterable.callee);
  const list = iterable.args.filter(({ keyword, spread }) => keyword === null && !spread);
  const [first, second] = list;
  if (name === 'tqdm' || name === 'master_bar' || name === 'track' || name === 'progress_bar')
    return first ? rangeEnd(program, first.value) : null;
  if (name !== 'range' && name !== 'trange') return null;
  if (!second) return first?.value ?? null;
  const start = first?.value;
  if (start?.type === 'number' && start.value === 0) return second.value;
  const end = second.value;
  if (end.type === 'binary' && end.operator === '+' && end.right.type === 'number') return end.left;
  // `range(start, EPOCHS)` resumes; of literals only the difference counts, which is no literal.
  return end.type === 'number' ? null : end;
}
