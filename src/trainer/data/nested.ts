/** A list or typed array of numbers, or lists of such. */
export function isNested(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function isNumber(value: unknown): value is number | boolean | bigint {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';
}

/** No tensor has more axes; deeper lists would end the stack. */
const mostAxes = 16;

/**
 * The shape of nested lists of numbers: [] for a number, [2, 3] for two lists of three. Null where
 * lists of one level differ in shape, or something is not a number.
 */
export function nestedShape(value: unknown, depth = 0): readonly number[] | null {
  if (isNumber(value)) return [];
  if (!isNested(value) || depth === mostAxes) return null;
  if (!Array.isArray(value)) return [value.length];
  const list: readonly unknown[] = value;
  const inner = list.length === 0 ? [] : nestedShape(list[0], depth + 1);
  if (inner === null) return null;
  const expected = inner.join();
  for (const each of list) {
    if (inner.length === 0 ? !isNumber(each) : nestedShape(each, depth + 1)?.join() !== expected)
      return null;
  }
  return [list.length, ...inner];
}

/** Calls `take` with each number in row-major order; of values that nestedShape accepts. */
export function flatten(value: unknown, take: (value: number) => void): void {
  if (isNumber(value)) {
    take(Number(value));
  } else if (isNested(value)) {
    for (let index = 0; index < value.length; index++) flatten(value[index], take);
  }
}
