import { kindOfName, wordsOf } from '../../names';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import type { CallExpr, Expr } from '../read/syntax';

/**
 * How long an epoch is made by what a call is told: a number of batches or samples of its own, or one
 * that follows from the data, whose last batch counts (`up`), does not (`down`), or may.
 */
export type EpochLength = 'own' | 'up' | 'down' | 'all';

const batchNames = new Set(['steps_per_epoch', 'batchesPerEpoch']);
/** Of Keras 1: https://faroit.com/keras-docs/1.2.0/models/model/ */
const sampleName = 'samples_per_epoch';

/** Null for a call that is not told. */
export function epochLengthOf(program: Program, call: CallExpr): EpochLength | null {
  const [data = null] = call.args.map(({ value }) => value);
  const second = call.args[1];
  // https://www.tensorflow.org/versions/r2.0/api_docs/python/tf/keras/Model#fit_generator
  if (lastName(call.callee) === 'fit_generator' && second?.keyword === null && !second.spread)
    return lengthOf(program, second.value, data);
  for (const { keyword, value } of call.args) {
    const given =
      keyword === null && program.language === 'javascript' && value.type === 'object'
        ? value.entries
        : [{ key: keyword ?? '', value }];
    for (const { key, value: length } of given) {
      if (lastName(length) === 'None') continue;
      if (batchNames.has(key)) return lengthOf(program, length, data);
      if (key === sampleName) return countsSamples(length) ? 'all' : 'own';
    }
  }
  return null;
}

/** @param data what is trained on: its length is in batches */
export function lengthOf(program: Program, length: Expr, data: Expr | null = null): EpochLength {
  const found = new Set(
    program.resolve(length).map(({ expr }) => batchesIn(program, expr, data) ?? 'own'),
  );
  const [only = 'own'] = found;
  if (found.size > 1) return found.has('own') ? 'own' : 'all';
  return only;
}

/** How an expression counts the batches of data; null where it does not. */
function batchesIn(program: Program, expr: Expr, data: Expr | null): EpochLength | null {
  if (expr.type === 'binary') {
    const { operator, left, right } = expr;
    if (operator === '/' || operator === '//')
      return !isScaled(left) && (namesBatch(right) || isPart(left, right)) ? 'down' : null;
    // `n // size + 1`
    const inner =
      right.type === 'number' && (operator === '+' || operator === '-')
        ? batchesIn(program, left, data)
        : null;
    return inner && 'all';
  }
  if (expr.type !== 'call') return null;
  const { callee, args } = expr;
  const name = lastName(callee);
  const [first] = args;
  if (name === 'len' && first) return isData(first.value, data) ? 'all' : null;
  if (callee.type === 'member' && lengths.has(name)) return 'all';
  if (!rounding.has(name)) return null;
  const counts = args.map(({ value }) =>
    value.type === 'number' ? null : lengthOf(program, value, data),
  );
  const inner = counts.find((one) => one !== null);
  if (!inner || inner === 'own') return null;
  return name === 'ceil' && inner === 'down' ? 'up' : inner;
}

const rounding = new Set(['ceil', 'floor', 'round', 'trunc', 'max']);
const lengths = new Set(['cardinality', '__len__']);

/** `batch_size`, `loader.batch_size * devices` */
function namesBatch(expr: Expr): boolean {
  if (expr.type === 'binary')
    return expr.operator === '*' && (namesBatch(expr.left) || namesBatch(expr.right));
  const name = lastName(expr);
  return kindOfName(name) === 'batchSize' || name.toLowerCase() === 'batch';
}

/** `2 * n`: an epoch of another length than the data's. */
function isScaled(expr: Expr): boolean {
  return (
    expr.type === 'binary' &&
    expr.operator === '*' &&
    (expr.left.type === 'number' || expr.right.type === 'number')
  );
}

/** `len(rows) // 32` */
function isPart(samples: Expr, size: Expr): boolean {
  return size.type === 'number' && countsSamples(samples);
}

const counts = new Set(['samples', 'n', 'nb_sample', 'length', 'size']);

function countsSamples(expr: Expr): boolean {
  if (expr.type === 'call') return lastName(expr.callee) === 'len';
  if (expr.type === 'slice') return lastName(expr.object) === 'shape';
  const name = lastName(expr);
  return kindOfName(name) === 'datasetSize' || (expr.type === 'member' && counts.has(name));
}

const batched = /loader|gen|iter|data|ds$|batch|flow|seq/;

/** Whether it is what a call trains on, or named like batches of that. */
function isData(expr: Expr, data: Expr | null): boolean {
  const name = lastName(expr);
  if (name === '') return false;
  return name === (data && lastName(data)) || wordsOf(name).some((word) => batched.test(word));
}
