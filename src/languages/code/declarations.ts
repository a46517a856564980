import { isCurrentEpoch, isTrainingBatchSize, kindOfName } from '../names';
import { Pace } from './pace';
import { lastName } from './passThrough';
import type { Program } from './program';
import type { Argument, CallExpr, Expr, StringExpr } from './syntax';

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
]);

/** Tells the program where options, fields, keys and assignments give settings their values. */
export function* declareSettings(program: Program): Generator<undefined> {
  const pace = new Pace();
  for (const call of program.calls) {
    if (pace.isDue()) yield;
    if (optionCalls.has(lastName(call.callee))) declareOption(program, call);
    else if (bags.has(lastName(call.callee)) || setsTraining(call)) {
      for (const { keyword, keywordAt, value } of call.args)
        if (keyword !== null && keywordAt && kindOfName(keyword) !== null)
          program.declare({ name: keyword, at: keywordAt, value, from: 'keyword', object: null });
    }
  }
  for (const chunk of program.chunks) {
    for (const object of chunk.objects) {
      if (pace.isDue()) yield;
      for (const { key, keyAt, value } of object.entries)
        if (isCurrentEpoch(key)) continue;
        else if (kindOfName(key) !== null && value.type !== 'object')
          program.declare({ name: key, at: keyAt, value, from: 'entry', object });
        else if (value.type === 'object' && kindOfName(key) !== null)
          declareDescribed(program, key, keyAt, value.entries);
    }
    for (const { target, value } of chunk.assignments) {
      if (pace.isDue()) yield;
      const { property, propertyAt } = target;
      const own = target.object.type === 'name' && target.object.name === 'self';
      if (!own && kindOfName(property) !== null && !isCurrentEpoch(property))
        program.declare({
          name: property,
          at: propertyAt,
          value,
          from: 'assignment',
          object: null,
        });
    }
    for (const { name, parameters } of chunk.functions) {
      if (pace.isDue()) yield;
      // Frameworks keep a constructor's arguments as settings (`self.hparams.lr`).
      if (name !== '__init__') continue;
      for (const parameter of parameters)
        if (parameter.value?.type === 'choice' && kindOfName(parameter.name) !== null)
          program.declare({
            ...{ name: parameter.name, at: parameter, value: parameter.value },
            ...{ from: 'field', object: null },
          });
    }
    for (const info of chunk.classes) {
      if (pace.isDue()) yield;
      for (const [name, [binding]] of info.fields) {
        if (binding?.value && kindOfName(name) !== null && !isCurrentEpoch(name))
          program.declare({ name, at: binding, value: binding.value, from: 'field', object: null });
      }
    }
  }
}

/** A call of any name that is given what only trainings have: `settings(micro_batch_size=4)`. */
function setsTraining({ args }: CallExpr): boolean {
  return args.some(({ keyword }) => keyword !== null && isTrainingBatchSize(keyword));
}

/** `{ 'batch-size': { type: 'number', default: 32 } }`: options described by objects. */
function declareDescribed(
  program: Program,
  name: string,
  at: Expr | { chunk: Expr['chunk']; from: number; to: number },
  entries: readonly { key: string; value: Expr }[],
): void {
  const found = entries.find(({ key }) => isDefaultKey(key));
  if (found) program.declare({ name, at, value: found.value, from: 'option', object: null });
}

function isDefaultKey(key: string): boolean {
  return key === 'default' || key === 'defaultValue' || key === 'value';
}

function declareOption(program: Program, call: CallExpr): void {
  const value = optionDefault(call.args, lastName(call.callee).startsWith('DEFINE_'));
  if (!value) return;
  for (const { name, at } of optionNames(call.args))
    program.declare({ name, at, value, from: 'option', object: null });
}

/** The names among `'-b', '--batch-size <n>'`, each with the string that holds it. */
function optionNames(args: readonly Argument[]): { name: string; at: StringExpr }[] {
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
      .filter((name) => kindOfName(name) !== null)
      .map((name) => ({ name, at })),
  );
}

function optionDefault(args: readonly Argument[], flags: boolean): Expr | null {
  const keyword = args.find((arg) => arg.keyword === 'default');
  if (keyword) return keyword.value;
  if (flags) return args[1]?.value ?? null;
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
