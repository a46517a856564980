import {
  areShape,
  isTrainingBatchSize,
  namesTest,
  isCurrentEpoch,
  isEvaluationName,
  isEvaluationTarget,
  isLooseSampleCount,
  isPassiveName,
  isStorageName,
  kindOfName,
  plainName,
  preparesData,
} from '../../names';
import type { BatchCount } from '../../../core/batches/updates';
import type { SiteKind } from '../../site';
import { isForInference } from '../knowledge/evaluation';
import type { Evidence } from './evidence';
import { numbersOf } from './numbers';
import { isOnlyShape } from './onlyShapes';
import { lastName } from '../program/passThrough';
import {
  isEpochCount,
  isForOtherWork,
  isOfOtherWork,
  type Declaration,
} from '../program/declarations';
import type { Program } from '../program/program';
import { Recorder, foundNumber, unused, type FoundNumber } from './recorder';
import { isOnlyEvaluated, isUnread } from './sizesRead';
import { updatesAround } from './updates';
import {
  isWithin,
  type Binding,
  type CallExpr,
  type Chunk,
  type Expr,
  type ObjectExpr,
  type Place,
} from '../read/syntax';

/** What a chunk names after what it holds. */
export interface NamedNumbers {
  /** Constants and fields, */
  readonly bound: readonly FoundNumber[];
  /** options, keys and assignments, */
  readonly declared: readonly FoundNumber[];
  /** and the defaults of parameters. */
  readonly defaults: readonly FoundNumber[];
}

/**
 * Constants, defaults, options, fields and keys that are named after what they hold.
 * In tests those count that stand where updates are made; elsewhere they are sizes of what is tried.
 */
export function findByName(
  program: Program,
  chunk: Chunk,
  evidence: Evidence,
  evaluations: ReadonlySet<CallExpr>,
): NamedNumbers {
  const { tests, updatesOutside, splits } = evidence;
  // Without a library to go by, an argument of some call is not enough.
  const loose = evidence.library === null;
  const bound = new Recorder(program);
  const declared = new Recorder(program);
  const defaults = new Recorder(program);
  const ownerOf = ownersOf(chunk);
  // Lightning's loaders stand in every process, and take what modules and their options say.
  const usual = program.libraries.has('lightning') && !splits ? 'perDevice' : null;
  const limitOf = (binding: Binding): Place | null =>
    tests && binding.role === 'parameter' ? binding : null;
  const isTried = ({ scope }: Binding): boolean => tests && !updatesAround(scope, updatesOutside);
  /** Whether a size is of something else than the batches of a training. */
  const isApart = (binding: Binding): boolean =>
    isOnlyShape(binding) ||
    isTried(binding) ||
    isUnread(program, binding) ||
    isOnlyEvaluated(binding, evaluations);
  for (const binding of chunk.bindings) {
    const kind = binding.value && kindOfBinding(binding);
    const other = kind === 'batchSize' && (countsInput(binding) || isApart(binding));
    if (kind && !other && !isElsewhere(contextOf(binding)) && !isTunedFor(program, binding))
      add(bound, kind, held(binding, binding.value), limitOf(binding), usual);
  }
  for (const declaration of tests ? [] : program.declaredIn(chunk)) {
    const { object, inConfig } = declaration;
    if (countsRegions(program, declaration)) continue;
    const kind = kindOfName(declaration.name) ?? (inConfig ? 'batchSize' : null);
    const doubtful = loose && object && ownerOf.has(object) && !isOfTraining(object);
    const counts = configuresLoader(declaration) ? 'perDevice' : usual;
    if (kind && !doubtful && !isElsewhere(contextOfDeclaration(declaration, ownerOf)))
      add(declared, kind, declaration, null, counts);
  }
  for (const { parameters } of chunk.functions) {
    for (const parameter of parameters) {
      const kind = parameter.value && kindOfBinding(parameter);
      if (
        kind &&
        !(kind === 'batchSize' && isApart(parameter)) &&
        !isElsewhere(contextOf(parameter))
      )
        add(defaults, kind, held(parameter, parameter.value), limitOf(parameter), usual);
    }
  }
  return { bound: bound.numbers, declared: declared.numbers, defaults: defaults.numbers };
}

/** `epoch = 0` counts; a loop's variable holds no setting. */
function kindOfBinding({ name, role, value, beside }: Binding): SiteKind | null {
  if (role !== 'variable' && role !== 'field' && role !== 'parameter') return null;
  const counts = role === 'parameter' && isEpochCount(name, value);
  const current = isCurrentEpoch(name) && !counts;
  if (current || areShape(beside) || isShape(value) || isOfEvaluation(value)) return null;
  return value && isOfOtherWork(name, value) ? null : kindOfName(name);
}

/**
 * The `default_batch_size` of a config that scales its rate from a base size, too (OpenMMLab): the size
 * that the rate was tuned for.
 */
function isTunedFor(program: Program, { name }: Binding): boolean {
  return (
    plainName(name) === 'defaultbatchsize' &&
    program
      .callsOf('dict')
      .some(({ args }) => args.some(({ keyword }) => keyword === 'base_batch_size'))
  );
}

/** `batch_size = 1` of a single prompt, where several have `batch_size = len(prompt)`. */
function countsInput({ name, value, scope, chunk }: Binding): boolean {
  if (value?.type !== 'number' || value.value !== 1 || !scope.functionInfo) return false;
  return chunk.bindings.some(
    (other) =>
      other.name === name &&
      other.scope === scope &&
      other.value?.type === 'call' &&
      lastName(other.value.callee) === 'len',
  );
}

/** `min(len(valid), 32)`: at most what there is to evaluate with. */
function isOfEvaluation(value: Expr | null): boolean {
  if (value?.type !== 'call' || lastName(value.callee) !== 'min') return false;
  return value.args.some(({ value: bound }) => {
    const [counted = bound] = bound.type === 'call' ? bound.args.map((given) => given.value) : [];
    return [counted, counted.type === 'member' ? counted.object : counted].some((expr) =>
      isEvaluationTarget(lastName(expr)),
    );
  });
}

/** `x.size(0) if x.ndim == 3 else 1`: how many samples there are, and no setting. */
function isShape(value: Expr | null): boolean {
  if (value?.type !== 'choice') return false;
  return value.options.some(
    (option) => option.type === 'call' && lastName(option.callee) === 'size',
  );
}

function add(
  recorder: Recorder,
  kind: SiteKind,
  { name, value, at }: Pick<Declaration, 'name' | 'value' | 'at'>,
  within: Place | null,
  counts: BatchCount | null,
): void {
  for (const number of numbersOf(recorder.program, value, kind === 'batchSize')) {
    if (within && !isWithin(number.at, within)) continue;
    // A value named after something else is that (`batch_size = test_batch_size`).
    if (number.holder && kindOfName(number.holder.name) !== kind) continue;
    if (kind === 'datasetSize' && isLooseSampleCount(name) && number.value < 50) continue;
    const found = foundNumber(kind, number, { name, at }, unused, kind === 'batchSize');
    recorder.add(kind === 'batchSize' ? { ...found, counts: found.counts ?? counts } : found);
  }
}

function held(binding: Binding, value: Expr): Pick<Declaration, 'name' | 'value' | 'at'> {
  return { name: binding.name, value, at: binding };
}

/** `train_dataloader = dict(batch_size=8)`: MMEngine makes a loader in every process. */
function configuresLoader({ around = [] }: Declaration): boolean {
  return around.some((name) => plainName(name) === 'traindataloader');
}

/**
 * `TRAIN.BATCH_SIZE` beside `TRAIN.IMS_PER_BATCH`: Fast R-CNN's number of regions that are taken of the
 * images of a batch.
 */
function countsRegions(program: Program, { name, owner }: Declaration): boolean {
  if (owner === undefined || plainName(name) !== 'batchsize') return false;
  return program.sets(owner, 'IMS_PER_BATCH');
}

/** Whether an object literal holds what only trainings have. */
function isOfTraining({ entries }: ObjectExpr): boolean {
  const kinds = new Set(entries.map(({ key }) => kindOfName(key)).filter((kind) => kind !== null));
  const learns = kinds.has('learningRate') || kinds.has('accumulation');
  return (kinds.size > 1 && learns) || entries.some(({ key }) => isTrainingBatchSize(key));
}

/** The names around a setting: they show that it belongs to another system. */
function contextOf({ name, scope }: Binding): string[] {
  const { functionInfo, classInfo } = scope;
  if (functionInfo && isForInference(functionInfo)) return ['inference'];
  if (functionInfo?.name && preparesData(functionInfo.name)) return ['inference'];
  if (classInfo && isForOtherWork(classInfo)) return ['inference'];
  const names = functionInfo?.name ? [functionInfo.name] : [];
  return namesTest(name) || names.some(namesTest) ? [...names, 'test'] : names;
}

function contextOfDeclaration(
  { object, around = [] }: Declaration,
  ownerOf: ReadonlyMap<ObjectExpr, string>,
): readonly string[] {
  if (!object) return around.filter((name) => !isPassiveName(name) || isEvaluationName(name));
  return [object.holder, ownerOf.get(object)].filter((name) => typeof name === 'string');
}

function isElsewhere(names: readonly string[]): boolean {
  return names.some((name) => isStorageName(name) || isEvaluationName(name) || isPassiveName(name));
}

/** The callees that object literals are arguments of. */
function ownersOf({ calls }: Chunk): Map<ObjectExpr, string> {
  const owners = new Map<ObjectExpr, string>();
  for (const { callee, args } of calls)
    for (const { value } of args) if (value.type === 'object') owners.set(value, lastName(callee));
  return owners;
}
