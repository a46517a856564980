import type { Counting, SiteKind } from '../../site';
import { argumentOf } from './callArguments';
import { automaticSize, countingOf } from './counting';
import { epochLengthOf } from './epochLength';
import { makersOfModel } from './homes';
import { optimizersOf, subjectOf } from './optimizers';
import type { Api } from '../knowledge/api';
import type { ChunkCalls, ChunkNumbers, NumbersByKind } from './chunkStages';
import { insertionsFor, type InsertionsByKind, type TextOf } from './insertions';
import { dropsLast, missingFlag, type FoundFlag } from './lastBatch';
import { numbersOf } from './numbers';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import { foundNumber, type FoundNumber } from './recorder';
import { samplesOf } from './samples';
import type { CallExpr, Chunk, Expr } from '../read/syntax';

/** A call that trains, or makes what training takes, before it is known which numbers are sites. */
export interface FoundTraining {
  readonly call: CallExpr;
  readonly api: Api;
  readonly own: NumbersByKind;
  /** The number of samples it is given. */
  readonly samples: FoundNumber | null;
  /** Calls that may have made the batches it is given, the likeliest first. */
  readonly makers: readonly CallExpr[];
  readonly validationSplit: number | null;
  /** Null where it is not known. */
  readonly dropsLast: boolean | 'maybe' | null;
  readonly missingFlag: FoundFlag | null;
  readonly insertions: InsertionsByKind;
  /** The model it trains, as it is written: trainings of one model may share what belongs to it. */
  readonly subject: string;
  /** Functions, classes and variables that its model may be made in, the likeliest first. */
  readonly modelMakers: readonly string[];
  /** The calls that make the optimizer of the model it trains; null where that is not seen. */
  readonly optimizers: readonly CallExpr[] | null;
  /** Whether it is given a batch size that is no number of samples, as it is written. */
  readonly automatic: string | null;
  readonly automaticSize: FoundNumber | null;
  /** Whether it is given a number of epochs that is not known. */
  readonly givenEpochs: boolean;
  readonly counting: Counting;
}

/** All that is known of a chunk. */
export interface ChunkParts {
  readonly chunk: Chunk;
  readonly calls: ChunkCalls;
  readonly numbers: ChunkNumbers;
  readonly trainings: readonly FoundTraining[];
}

/** The trainings of a chunk: its calls of the given roles that are not for evaluation. */
export function trainingsIn(
  program: Program,
  textOf: TextOf,
  { apis }: ChunkCalls,
  { evaluations, byCall }: ChunkNumbers,
  roles: ReadonlySet<Api['role']>,
): FoundTraining[] {
  const found: FoundTraining[] = [];
  for (const [call, api] of apis) {
    if (!roles.has(api.role) || evaluations.has(call)) continue;
    const own = byCall.get(call) ?? {};
    // TensorFlow Datasets makes batches only where it is asked to.
    if (namesOnly(api) && !own.batchSize) continue;
    const samples = api.samples === null ? undefined : call.args[api.samples];
    const x = samples && !samples.spread ? samplesOf(program, samples.value) : null;
    const automatic = own.batchSize ? null : automaticSize(program, textOf, call, api);
    const makers = samples ? makersOf(program, samples.value) : [];
    found.push({
      call,
      api,
      own,
      makers,
      samples: x && foundNumber('datasetSize', x),
      dropsLast: dropsLastOf(program, call, makers),
      missingFlag: missingFlag(program, textOf, [call, ...makers]),
      validationSplit: validationSplit(program, call, api),
      insertions: insertionsFor(program.language, textOf, call, api, own),
      subject: subjectOf(call, api),
      modelMakers: makersOfModel(program, call, api.role === 'trains'),
      optimizers: optimizersOf(program, call, api),
      automatic: automatic?.written ?? null,
      automaticSize: automatic?.number ?? null,
      givenEpochs: !own.epochs && isGiven(program, call, api, 'epochs'),
      counting: countingOf(program, call, api),
    });
  }
  return found;
}

/** Whether the last batch is left out: by the number of batches that a call is told, else as they are made. */
function dropsLastOf(
  program: Program,
  call: CallExpr,
  makers: readonly CallExpr[],
): FoundTraining['dropsLast'] {
  const length = epochLengthOf(program, call);
  if (length === 'up' || length === 'down') return length === 'down';
  return dropsLast(program, [call, ...makers]);
}

/** Whether a call makes batches only by a keyword, and of nothing that stands in the call. */
function namesOnly({ library, role, parameters: { batchSize }, samples }: Api): boolean {
  return (
    library === 'tensorflow' &&
    role === 'batches' &&
    batchSize?.position === null &&
    samples === null
  );
}

function isGiven(program: Program, call: CallExpr, api: Api, kind: SiteKind): boolean {
  const parameter = api.parameters[kind];
  return parameter !== undefined && argumentOf(program, call, api, parameter) !== null;
}

/** The calls in the chain of what a training is given: one may be the `.batch(n)` of its dataset. */
function makersOf(program: Program, samples: Expr): CallExpr[] {
  // A function that makes the batches may be given their size.
  const makers: CallExpr[] = samples.type === 'call' ? [samples] : [];
  const queue: Expr[] = [samples];
  for (let steps = 0; steps < 40; steps++) {
    const expr = queue.shift();
    if (!expr) break;
    for (const { expr: value } of program.resolve(expr)) {
      if (value.type !== 'call') continue;
      makers.push(value);
      if (value.callee.type === 'member') queue.push(value.callee.object);
      const [first] = value.args;
      if (first && (lastName(value.callee) === 'zip' || value.callee.type === 'name'))
        queue.push(first.value);
    }
  }
  return makers;
}

function validationSplit(program: Program, call: CallExpr, api: Api): number | null {
  const keyword = call.args.find((argument) => argument.keyword === 'validation_split');
  let expr = keyword?.value;
  if (!expr && api.options !== null) {
    const options = call.args[api.options];
    for (const { expr: value } of options ? program.resolve(options.value) : [])
      if (value.type === 'object')
        expr ??= value.entries.find(({ key }) => key === 'validationSplit')?.value;
  }
  if (!expr) {
    const validates = call.args.some(({ keyword }) => keyword === 'validation_data');
    return validates ? null : (api.validationSplit ?? null);
  }
  const [found] = numbersOf(program, expr);
  return found && found.value > 0 && found.value < 1 ? found.value : null;
}
