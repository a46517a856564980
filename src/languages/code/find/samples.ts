import { countsUpdates } from '../../names';
import { numbersOf, type SourceNumber } from './numbers';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import type { CallExpr, Expr } from '../read/syntax';

const deepest = 12;
const shaped = new Set([
  'zeros',
  'ones',
  'empty',
  'full',
  'fill',
  'normal',
  'uniform',
  'truncated_normal',
  'randomNormal',
  'randomUniform',
  'truncatedNormal',
  'randomUniformInt',
  'random_sample',
  'random',
  'randint',
  'randn',
  'rand',
  'standard_normal',
  'integers',
  'choice',
]);
/** The shape stands after the values. */
const tensors = new Set(['tensor', 'tensor2d', 'tensor3d', 'tensor4d', 'tensor5d', 'reshape']);
const generated = new Set([
  'make_classification',
  'make_regression',
  'make_blobs',
  'make_moons',
  'make_circles',
  'make_swiss_roll',
]);
/** Calls that keep the number of samples of what they are called on. */
const keeping = new Set([
  'astype',
  'float',
  'to',
  'cuda',
  'numpy',
  'toFloat',
  'div',
  'sub',
  'add',
  'mul',
  'cast',
  'asType',
  'shuffle',
  'batch',
  'map',
  'prefetch',
  'cache',
  'expandDims',
  'unsqueeze',
  'long',
  'type',
  'normalize',
  'clone',
  'copy',
  'double',
  'half',
]);
/** Calls that keep the number of samples of their first argument. */
const wrapping = new Set([
  'TensorDataset',
  'from_tensor_slices',
  'array',
  'asarray',
  'tensor',
  'from_numpy',
  'convert_to_tensor',
  'expand_dims',
  'cast',
  'DataLoader',
  'constant',
  'FloatTensor',
  'LongTensor',
  'zip',
  'as_tensor',
  'Variable',
  'to_categorical',
  'ArrayDataset',
  'stack',
]);

/** Where the source says how many samples an array or dataset holds: shapes, slices, `take`. */
export function samplesOf(program: Program, expr: Expr, depth = 0): SourceNumber | null {
  if (depth > deepest) return null;
  for (const { expr: value } of program.resolve(expr)) {
    const found = samplesIn(program, value, depth);
    if (found) return found;
  }
  return null;
}

function samplesIn(program: Program, expr: Expr, depth: number): SourceNumber | null {
  if (expr.type === 'slice') {
    const whole = expr.start === null || (expr.start.type === 'number' && expr.start.value === 0);
    return whole && expr.end
      ? positive(program, expr.end)
      : samplesOf(program, expr.object, depth + 1);
  }
  if (expr.type === 'binary') return samplesOf(program, expr.left, depth + 1);
  if (expr.type === 'array') {
    const [first] = expr.items;
    return first && first.type !== 'number' ? samplesOf(program, first, depth + 1) : null;
  }
  if (expr.type === 'object') {
    const [first] = expr.entries;
    return first ? samplesOf(program, first.value, depth + 1) : null;
  }
  return expr.type === 'call' ? samplesOfCall(program, expr, depth) : null;
}

function samplesOfCall(program: Program, call: CallExpr, depth: number): SourceNumber | null {
  const name = lastName(call.callee);
  const object = call.callee.type === 'member' ? call.callee.object : null;
  const positional = call.args.filter(({ keyword, spread }) => keyword === null && !spread);
  const [first, second] = positional;
  const named = call.args.find(
    ({ keyword }) => keyword === 'shape' || keyword === 'size' || keyword === 'n_samples',
  );
  if (generated.has(name)) {
    const count = named ?? first;
    return count ? positive(program, count.value) : null;
  }
  if (name === 'take')
    return first && !isBatched(program, object) ? positive(program, first.value) : null;
  if (shaped.has(name) || tensors.has(name)) {
    const shape = named ?? (tensors.has(name) && name !== 'reshape' ? second : first);
    const last = positional.at(-1);
    const found =
      (shape && shapeStart(program, shape.value)) ??
      (last && last !== shape ? shapeStart(program, last.value) : null);
    if (found) return found;
    const counted =
      named ??
      (name === 'rand' ||
      name === 'randn' ||
      name === 'zeros' ||
      name === 'ones' ||
      name === 'random' ||
      name === 'reshape'
        ? first
        : undefined);
    // `torch.randn(1000, 10)`: the shape without brackets.
    const plain = counted && positional.length >= 1 ? positive(program, counted.value) : null;
    if (plain) return plain;
  }
  if (name === 'slice' && second) {
    return shapeStart(program, second.value) ?? positive(program, second.value);
  }
  if (wrapping.has(name) && first) return samplesOf(program, first.value, depth + 1);
  if (object && (keeping.has(name) || name === 'reshape'))
    return samplesOf(program, object, depth + 1);
  return null;
}

/** Whether a dataset already holds batches, so that `take(100)` takes batches. */
function isBatched(program: Program, dataset: Expr | null, depth = 0): boolean {
  if (!dataset || depth > deepest) return false;
  return program.resolve(dataset).some(({ expr }) => {
    if (expr.type !== 'call' || expr.callee.type !== 'member') return false;
    const { object, property } = expr.callee;
    if (property === 'unbatch') return false;
    return property.endsWith('batch') || isBatched(program, object, depth + 1);
  });
}

/** The first dimension of a shape in brackets. */
function shapeStart(program: Program, shape: Expr): SourceNumber | null {
  for (const { expr } of program.resolve(shape)) {
    const [rows] = expr.type === 'array' ? expr.items : [];
    const found = rows && positive(program, rows);
    if (found) return found;
  }
  return null;
}

function positive(program: Program, expr: Expr): SourceNumber | null {
  const [found] = numbersOf(program, expr);
  if (found?.holder && countsUpdates(found.holder.name)) return null;
  return found && Number.isInteger(found.value) && found.value > 1 ? found : null;
}
