import { lastName } from './passThrough';
import type { Program } from './program';
import type { Argument, CallExpr, Expr } from './syntax';

const keywords = new Set(['drop_last', 'drop_remainder', 'dataloader_drop_last']);

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
 */
export function dropsLast(program: Program, makers: readonly CallExpr[]): boolean {
  const maker = makers.find(makesBatches);
  if (!maker) return false;
  const { callee, args } = maker;
  const keyword = args.find(isFlag);
  if (keyword) return says(program, keyword.value, true);
  const position = positionIn(lastName(callee));
  if (position === null) return false;
  const before = args.slice(0, position + 1);
  if (before.some((argument) => argument.keyword !== null || argument.spread)) return false;
  const given = before[position];
  // TensorFlow.js asks the opposite, and keeps the last batch by default.
  return given !== undefined && says(program, given.value, program.language === 'python');
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

function says(program: Program, value: Expr, flag: boolean): boolean {
  const flags = program
    .resolve(value)
    .flatMap(({ expr }) => (expr.type === 'opaque' && expr.flag !== undefined ? [expr.flag] : []));
  return flags.length > 0 && flags.every((found) => found === flag);
}
