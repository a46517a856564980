import type * as z from 'zod';
import type { MessageId } from '../core/text/messages';
import { nearest, sameName } from '../core/text/nearest';
import type { Values } from '../core/text/problem';
import { valueAt, type Pointer } from './jsonText';
import { knownKeys, sections } from './knownKeys';
import type { RuleFailure } from './schemaParts';
import { nearestDuration } from './units';

/** What is wrong at a place in the config, before it has a file and a position. */
export interface Finding {
  readonly reason: MessageId;
  readonly values: Values;
  readonly pointer: Pointer;
  /** Whether the key or its value is marked. */
  readonly part: 'key' | 'value';
  /** The derived JSON schema rejects it too. */
  readonly schemaToo: boolean;
}

/** What to say where a value fits none of the forms a key may take. */
const formReasons: Readonly<Record<string, MessageId>> = {
  'data.validation': 'configNotValidation',
  'training.optimizer': 'configNotOptimizer',
  'tuning.batchSizes': 'configNotBatchSizes',
  'tuning.memoryLimit': 'configNotSize',
  'tuning.budget': 'configNotDuration',
  'trainer.cluster.ray': 'configNotRayAddress',
};

const formExamples: Readonly<Record<string, string>> = {
  'training.optimizer': '{ "name": "sgd", "momentum": 0.9 }',
  'tuning.batchSizes': '{ "min": 8, "max": 4096 }',
};

const typeReasons: Readonly<Record<string, MessageId>> = {
  string: 'configNotString',
  number: 'configNotNumber',
  int: 'configNotInteger',
  boolean: 'configNotBoolean',
  object: 'configNotObject',
  record: 'configNotObject',
  array: 'configNotList',
};

const examples: Readonly<Record<string, string>> = {
  model: '"model": { "topology": "model.json" }',
  data: '"data": { "train": "train.csv", "label": "species" }',
  'trainer.cluster.ray': '"ray": "auto"',
  'data.train': '"train": "train.csv"',
  'training.optimizer.name': '"name": "adam"',
  className: '"className": "Dense"',
  config: '"config": { "units": 10 }',
};

/** Other names in use for losses and backends, with what they are called here. */
const otherNames: Readonly<Record<string, string>> = {
  mse: 'meanSquaredError',
  mae: 'meanAbsoluteError',
  cce: 'categoricalCrossentropy',
  bce: 'binaryCrossentropy',
  gpu: 'webgpu',
  cuda: 'tensorflow',
  tf: 'tensorflow',
  tfjs: 'tensorflow',
};

/** A pointer as people read it: `tuning.batchSizes[2]`. */
export function keyName(pointer: Pointer): string {
  return pointer.reduce<string>(
    (name, key) =>
      typeof key === 'number' ? `${name}[${key}]` : name === '' ? key : `${name}.${key}`,
    '',
  );
}

/** A value as it stands in a file, shortened. */
export function shown(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) return 'null';
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}

/** Turns what zod found into findings in our own words. */
export function findingsOf(root: unknown, issue: z.core.$ZodIssue, base: Pointer = []): Finding[] {
  const pointer = [...base, ...issue.path] as Pointer;
  const actual = valueAt(root, pointer);
  const key = keyName(pointer);
  const one = (reason: MessageId, values: Values = {}, schemaToo = true): Finding[] => [
    {
      reason,
      values: { key, actual: shown(actual), ...values },
      pointer,
      part: 'value',
      schemaToo,
    },
  ];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((unknownKey) => unknownKeyFinding(pointer, unknownKey));
    case 'invalid_type':
      if (actual === undefined) return [missing(pointer)];
      return one(typeReasons[issue.expected] ?? 'configInvalid', { cause: issue.message });
    case 'invalid_value': {
      if (actual === undefined) return [missing(pointer)];
      return one(...notOneOf(actual, issue.values.map(String)));
    }
    case 'too_small': {
      if (issue.origin === 'string') return one('configEmptyText');
      if (issue.origin === 'array') return one('configEmptyList');
      const reason = issue.inclusive === false ? 'configNotAbove' : 'configBelow';
      return one(reason, { minimum: Number(issue.minimum) });
    }
    case 'too_big': {
      const reason = issue.inclusive === false ? 'configNotBelow' : 'configAbove';
      return one(reason, { maximum: Number(issue.maximum) });
    }
    case 'invalid_format': {
      const near = key === 'tuning.budget' && nearestDuration(String(actual));
      if (near) return one('configNotDurationNearest', { nearest: near });
      return one(formReasons[key] ?? 'configInvalid', { cause: issue.message });
    }
    case 'custom': {
      const failure = issue.params as RuleFailure | undefined;
      if (!failure) return one('configInvalid', { cause: issue.message }, false);
      const found = one(failure.reason, failure.values, false);
      return base.length === 0 ? found : found.map((finding) => ({ ...finding, part: 'value' }));
    }
    case 'invalid_union':
      return unionFindings(root, issue, pointer, actual);
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
      return one('configInvalid', { cause: issue.message });
  }
}

function missing(pointer: Pointer): Finding {
  const key = keyName(pointer);
  const last = String(pointer.at(-1) ?? '');
  return {
    reason: 'configMissing',
    values: { key, example: examples[key] ?? examples[last] ?? `"${last}": …` },
    pointer: pointer.slice(0, -1),
    part: 'key',
    schemaToo: true,
  };
}

function notOneOf(actual: unknown, options: readonly string[]): [MessageId, Values] {
  const listed = options.map((option) => `"${option}"`).join(', ');
  if (typeof actual !== 'string') return ['configNotOneOf', { options: listed }];
  const other = otherNames[actual.toLowerCase()];
  const near = other && options.includes(other) ? other : nearest(actual, options);
  return near === null
    ? ['configNotOneOf', { options: listed }]
    : ['configNotOneOfNearest', { options: listed, nearest: near }];
}

function unknownKeyFinding(parent: Pointer, unknownKey: string): Finding {
  const known = knownKeys(parent);
  const pointer = [...parent, unknownKey];
  const found = (reason: MessageId, values: Values): Finding => ({
    reason,
    values: { key: unknownKey, ...values },
    pointer,
    part: 'key',
    schemaToo: true,
  });
  const near = nearest(unknownKey, known);
  if (near !== null) return found('configUnknownKeyNearest', { nearest: near });
  const section = sections().find(
    (name) => name !== parent[0] && sameName(unknownKey, knownKeys([name])) !== null,
  );
  if (section !== undefined) return found('configMisplacedKey', { section });
  if (parent.length > 0 && sameName(unknownKey, knownKeys([])) !== null) {
    return found('configMisplacedTopKey', { section: keyName(parent) });
  }
  return found('configUnknownKey', { known: known.map((name) => `"${name}"`).join(', ') });
}

/**
 * A value that fits no form of a union: where it has the type of one form, that form's findings;
 * else one sentence that names the forms.
 */
function unionFindings(
  root: unknown,
  issue: z.core.$ZodIssueInvalidUnion,
  pointer: Pointer,
  actual: unknown,
): Finding[] {
  const key = keyName(pointer);
  if (actual === undefined) return [missing(pointer)];
  const sameType = issue.errors.find((issues) =>
    issues.every((each) => each.path.length > 0 || hasRightType(each, actual)),
  );
  if (sameType) return sameType.flatMap((each) => findingsOf(root, each, pointer));
  const reason = formReasons[key] ?? 'configInvalid';
  const example = formExamples[key] ?? '';
  return [
    {
      reason,
      values: { key, actual: shown(actual), example, cause: issue.message },
      pointer,
      part: 'value',
      schemaToo: true,
    },
  ];
}

function hasRightType(issue: z.core.$ZodIssue, actual: unknown): boolean {
  if (issue.code === 'invalid_type') return issue.expected === 'int' && typeof actual === 'number';
  return issue.code !== 'invalid_value' || typeof actual === 'string';
}
