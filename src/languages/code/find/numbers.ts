import { countsDevices } from '../../counts';
import { kindOfName } from '../../names';
import { numberInText } from '../read/literals';
import { lastName } from '../program/passThrough';
import type { Program, Value } from '../program/program';
import type { BinaryExpr, Expr, Place } from '../read/syntax';

/** A number in the source that an expression takes its value from. */
export interface SourceNumber {
  readonly value: number;
  /** The literal to replace: a number, `2 ** 5`, or a string that holds a number. */
  readonly at: Place;
  readonly quote: string;
  readonly holder: Value['holder'];
  /** Whether it is multiplied by a number of devices: `16 * strategy.num_replicas_in_sync`. */
  readonly perDevice?: boolean;
}

/**
 * The numbers in the source that an expression may take its value from, the likeliest first.
 * @param batches whether the expression is a batch size
 */
export function numbersOf(program: Program, expr: Expr, batches = false): SourceNumber[] {
  const numbers: SourceNumber[] = [];
  for (const { expr: value, holder } of program.resolve(expr)) {
    const literal = literalNumber(value);
    if (literal) numbers.push(held(literal, holder));
    else if (value.type === 'binary') numbers.push(...scaled(program, value, holder, batches));
  }
  return numbers;
}

type Literal = Omit<SourceNumber, 'holder'>;

function held({ value, at, quote }: Literal, holder: Value['holder']): SourceNumber {
  return { value, at, quote, holder };
}

function literalNumber(expr: Expr): Literal | null {
  if (expr.type === 'number') return { value: expr.value, at: expr, quote: '' };
  if (expr.type === 'string') {
    const value = numberInText(expr.value);
    return value === null ? null : { value, at: expr, quote: expr.quote };
  }
  if (expr.type !== 'binary') return null;
  const value = constant(expr);
  return value === null ? null : { value, at: expr, quote: '' };
}

/** The value of arithmetic on literals alone: `2 ** 5`, `1 << 5`, `64 * 4`. */
function constant(expr: Expr, depth = 0): number | null {
  if (expr.type === 'number') return expr.value;
  if (expr.type !== 'binary' || depth > 8) return null;
  const left = constant(expr.left, depth + 1);
  const right = constant(expr.right, depth + 1);
  if (left === null || right === null) return null;
  const value = compute(expr.operator, left, right);
  return value !== null && Number.isFinite(value) ? value : null;
}

function compute(operator: string, left: number, right: number): number | null {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '//':
      return Math.floor(left / right);
    case '**':
      return left ** right;
    case '<<':
      return left * 2 ** right;
    default:
      return null;
  }
}

/**
 * `BATCH_SIZE * strategy.num_replicas_in_sync`: the factor that is named a batch size, or stands
 * beside a number of devices, where the other is only known at run time. With a known factor the
 * product is another number than the name.
 */
function scaled(
  program: Program,
  { operator, left, right }: BinaryExpr,
  product: Value['holder'],
  batches: boolean,
): SourceNumber[] {
  if (operator !== '*') return [];
  const devices = [left, right].filter((side) => countsDevices(nameOf(side)));
  const named = [left, right].filter((side) => kindOfName(lastName(side)) === 'batchSize');
  const [factor] = named.length > 0 ? named : devices.map((side) => (side === left ? right : left));
  if (!factor || named.length > 1 || devices.includes(factor)) return [];
  const other = factor === left ? right : left;
  const known = program.resolve(other).some(({ expr }) => literalNumber(expr));
  if (other.type === 'binary' || (known && devices.length === 0)) return [];
  // Not every product with a number of devices is a batch size.
  if (named.length === 0 && !batches) return [];
  const numbers: SourceNumber[] = [];
  for (const { expr, holder } of program.resolve(factor)) {
    const literal = literalNumber(expr);
    if (literal)
      numbers.push({ ...held(literal, holder ?? product), perDevice: devices.length > 0 });
  }
  return numbers;
}

/** `device_count` of `torch.cuda.device_count()`; `NUM_GPUS` of `int(os.environ["NUM_GPUS"])`. */
function nameOf(expr: Expr): string {
  if (expr.type !== 'call') return lastName(expr);
  const [first] = expr.args;
  const converted = lastName(expr.callee) === 'int' || lastName(expr.callee) === 'Number';
  return converted && first ? nameOf(first.value) : lastName(expr.callee);
}
