import {
  isEvaluationBatchSize,
  isEvaluationName,
  isPassiveName,
  isStorageName,
  isTrainingBatchSize,
  kindOfName,
  preparesData,
  startsEvaluation,
  startsInference,
  wordsOf,
} from '../../names';
import type { Library } from '../../site';
import { keywordOf } from './callArguments';
import { isForEvaluation, isForInference } from '../knowledge/evaluation';
import { isOfOtherWork } from '../program/declarations';
import { libraryOf } from '../program/frameworks';
import { writtenName } from '../knowledge/layers';
import { numbersOf } from './numbers';
import { isOnlyShape } from './onlyShapes';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import type { Recorder } from './recorder';
import { isWithin, type CallExpr, type Chunk, type Expr, type Place } from '../read/syntax';

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
  'learn',
  'estimator',
  'iterator',
  'pipe',
  'sequence',
]);

/**
 * `make_loader(data, batch_size=BATCH)`: keywords of calls that no library is known for.
 * @param calls those of a chunk
 * @param known those of them that are known
 * @param stored takes literals that calls for evaluation are given: they are no others'
 */
export function findKeywords(
  recorder: Recorder,
  calls: readonly CallExpr[],
  known: ReadonlyMap<CallExpr, unknown>,
  library: Library,
  stored: Place[],
): void {
  const { program } = recorder;
  for (const call of calls) {
    const { callee, args } = call;
    if (known.has(call) || !args.some(({ keyword }) => isBatchSize(keyword))) continue;
    if (libraryOf(program.qualify(callee)) === 'sklearn') continue;
    for (const argument of args) {
      if (argument.keyword === null || !isBatchSize(argument.keyword)) continue;
      if (isForEvaluation(program, call)) {
        stored.push(...ownLiterals(program, call, argument.value));
        continue;
      }
      // What only the running program knows may be anything, given to a call that nobody knows.
      if (
        takesBatches(program, call, argument.keyword) &&
        numbersOf(program, argument.value).length > 0
      )
        recorder.addUse('batchSize', argument.value, keywordOf(argument), call, library);
    }
  }
}

/** `model.predict(x, batch_size=64)`, and what is named for evaluation: `eval_batch_size=64`. */
export function findInferences(
  recorder: Recorder,
  { calls, bindings }: Chunk,
  known: ReadonlyMap<CallExpr, unknown>,
  library: Library,
): void {
  const { program } = recorder;
  for (const call of calls) {
    for (const argument of call.args) {
      const { keyword, value } = argument;
      if (keyword === null) continue;
      const takes = isEvaluationBatchSize(keyword) || (!known.has(call) && isBatchSize(keyword));
      if (takes && (isEvaluationBatchSize(keyword) || onlyRuns(program, call)))
        recorder.addUse('batchSize', value, keywordOf(argument), call, library);
    }
  }
  for (const binding of bindings) {
    const { name, value } = binding;
    const described = value !== null && isBatchSize(name) && isOfOtherWork(name, value);
    if (value && (described || isEvaluationBatchSize(name)))
      recorder.addUse('batchSize', value, { name, at: binding }, null, library);
  }
}

/** Whether a call of no known library runs a model and does not train it. */
function onlyRuns(program: Program, call: CallExpr): boolean {
  const name = lastName(call.callee);
  if (isStorageName(name)) return false;
  const info = program.functionOf(call.callee);
  return (
    startsInference(name) ||
    startsEvaluation(name) ||
    isForEvaluation(program, call) ||
    (info !== null && isForInference(info))
  );
}

function isBatchSize(keyword: string | null): boolean {
  return keyword !== null && kindOfName(keyword) === 'batchSize';
}

/** Whether a call of no known library takes its batch size for training. */
function takesBatches(program: Program, call: CallExpr, keyword: string): boolean {
  const written = lastName(call.callee);
  if (isStorageName(written) || isPassiveName(written) || isEvaluationName(writtenName(call)))
    return false;
  const info = program.functionOf(call.callee);
  if (info && isForInference(info)) return false;
  if (preparesData(written)) return false;
  const given = info?.parameters.find(({ name }) => name === keyword);
  if (given && isOnlyShape(given)) return false;
  const own = info ?? program.classOf(call.callee);
  if (own || isTrainingBatchSize(keyword)) return true;
  // `pyannote.audio.tasks.VoiceActivityDetection`: a task of Lightning's holds its data.
  const module = program.qualify(call.callee)?.split('.').slice(0, -1) ?? [];
  if (module.includes('tasks')) return true;
  return wordsOf(written).some((word) => callees.has(word) || endsInData(word));
}

/** The literals that stand in a call itself. */
function ownLiterals(program: Program, call: CallExpr, value: Expr): Place[] {
  return numbersOf(program, value)
    .map(({ at }) => at)
    .filter((at) => isWithin(at, call));
}

function endsInData(word: string): boolean {
  return word.endsWith('loader') || word.endsWith('dataset') || word.endsWith('datamodule');
}
