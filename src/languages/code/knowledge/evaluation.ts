import {
  isEvaluationName,
  isEvaluationTarget,
  namesTest,
  namesTraining,
  preparesData,
  startsInference,
} from '../../names';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import { isWithin, runsOnly, type CallExpr, type Expr, type FunctionInfo } from '../read/syntax';
import { chainMethods } from './datasets';

/** Whether batches are made for evaluation: by the names of what they are of and assigned to. */
export function isForEvaluation(program: Program, call: CallExpr): boolean {
  if (isForInferenceCall(call)) return true;
  if (call.target !== null) {
    if (isEvaluationTarget(call.target) || namesTest(call.target)) return true;
    if (call.target.toLowerCase().includes('train')) return false;
  }
  if (takesEvaluationSplit(call) || isValidatedWith(program, call)) return true;
  if (saysNotTraining(program, call)) return true;
  const method = call.scope.functionInfo?.name;
  if (method && isEvaluationName(method)) return true;
  const [first] = call.args;
  // `sample_loader = DataLoader(sample_dataset)` of prompts to make pictures of.
  const samples = call.target !== null && startsInference(call.target);
  if (samples && first && startsInference(lastName(first.value))) return true;
  const object = call.callee.type === 'member' ? call.callee.object : null;
  const takesObject = object !== null && program.qualify(call.callee) === null;
  const source = takesObject ? object : first?.value;
  if (source && isMadeForEvaluation(program, source)) return true;
  return source !== undefined && isEvaluationName(sourceName(source));
}

const validating = ['fit', 'fit_generator', 'fitDataset'];
const validationNames = new Set(['validation_data', 'validationData', 'val_dataloaders']);

/** `model.fit(leaves, validation_data=held)`: what is only given to trainings for that. */
function isValidatedWith(program: Program, { target, scope: { functionInfo } }: CallExpr): boolean {
  if (target === null) return false;
  const isIt = (expr: Expr): boolean => expr.type === 'name' && expr.name === target;
  const given = validating
    .flatMap((name) => program.callsOf(name))
    .filter((call) => call.scope.functionInfo === functionInfo)
    .flatMap(({ args }) => args)
    .filter(({ value }) => isIt(value));
  return (
    given.length > 0 &&
    given.every(({ keyword }) => keyword !== null && validationNames.has(keyword))
  );
}

/** `load(…, split='validation').map(f).batch(9)`: a call of the chain takes a part for evaluation. */
function takesEvaluationSplit(call: CallExpr): boolean {
  let at: Expr = call;
  for (let i = 0; i < 50 && at.type === 'call'; i++) {
    const subset = at.args.find(({ keyword }) => keyword === 'subset' || keyword === 'split');
    if (subset?.value.type === 'string') return isEvaluationName(subset.value.value);
    if (at.callee.type !== 'member') break;
    at = at.callee.object;
  }
  return false;
}

/** `Tiles(root, train=False)`, and what was made by `rows = Tiles(root, split='val')` before. */
function isMadeForEvaluation(program: Program, source: Expr): boolean {
  const made = source.type === 'name' ? program.lookup(source)?.value : source;
  if (made?.type !== 'call') return false;
  return saysNotTraining(program, made) || (made !== source && takesEvaluationSplit(made));
}

/** Classes that hold what a training samples from: `ReplayBuffer.sample` makes its batches. */
const holding = ['buffer', 'memory', 'replay', 'dataset', 'loader', 'sampler', 'storage'];

/** Whether a function runs a model and does not train it: by its decorators, or by its name. */
export function isForInference({ name, decorators, owner }: FunctionInfo): boolean {
  if (decorators.some(runsOnly)) return true;
  if (name === null || !startsInference(name)) return false;
  const type = owner?.classInfo?.name?.toLowerCase() ?? '';
  return owner !== null && !holding.some((word) => type.includes(word));
}

/** Whether a call stands where a model is only run: under `no_grad`, in a test, after `eval()`. */
function isForInferenceCall(call: CallExpr): boolean {
  const { chunk, scope } = call;
  if (chunk.passive.some((place) => isWithin(call, place))) return true;
  const { functionInfo } = scope;
  if (!functionInfo) return false;
  const name = functionInfo.name ?? '';
  if (isForInference(functionInfo) || namesTest(name) || preparesData(name)) return true;
  return evaluatesOnly(functionInfo);
}

const knownToEvaluate = new WeakMap<FunctionInfo, boolean>();
const trainingSteps = new Set(['backward', 'zero_grad', 'train', 'fit', 'step', 'apply_gradients']);

/** Whether a function puts a model into `eval()` and never trains one. */
function evaluatesOnly(info: FunctionInfo): boolean {
  const known = knownToEvaluate.get(info);
  if (known !== undefined) return known;
  let evaluates = false;
  let trains = info.open.length > 0;
  for (const { callee, scope } of info.chunk.calls) {
    if (scope.functionInfo !== info) continue;
    const name = lastName(callee);
    evaluates ||= name === 'eval' && callee.type === 'member';
    trains ||= trainingSteps.has(name) || namesTraining(name);
  }
  const only = evaluates && !trains;
  knownToEvaluate.set(info, only);
  return only;
}

/**
 * Whether batches are drawn in a new order each epoch, as only trainings ask for; null where nothing
 * says so.
 */
export function isShuffled(program: Program, { args }: CallExpr): boolean | null {
  const flag = args.find(({ keyword }) => keyword === 'shuffle');
  const values = flag ? program.resolve(flag.value) : [];
  if (values.length === 0) return null;
  return values.every(({ expr }) => expr.type === 'opaque' && expr.flag === true);
}

const trainingFlags = new Set(['train', 'training', 'is_training', 'is_train', 'isTraining']);

/** `MNIST(root, train=False)`, and timm's loader, which trains only where an argument says so. */
function saysNotTraining(program: Program, call: CallExpr): boolean {
  const flag = call.args.find(({ keyword }) => keyword !== null && trainingFlags.has(keyword));
  if (!flag) return program.qualify(call.callee) === 'timm.data.create_loader';
  return flag.value.type === 'opaque' && flag.value.flag === false;
}

/** The name at the start of a chain (`val_ds` of `val_ds.map(f).cache()`), or of an array's part. */
function sourceName(expr: Expr): string {
  let at = expr;
  for (let i = 0; i < 50; i++) {
    if (at.type === 'call') {
      const [first] = at.args;
      if (at.callee.type === 'member' && at.callee.object.type !== 'name') at = at.callee.object;
      else if (at.callee.type === 'member' && chainMethods.has(at.callee.property))
        at = at.callee.object;
      else if (at.callee.type === 'member' && first?.value.type !== 'name') at = at.callee.object;
      else if (first) at = first.value;
      else at = at.callee;
    } else if (at.type === 'slice') at = at.object;
    else if (at.type === 'array' && at.items[0]) at = at.items[0];
    else return at.type === 'string' ? at.value : lastName(at);
  }
  return '';
}
