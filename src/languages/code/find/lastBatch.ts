import type { Addition } from '../../site';
import { apiOf } from '../knowledge/apis';
import { keywordInsertion, type TextOf } from './insertions';
import { spanOf } from './places';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import type { Argument, CallExpr, Chunk, Expr } from '../read/syntax';

const keywords = new Set([
  'drop_last',
  'drop_remainder',
  'dataloader_drop_last',
  'dropLast',
  'dropRemainder',
]);
/** tfjs-data's `batch(n, smallLastBatch)` by name: whether the last batch is kept. */
const keeping = 'smallLastBatch';

/** Where calls take the same flag without its name. */
const positions: Record<string, number> = {
  // https://www.tensorflow.org/api_docs/python/tf/data/Dataset#batch
  batch: 1,
  padded_batch: 3,
  ragged_batch: 1,
  // https://pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
  DataLoader: 8,
  BatchSampler: 2,
};

/**
 * Whether the last batch is left out where it is not full.
 * @param makers the calls that may have made the batches, the last in a chain first: of
 *   `text.batch(101, drop_remainder=True).batch(64)` the second decides
 * @returns `maybe` where a flag of theirs is only known at run time; null where none of them makes batches
 */
export function dropsLast(program: Program, makers: readonly CallExpr[]): boolean | 'maybe' | null {
  const maker = makers.find(makesBatches);
  if (!maker) return null;
  const { callee, args } = maker;
  const keyword = args.find(isFlag);
  if (keyword) return flagOf(program, keyword.value) ?? 'maybe';
  if (args.some((argument) => argument.spread || argument.keyword === 'batch_sampler')) return null;
  const position = positionIn(lastName(callee));
  if (position === null) return false;
  const before = args.slice(0, position + 1);
  if (before.some((argument) => argument.keyword !== null)) return false;
  const given = before[position];
  if (!given) return false;
  // TensorFlow.js asks the opposite, and keeps the last batch by default.
  const flag = flagOf(program, given.value);
  return flag === null ? 'maybe' : flag === (program.language === 'python');
}

/**
 * Whether a chunk gives such a flag anywhere and does not set it off: then it is not visible from
 * outside which batches it is for (a sampler, a factory, the settings of another module).
 */
export function mayDropLast(program: Program, { calls, objects }: Chunk): boolean {
  const drops = (key: string | null, value: Expr): boolean =>
    key === keeping
      ? flagOf(program, value) !== true
      : key !== null && keywords.has(key) && flagOf(program, value) !== false;
  return (
    calls.some(
      ({ callee, args }) =>
        lastName(callee) !== 'window' && args.some(({ keyword, value }) => drops(keyword, value)),
    ) || objects.some(({ entries }) => entries.some(({ key, value }) => drops(key, value)))
  );
}

/** Where the flag can be written that leaves a partial last batch out. */
export interface FoundFlag {
  readonly call: CallExpr;
  /** `drop_last=True` */
  readonly argument: string;
  /** Relative to the call's chunk. */
  readonly at: number;
  /** With what separates it from the arguments before. */
  readonly text: string;
}

/** The argument where its call stands now. */
export function addition({ call: { chunk }, argument, text, at }: FoundFlag): Addition {
  return { at: spanOf({ chunk, from: at, to: at }), argument, text };
}

/** Null where the call that makes the batches says something already, or is not known to take it. */
export function missingFlag(
  program: Program,
  textOf: TextOf,
  makers: readonly CallExpr[],
): FoundFlag | null {
  const call = makers.find(makesBatches);
  if (!call || program.language !== 'python' || call.args.some(decidesItself)) return null;
  const position = positionIn(lastName(call.callee));
  const positional = call.args.filter(({ keyword }) => keyword === null).length;
  if (position === null || positional > position) return null;
  const name = flagName(program, call);
  const argument = `${name}=True`;
  const found = name && keywordInsertion(textOf, call, argument);
  return found ? { call, argument, at: found.at, text: found.before } : null;
}

/** A sampler of batches leaves no choice; what is spread may hold the flag. */
function decidesItself(argument: Argument): boolean {
  return isFlag(argument) || argument.spread || argument.keyword === 'batch_sampler';
}

function flagName(program: Program, call: CallExpr): string | null {
  const { callee } = call;
  const library = apiOf(program, call)?.library;
  if (library === 'pytorch') return lastName(callee) === 'DataLoader' ? 'drop_last' : null;
  // The queues of TensorFlow 1 had a function of this name without the flag.
  const isMethod = program.qualify(callee) !== 'tensorflow.train.batch';
  return library === 'tensorflow' && isMethod ? 'drop_remainder' : null;
}

/** Windows over a series have the flag too. */
function makesBatches({ callee, args }: CallExpr): boolean {
  const name = lastName(callee);
  return positionIn(name) !== null || (name !== 'window' && args.some(isFlag));
}

function isFlag({ keyword }: Argument): boolean {
  return keyword !== null && keywords.has(keyword);
}

function positionIn(name: string): number | null {
  return Object.hasOwn(positions, name) ? (positions[name] ?? null) : null;
}

/** The flag that a value is known to be; null for none, or both. */
function flagOf(program: Program, value: Expr): boolean | null {
  const flags = new Set<boolean | null>();
  for (const { expr } of program.resolve(value))
    flags.add(expr.type === 'opaque' ? (expr.flag ?? null) : null);
  const [only] = flags;
  return flags.size === 1 ? (only ?? null) : null;
}
