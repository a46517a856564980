import {
  isCurrentEpoch,
  isTrainingBatchSize,
  kindOfName,
  namesHyperparameter,
  namesTraining,
  plainName,
} from '../../names';
import type { Library } from '../../site';
import { declarationsIn, isEpochCount, startsTraining, type Declaration } from './declarations';
import { foreignModules, libraryOf } from './frameworks';
import { callKey, classKey, memberKey, nameKey, returnKey, settingKey } from './keys';
import { lastName } from './passThrough';
import type { Binding, CallExpr, Chunk, Expr, FunctionInfo, Scope } from '../read/syntax';

type Grouped<T> = ReadonlyMap<string, readonly T[]>;

/** What a chunk shows by itself, whatever stands in other chunks. */
export interface ChunkFacts {
  /** Bindings, fields, methods and returned values for scopes of other chunks, by their keys. */
  readonly names: Grouped<Binding>;
  readonly fields: Grouped<Binding>;
  readonly methods: Grouped<FunctionInfo>;
  readonly returns: Grouped<Expr>;
  /** The keys of `fields` by the plain name of the field. */
  readonly fieldKeys: Grouped<string>;
  readonly callers: Grouped<CallExpr>;
  /** Options and keywords that set something; they outrank the others. */
  readonly options: readonly Declaration[];
  readonly settings: readonly Declaration[];
  /** The same by plain name. */
  readonly optionsByName: Grouped<Declaration>;
  readonly settingsByName: Grouped<Declaration>;
  readonly libraries: readonly Library[];
  /** A machine-learning module whose names are all imported. */
  readonly star: string | null;
  /** Whether it imports a package that has batches of its own. */
  readonly foreign: boolean;
  /** Whether it sets a number of epochs, a learning rate or gradient accumulation. */
  readonly namesSettings: boolean;
  /** Whether it gives one of them a number: `lr = readLastRow()` sets no learning rate. */
  readonly numbersSettings: boolean;
  /** Whether it changes the batch size of a configuration that it hands out. */
  readonly overrides: boolean;
  /** Whether it defines what a training framework calls. */
  readonly definesStep: boolean;
  /**
   * Whether it is a configuration by itself: it changes the batch size of another one, makes a loader
   * for training out of settings, or sets what only trainings have.
   */
  readonly configures: boolean;
  /** Whether it is a whole program, started as one. */
  readonly isScript: boolean;
  /** Whether it imports what tests are written with. */
  readonly isTest: boolean;
  /** Whether it has functions as pytest runs them; training scripts have `test_epoch(model)`, too. */
  readonly mayTest: boolean;
  /** Every key under which it gives or takes something: what changes when it comes or goes. */
  readonly keys: ReadonlySet<string>;
}

const known = new WeakMap<Chunk, ChunkFacts>();

export function factsOf(chunk: Chunk): ChunkFacts {
  let facts = known.get(chunk);
  if (!facts) known.set(chunk, (facts = gather(chunk)));
  return facts;
}

function gather(chunk: Chunk): ChunkFacts {
  const names = new Map<string, Binding[]>();
  const fields = new Map<string, Binding[]>();
  const methods = new Map<string, FunctionInfo[]>();
  const returns = new Map<string, Expr[]>();
  const fieldKeys = new Map<string, string[]>();
  for (const item of chunk.exports) {
    switch (item.kind) {
      case 'name':
        push(names, nameKey(item.owner, item.name), item.binding);
        break;
      case 'field': {
        const key = memberKey(item.owner, item.name);
        if (!fields.has(key)) push(fieldKeys, plainName(item.name), key);
        push(fields, key, item.binding);
        break;
      }
      case 'method':
        push(methods, memberKey(item.owner, item.name), item.method);
        break;
      case 'return':
        push(returns, returnKey(item.owner), item.value);
        break;
    }
  }
  const callers = new Map<string, CallExpr[]>();
  for (const call of chunk.calls) push(callers, lastName(call.callee), call);
  const declared = declarationsIn(chunk);
  const optionsByName = byName(declared.options);
  const settingsByName = byName(declared.settings);
  const modules = modulesIn(chunk, callers.get('require') ?? []);
  const libraries = new Set<Library>();
  for (const module of modules) {
    const library = libraryOf(module);
    if (library !== null) libraries.add(library);
  }
  const overrides = overridesConfig(chunk);
  const star = chunk.modules.find((module) => module.endsWith('.*') && libraryOf(module) !== null);
  const keys = new Set<string>();
  for (const table of [names, fields, methods, returns])
    for (const key of table.keys()) keys.add(key);
  for (const name of callers.keys()) keys.add(callKey(name));
  for (const table of [optionsByName, settingsByName, fieldKeys])
    for (const plain of table.keys()) keys.add(settingKey(plain));
  addBodyKeys(chunk, keys);
  return {
    names,
    fields,
    methods,
    returns,
    fieldKeys,
    callers,
    options: declared.options,
    settings: declared.settings,
    optionsByName,
    settingsByName,
    libraries: [...libraries],
    star: star?.slice(0, -2) ?? null,
    foreign: modules.some(isForeign),
    configures:
      overrides ||
      configuresLoader(chunk) ||
      setsHyperparameters(chunk, declared) ||
      offersModelOptions(callers.get('add_argument') ?? []),
    isScript: chunk.isScript,
    isTest:
      modules.some(isTesting) ||
      chunk.classes.some(
        ({ name, bases, methods: own }) =>
          isTestClass(name, own) || bases.some((base) => lastName(base) === 'TestCase'),
      ),
    mayTest: chunk.functions.some(
      ({ name, parameters }) => name?.startsWith('test_') && parameters.length === 0,
    ),
    namesSettings: setsAny(chunk, declared, () => true),
    overrides,
    numbersSettings: setsAny(chunk, declared, (value) => holdsNumber(value)),
    definesStep:
      chunk.functions.some(({ name }) => isStep(name) || name === 'configure_optimizers') ||
      chunk.classes.some(({ methods: own }) => own.has('training_step')),
    keys,
  };
}

function byName(declarations: readonly Declaration[]): Map<string, Declaration[]> {
  const named = new Map<string, Declaration[]>();
  for (const declaration of declarations) push(named, plainName(declaration.name), declaration);
  return named;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** What the chunks of its long bodies see of the chunk around them. */
function addBodyKeys({ bodies }: Chunk, keys: Set<string>): void {
  for (const { scope, own } of bodies) {
    if (!own) continue;
    keys.add(classKey(scope));
    for (const member of [own.classInfo?.fields, own.classInfo?.methods])
      for (const name of member?.keys() ?? []) keys.add(memberKey(scope, name));
    let outer: Scope | null = own;
    do {
      for (const name of outer.bindings.keys()) keys.add(nameKey(scope, name));
      outer = outer.parent;
    } while (outer && !outer.shared);
  }
}

function modulesIn({ modules, bindings }: Chunk, required: readonly CallExpr[]): string[] {
  const found = [...modules];
  for (const { imported } of bindings) if (imported !== null) found.push(imported);
  for (const { args } of required) {
    const [first] = args;
    if (first?.value.type === 'string') found.push(first.value.value);
  }
  return found;
}

/**
 * `get_config` that sets a batch size on what it was given by another: absl reads configurations of
 * experiments so (https://github.com/google/ml_collections#config-flags). Functions that hand out `hparams`
 * (https://tensorflow.github.io/tensor2tensor/) do the same.
 */
function overridesConfig({ functions, assignments }: Chunk): boolean {
  return functions.some(({ name, returns }) =>
    returns
      .map(updated)
      .some(
        (value) =>
          value.type === 'name' &&
          (name === 'get_config' || name === 'get_default_config' || value.name === 'hparams') &&
          assignments.some(
            ({ target }) =>
              target.object.type === 'name' &&
              target.object.name === value.name &&
              target.object.scope === value.scope &&
              kindOfName(target.property) === 'batchSize',
          ),
      ),
  );
}

/** `config` of `update_config(config, changes)` */
function updated(value: Expr): Expr {
  return value.type === 'call' ? (value.args[0]?.value ?? value) : value;
}

/**
 * `learn(optim_batchsize=64)`, or `train_dataloader = dict(batch_size=8)`, as OpenMMLab's configurations
 * have it, alone or over a `_base_` (https://mmengine.readthedocs.io/en/latest/advanced_tutorials/config.html).
 */
function configuresLoader({ bindings, calls }: Chunk): boolean {
  const inherits = bindings.some(({ name }) => name === '_base_');
  return calls.some(({ callee, args, target }) => {
    const sized = args.some(
      ({ keyword }) => keyword !== null && kindOfName(keyword) === 'batchSize',
    );
    if (!sized) return false;
    const name = lastName(callee);
    if (startsTraining(name)) return true;
    if (name === 'dict' && target !== null)
      return isTrainLoader(target) || (target === 'data' && hasKey(args, 'samples_per_gpu'));
    return name === 'update' && inherits;
  });
}

/** The name of a loader of batches to train with. */
export function isTrainLoader(name: string): boolean {
  return namesTraining(name) && plainName(name).endsWith('loader');
}

function hasKey(args: CallExpr['args'], key: string): boolean {
  return args.some(({ keyword }) => keyword === key);
}

/** Numbers under names that only trainings have: `weight_decay = 0.05`, `min_lr: float = 6e-5`. */
function setsHyperparameters({ bindings, exports }: Chunk, declared: Declared): boolean {
  const sets = (name: string, value: Expr | null): boolean =>
    value !== null && namesHyperparameter(name) && holdsNumber(value);
  return (
    bindings.some(({ name, role, value }) => role !== 'parameter' && sets(name, value)) ||
    exports.some((item) => item.kind === 'field' && sets(item.name, item.binding.value)) ||
    [...declared.options, ...declared.settings].some(({ name, value }) => sets(name, value))
  );
}

/** Options of programs that train or run networks. */
const modelOptions = new Set(
  'gpuids gpuid ngpu ngpus dataroot dropout ngf ndf inputnc outputnc netg netd inittype backbone pretrained imgsize imagesize cropsize loadsize hiddensize hiddendim embeddim numlayers numclasses nclasses optimizer optim'.split(
    ' ',
  ),
);
const fewestOptions = 2;

/** Whether a command line has several options that only programs about networks have. */
function offersModelOptions(calls: readonly CallExpr[]): boolean {
  const names = new Set<string>();
  for (const { args } of calls)
    for (const { value } of args.slice(0, 2))
      if (value.type === 'string' && modelOptions.has(plainName(value.value)))
        names.add(plainName(value.value));
  return names.size >= fewestOptions;
}

const testing = new Set(['unittest', 'pytest', 'vitest', 'jest', 'mocha']);

/** Whether tests are written with a module; others mock with one, too. */
function isTesting(module: string): boolean {
  const [name = '', part] = module.split('.');
  return testing.has(name) && part !== 'mock';
}

/** `class TestLoader` of methods `test_length`, as pytest runs them. */
function isTestClass(name: string | null, methods: ReadonlyMap<string, unknown>): boolean {
  return (
    name !== null &&
    name.startsWith('Test') &&
    [...methods.keys()].some((each) => each.startsWith('test_'))
  );
}

function isForeign(module: string): boolean {
  return foreignModules.some(
    (name) => module === name || module.startsWith(`${name}.`) || module.startsWith(`${name}/`),
  );
}

function isStep(name: string | null): boolean {
  return name === 'training_step';
}

type Declared = ReturnType<typeof declarationsIn>;

function setsAny(
  { bindings, exports }: Chunk,
  { options, settings }: Declared,
  accepts: (value: Expr | null) => boolean,
): boolean {
  return (
    bindings.some(
      ({ name, role, value }) =>
        value !== null &&
        value.type !== 'parameter' &&
        (isTelling(name, value) || (role === 'parameter' && isEpochCount(name, value))) &&
        accepts(value),
    ) ||
    exports.some(
      (item) =>
        item.kind === 'field' &&
        isTelling(item.name, item.binding.value) &&
        accepts(item.binding.value),
    ) ||
    options.some(({ name, value }) => isEpochCount(name, value) && accepts(value)) ||
    [...options, ...settings].some(({ name, value }) => isTelling(name, value) && accepts(value))
  );
}

/** Whether a number stands in a value: itself, as a default or in what is made of it. */
function holdsNumber(value: Expr | null, depth = 0): boolean {
  if (!value || depth > 4) return false;
  switch (value.type) {
    case 'number':
      return true;
    case 'string':
      return value.value !== '' && Number.isFinite(Number(value.value));
    case 'choice':
      return value.options.some((option) => holdsNumber(option, depth + 1));
    case 'array':
      return value.items.some((item) => holdsNumber(item, depth + 1));
    case 'binary':
      return holdsNumber(value.left, depth + 1) || holdsNumber(value.right, depth + 1);
    case 'call':
      return value.args.some((argument) => holdsNumber(argument.value, depth + 1));
    case 'name':
    case 'member':
    case 'slice':
    case 'object':
    case 'parameter':
    case 'function':
    case 'opaque':
      return false;
  }
}

function isTelling(name: string, value: Expr | null): boolean {
  const kind = kindOfName(name);
  if (kind === 'learningRate' || kind === 'accumulation') return true;
  if (kind === 'epochs') return !isCurrentEpoch(name);
  return isTrainingBatchSize(name) || (namesHyperparameter(name) && holdsNumber(value));
}
