import type { Random } from '../../src/trainer/random/seededRandom';

/** Changes to real files that programs trip over. Each is decided by `random` alone. */

const bytes = [0, 1, 9, 10, 13, 34, 39, 44, 45, 48, 58, 91, 92, 93, 123, 125, 0x7f, 0x80, 0xff];
const words = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    'null',
    'NaN',
    'Infinity',
    '-1',
    '0',
    '1e308',
    '1e999',
  ],
  ...['9007199254740993', '4294967296', '2147483648', '-0', '""', '{}', '[]', 'true', '\\u0000'],
  ...['\\ud800', '\u{1f600}', '\ufeff', '../../etc/passwd', '"', "'", '\\', '\n', '\r\n', ',', ';'],
  ...[
    '\t',
    '/*',
    '*/',
    '//',
    '#',
    '&amp;',
    '<script>',
    '[x](command:y)',
    '%s',
    '{path}',
    '${HOME}',
  ],
];
const numbers = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

const below = (random: Random, limit: number) => Math.floor(random() * limit);
const pick = <T>(random: Random, from: readonly T[]): T => {
  const chosen = from[below(random, from.length)];
  if (chosen === undefined) throw new Error('Nothing to pick from.');
  return chosen;
};

type Mutation = (random: Random, input: Buffer, others: readonly Uint8Array[]) => Buffer;

const spliced = (input: Buffer, at: number, removed: number, added: Uint8Array) =>
  Buffer.concat([input.subarray(0, at), added, input.subarray(at + removed)]);

function part(random: Random, of: Uint8Array, most: number): Uint8Array {
  const from = below(random, of.length + 1);
  return of.subarray(from, from + below(random, most + 1));
}

const mutations: readonly Mutation[] = [
  (random, input) => {
    const changed = Buffer.from(input);
    const at = below(random, changed.length);
    changed[at] = (changed[at] ?? 0) ^ (1 << below(random, 8));
    return changed;
  },
  (random, input) => {
    const changed = Buffer.from(input);
    changed[below(random, changed.length)] = pick(random, bytes);
    return changed;
  },
  (random, input) => {
    const changed = Buffer.from(input);
    if (changed.length < 8) return changed;
    const at = below(random, changed.length - 4);
    const value = pick(random, numbers);
    if (random() < 0.5) changed.writeUInt32LE(value, at);
    else changed.writeUInt32BE(value, at);
    return changed;
  },
  (random, input) => input.subarray(0, below(random, input.length + 1)),
  (random, input) =>
    spliced(input, below(random, input.length), below(random, 64), new Uint8Array()),
  (random, input) =>
    spliced(input, below(random, input.length), below(random, 3), Buffer.from(pick(random, words))),
  (random, input) => spliced(input, below(random, input.length), 0, part(random, input, 256)),
  (random, input, others) =>
    spliced(input, below(random, input.length), 0, part(random, pick(random, others), 512)),
  (random, input) => {
    // A number in a text becomes another.
    const text = input.toString('latin1');
    const found = [...text.matchAll(/-?\d+(?:\.\d+)?/g)];
    if (found.length === 0) return input;
    const { 0: number, index } = pick(random, found);
    return spliced(input, index, number.length, Buffer.from(pick(random, words)));
  },
  (random, input) => {
    const piece = Buffer.from(pick(random, ['[', '{"a":', '(', '"', '\n', 'a,', ' ', '- ']));
    const times = 2 ** below(random, 13);
    return spliced(input, below(random, input.length), 0, Buffer.concat(Array(times).fill(piece)));
  },
];

/** One to six changes to one of the seeds; now and then the seed itself. */
export function mutated(random: Random, seeds: readonly Uint8Array[]): Buffer {
  let input = Buffer.from(pick(random, seeds));
  const changes = below(random, 7);
  for (let change = 0; change < changes; change++) {
    if (input.length === 0) return input;
    input = Buffer.from(pick(random, mutations)(random, input, seeds));
  }
  return input;
}

const values: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1,
    0.5,
    NaN,
    Infinity,
    -Infinity,
    1e308,
    2 ** 53,
    '',
    'x',
    '\u0000',
  ],
  ...[[], {}, [[]], '__proto__', 'constructor', '<img onerror=x>', '[x](command:y)'],
];
const keys = ['__proto__', 'constructor', 'toString', 'kind', 'type', 'id', 'name', 'length', ''];

/** A value like one of the seeds, with a few parts that are others. Not always valid JSON. */
export function mutatedValue(random: Random, seeds: readonly unknown[]): unknown {
  let value = structuredClone(pick(random, seeds));
  const changes = below(random, 5);
  for (let change = 0; change < changes; change++) value = changed(random, value, 0);
  return value;
}

function changed(random: Random, value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.1 || depth > 20)
    return replacement(random);
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<
    string,
    unknown
  >;
  const own = Object.keys(copy);
  const isNew = own.length === 0 || random() < 0.1;
  const key = isNew ? pick(random, Array.isArray(copy) ? ['0', '-1'] : keys) : pick(random, own);
  if (random() < 0.1) Reflect.deleteProperty(copy, key);
  else {
    const next = Object.hasOwn(copy, key)
      ? changed(random, copy[key], depth + 1)
      : replacement(random);
    Object.defineProperty(copy, key, {
      ...{ value: next, enumerable: true, configurable: true, writable: true },
    });
  }
  return copy;
}

function replacement(random: Random): unknown {
  if (random() < 0.02) return nested(10 ** (1 + below(random, 4)));
  return pick(random, values);
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}
