import {
  describesOtherWork,
  isCurrentEpoch,
  isEvaluationName,
  isTrainingBatchSize,
  kindOfName,
  namesModelRunner,
  namesTraining,
} from '../../names';
import { lastName } from './passThrough';
import type {
  Argument,
  Binding,
  CallExpr,
  Chunk,
  ClassInfo,
  Expr,
  ObjectExpr,
  Place,
  StringExpr,
} from '../read/syntax';

/** A place that gives a property its value: an option, a field, an entry, an assignment. */
export interface Declaration {
  readonly name: string;
  readonly at: Place;
  readonly value: Expr;
  readonly object: ObjectExpr | null;
  /** What it is assigned to a property of, by its last name: `config` of `run.config.batch = 8`. */
  readonly owner?: string;
  /** Names around it that say whose it is: `val_dataloader` of `val_dataloader = dict(…)`. */
  readonly around?: readonly string[];
  /** Whether it is a batch size whatever its name: `batch` in a function that makes a configuration. */
  readonly inConfig?: boolean;
}

const optionCalls = new Set([
  'add_argument',
  'addArgument',
  'add_option',
  'option',
  'requiredOption',
  'options',
  'opt',
  'add_arg',
  'DEFINE_integer',
  'DEFINE_float',
  'DEFINE_int',
  'add_hparam',
]);
/** Calls that make a bag of settings out of their keywords. */
const bags = new Set([
  'dict',
  'Namespace',
  'SimpleNamespace',
  'ConfigDict',
  'AttrDict',
  'EasyDict',
  'edict',
  'Munch',
  'Box',
  'Config',
  'HParams',
  'Struct',
  'set_defaults',
]);

/** Where the options, fields, keys and assignments of a chunk give settings their values. */
export function declarationsIn(chunk: Chunk): {
  /** By calls: options of the command line, and keywords of bags. */
  readonly options: readonly Declaration[];
  readonly settings: readonly Declaration[];
} {
  const found: Declaration[][] = [];
  const around = new Map<CallExpr, readonly string[]>();
  // Outer calls are listed after those in their arguments, which they say something about.
  for (const call of chunk.calls.toReversed()) {
    const name = lastName(call.callee);
    if (optionCalls.has(name)) found.push(optionsOf(call));
    else if (name === 'setdefault') found.push(defaultOf(call));
    else if (bags.has(name) || setsTraining(call) || updatesTraining(call)) {
      if (call.args.some(({ keyword, value }) => takesEvaluationSplit(keyword, value))) continue;
      const names = [...(around.get(call) ?? []), ...(call.target === null ? [] : [call.target])];
      const own: Declaration[] = [];
      for (const { keyword, keywordAt, value } of call.args) {
        if (keyword === null || !keywordAt) continue;
        if (value.type === 'call') around.set(value, [...names, keyword]);
        if (kindOfName(keyword) !== null)
          own.push({ name: keyword, at: keywordAt, value, object: null, around: names });
      }
      found.push(own);
    }
  }
  return { options: found.toReversed().flat(), settings: settingsIn(chunk) };
}

function settingsIn({ objects, assignments, functions, classes, calls }: Chunk): Declaration[] {
  const found: Declaration[] = [];
  for (const object of objects) {
    if (object.entries.some(({ key, value }) => takesEvaluationSplit(key, value))) continue;
    for (const { key, keyAt, value } of object.entries) {
      if (isCurrentEpoch(key) || kindOfName(key) === null) continue;
      if (value.type !== 'object') found.push({ name: key, at: keyAt, value, object });
      else found.push(...described(key, keyAt, value.entries));
    }
  }
  for (const { target, value } of assignments) {
    const { object, property, propertyAt } = target;
    const own = object.type === 'name' && object.name === 'self';
    // `config.batch = 8` alone says nothing; handed to a loader it does.
    const setting = kindOfName(property) !== null || property === 'batch';
    const handedOn = isHandedOn(property, lastName(object), value, calls);
    if (!own && setting && !isCurrentEpoch(property) && !handedOn)
      found.push({
        ...(inConfig(object) ? { inConfig: true } : {}),
        name: property,
        at: propertyAt,
        value,
        object: null,
        owner: lastName(object),
      });
  }
  for (const { name, parameters, owner } of functions) {
    // Frameworks keep a constructor's arguments as settings (`self.hparams.lr`).
    if (name !== '__init__' || (owner?.classInfo && isForOtherWork(owner.classInfo))) continue;
    for (const parameter of parameters) {
      const { name: given, value } = parameter;
      if (value?.type === 'choice' && kindOfName(given) !== null)
        found.push({ name: given, at: parameter, value, object: null });
    }
  }
  for (const { fields } of classes)
    for (const [first] of fields.values()) {
      const declaration = first && fieldDeclaration(first);
      if (declaration) found.push(declaration);
    }
  return found;
}

/**
 * `args.train_batch_size = 1` where the size was handed to a dataset before, which yields whole batches:
 * the loader's samples are those.
 */
function isHandedOn(name: string, owner: string, value: Expr, calls: Chunk['calls']): boolean {
  if (value.type !== 'number' || value.value !== 1) return false;
  return calls.some(({ args }) =>
    args.some(
      ({ keyword, value: given }) =>
        keyword !== null &&
        kindOfName(keyword.replace(/^default_/, '')) === 'batchSize' &&
        given.type === 'member' &&
        given.property === name &&
        lastName(given.object) === owner,
    ),
  );
}

/** Whether something is set on the configuration that a `get_config` puts together. */
function inConfig(object: Expr): boolean {
  let at = object;
  while (at.type === 'member') at = at.object;
  return at.type === 'name' && at.scope.functionInfo?.name === 'get_config';
}

/** `train_dataloader.update(batch_size=4)`: an inherited configuration is changed. */
function updatesTraining({ callee }: CallExpr): boolean {
  if (callee.type !== 'member' || callee.property !== 'update') return false;
  return namesTraining(lastName(callee.object));
}

/** `epoch: int = 50` of a parameter or an option is how far a training goes; elsewhere where it stands. */
export function isEpochCount(name: string, value: Expr | null): boolean {
  return isCurrentEpoch(name) && value?.type === 'number' && value.value > 1;
}

/** What a field of a class sets, or null. */
export function fieldDeclaration(field: Binding): Declaration | null {
  const { name, value } = field;
  if (!value || kindOfName(name) === null || isCurrentEpoch(name)) return null;
  if (isOfOtherWork(name, value)) return null;
  const { classInfo } = field.scope;
  if (classInfo && isForOtherWork(classInfo)) return null;
  return { name, at: field, value, object: null };
}

/** Whether a class runs a model, or holds settings of what runs one, and has no method that trains. */
export function isForOtherWork({ name, methods, open }: ClassInfo): boolean {
  if (name === null || open.length > 0 || !namesModelRunner(name)) return false;
  return [...methods.keys()].every((method) => !learning.has(method) && !namesTraining(method));
}

const learning = new Set(['fit', 'update', 'learn', 'optimize', 'configure_optimizers']);

/**
 * A call of any name that is given what only trainings have: `settings(micro_batch_size=4)`, or
 * `run(batch_size=64, max_epochs=10)`.
 */
function setsTraining({ callee, args }: CallExpr): boolean {
  let sized = false;
  let trains = false;
  for (const { keyword, value } of args) {
    if (keyword === null) continue;
    if (isTrainingBatchSize(keyword)) return true;
    const kind = kindOfName(keyword);
    sized ||= kind === 'batchSize';
    const told = kind === 'learningRate' || kind === 'epochs' || kind === 'accumulation';
    trains ||= told && value.type === 'number';
  }
  // `PPO(batch_size=64, n_epochs=10)` goes through every rollout ten times.
  const name = lastName(callee);
  return sized && ((trains && name !== name.toUpperCase()) || startsTraining(name));
}

/** `split='validation'` beside other settings of a data set. */
function takesEvaluationSplit(name: string | null, value: Expr): boolean {
  const splits = name === 'split' || name === 'subset';
  return splits && value.type === 'string' && isEvaluationName(value.value);
}

/** `learn(env, optim_batchsize=64)` */
export function startsTraining(name: string): boolean {
  return name === 'learn' || name === 'train';
}

/** `{ 'batch-size': { type: 'number', default: 32 } }`: options described by objects. */
function described(
  name: string,
  at: Place,
  entries: readonly { key: string; value: Expr }[],
): Declaration[] {
  const found = entries.find(({ key }) => isDefaultKey(key));
  return found ? [{ name, at, value: found.value, object: null }] : [];
}

function isDefaultKey(key: string): boolean {
  return key === 'default' || key === 'defaultValue' || key === 'value';
}

function optionsOf({ callee, args }: CallExpr): Declaration[] {
  const called = lastName(callee);
  const second = called.startsWith('DEFINE_') || called === 'add_hparam';
  const value = optionDefault(args, second);
  if (!value || textsOn(args).some(describesOtherWork)) return [];
  const sized = args.some(
    ({ keyword, value: help }) =>
      keyword === 'help' &&
      help.type === 'string' &&
      help.value.toLowerCase().includes('batch size'),
  );
  return optionNames(args, sized).map(({ name, at }) => {
    const declaration = { name, at, value, object: null };
    return kindOfName(name) === null ? { ...declaration, inConfig: true } : declaration;
  });
}

/** `kwargs.setdefault('batch_size', 1)` */
function defaultOf({ args }: CallExpr): Declaration[] {
  const [key, value] = args;
  if (key?.value.type !== 'string' || !value || kindOfName(key.value.value) === null) return [];
  return [{ name: key.value.value, at: key.value, value: value.value, object: null }];
}

/**
 * Whether a setting is described as one of other work than training:
 * `batch_size: int = field(default=16, metadata={'help': 'Batch size for indexing.'})`.
 */
export function isOfOtherWork(name: string, value: Expr): boolean {
  if (value.type !== 'call' || namesTraining(name) || isTrainingBatchSize(name)) return false;
  return textsOn(value.args).some(describesOtherWork);
}

const describing = new Set(['help', 'description', 'metadata']);

/** What is said of an option or field: `help="…"`, `metadata={'help': '…'}`, the last text of absl's flags. */
function textsOn(args: readonly Argument[]): string[] {
  const texts: string[] = [];
  args.forEach(({ keyword, value }, index) => {
    const flagText = keyword === null && index === 2 && value.type === 'string';
    if (!flagText && (keyword === null || !describing.has(keyword))) return;
    if (value.type === 'string') texts.push(value.value);
    else if (value.type === 'object')
      for (const entry of value.entries)
        if (describing.has(entry.key) && entry.value.type === 'string')
          texts.push(entry.value.value);
  });
  return texts;
}

/**
 * The names among `'-b', '--batch-size <n>'`, each with the string that holds it.
 * @param sized whether `--batch` is said to be a batch size
 */
function optionNames(
  args: readonly Argument[],
  sized: boolean,
): { name: string; at: StringExpr }[] {
  const strings: StringExpr[] = [];
  for (const { keyword, value } of args) {
    if (keyword !== null && keyword !== 'name') continue;
    if (value.type === 'string') strings.push(value);
    else if (value.type === 'array')
      strings.push(...value.items.filter((item): item is StringExpr => item.type === 'string'));
  }
  // A help text of several words is no name.
  const names = strings
    .slice(0, 4)
    .filter(({ value }, index) => value.startsWith('-') || index === 0 || !value.includes(' '));
  return names.flatMap((at) =>
    at.value
      .split(',')
      .map((part) => part.trim().split(' ')[0] ?? '')
      .filter((name) => kindOfName(name) !== null || (sized && name === '--batch'))
      .map((name) => ({ name, at })),
  );
}

/** @param second whether the second argument is the default */
function optionDefault(args: readonly Argument[], second: boolean): Expr | null {
  const keyword = args.find((arg) => arg.keyword === 'default');
  if (keyword) return keyword.value;
  if (second) return args[1]?.value ?? null;
  for (const { value } of args) {
    if (value.type !== 'object') continue;
    const found = value.entries.find(({ key }) => isDefaultKey(key));
    if (found) return found.value;
  }
  // commander: flags, description, parser, default.
  const last = args.at(-1);
  if (!last || last.keyword !== null || args.length < 3) return null;
  return last.value.type === 'number' || last.value.type === 'string' || last.value.type === 'name'
    ? last.value
    : null;
}
