import { countListed, modelParallelNames } from '../../counts';
import { plainName } from '../../names';
import { plainCounting, type Counting, type Site } from '../../site';
import type { Api } from '../knowledge/api';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import type { CallExpr, Expr } from '../read/syntax';
import { argumentOf } from './callArguments';
import { epochLengthOf, lengthOf } from './epochLength';
import type { TextOf } from './insertions';
import { numbersOf } from './numbers';
import { splitsOverDevices } from './regime';
import type { FoundNumber } from './recorder';

/** TRL's default: https://huggingface.co/docs/trl/grpo_trainer#trl.GRPOConfig */
const usualGenerations = 8;

/** How the framework behind a call counts updates, by what it is given. */
export function countingOf(program: Program, call: CallExpr, api: Api): Counting {
  const setsSteps = api.role === 'trains' && epochLengthOf(program, call) === 'own';
  const searches = api.searches ?? false;
  if (program.language !== 'python') return { ...plainCounting, setsSteps };
  const given: Given = (...names) =>
    call.args.find(({ keyword }) => keyword !== null && names.includes(keyword))?.value ?? null;
  const count = (...names: readonly string[]): number | null => countOf(program, given(...names));
  if (api.library === 'transformers') {
    const completions = api.parameters.batchSize?.counts === 'completions';
    return {
      ...plainCounting,
      steps: count('max_steps'),
      packs: isTrue(program, given('packing')),
      generations: completions ? (count('num_generations') ?? usualGenerations) : null,
      automatic: isTrue(program, given('auto_find_batch_size')) ? 'auto_find_batch_size' : null,
    };
  }
  if (api.library !== 'lightning') return { ...plainCounting, setsSteps, searches };
  return {
    ...plainCounting,
    // One process splits the batches that are written over its devices.
    devices: splitsOverDevices(call) ? null : devicesOf(program, given),
    steps: count('max_steps'),
    setsSteps: limitsBatches(program, given('limit_train_batches')),
  };
}

type Given = (...names: readonly string[]) => Expr | null;

/**
 * Devices of all machines together: https://lightning.ai/docs/pytorch/stable/common/trainer.html#num-nodes;
 * null where they or the machines are not known.
 */
function devicesOf(program: Program, given: Given): number | null {
  const devices = listedOrCounted(program, given('devices', 'gpus'));
  const several = given('num_nodes');
  const nodes = several ? countOf(program, several) : 1;
  if (devices === null || nodes === null) return null;
  const all = devices * nodes;
  const shared = sharingOf(program, given('strategy'));
  return all % shared === 0 ? all / shared : null;
}

/** Devices that share one model, and so one batch: `MegatronStrategy(tensor_model_parallel_size=4)`. */
function sharingOf(program: Program, strategy: Expr | null): number {
  const made = strategy ? program.resolve(strategy).map(({ expr }) => expr) : [];
  const args = made.flatMap((expr) => (expr.type === 'call' ? expr.args : []));
  return args
    .filter(({ keyword }) => keyword !== null && modelParallelNames.includes(plainName(keyword)))
    .reduce((all, { value }) => all * (countOf(program, value) ?? 1), 1);
}

/** `devices=4`, `devices=[0, 1]` and `devices="0,1"` */
function listedOrCounted(program: Program, devices: Expr | null): number | null {
  const counted = countOf(program, devices);
  if (counted !== null || !devices) return counted;
  const [value, ...others] = program.resolve(devices).map(({ expr }) => expr);
  if (others.length > 0) return null;
  if (value?.type === 'array') return value.items.length || null;
  return value?.type === 'string' ? countListed(value.value) : null;
}

/** https://lightning.ai/docs/pytorch/stable/common/trainer.html#limit-train-batches: 1.0 is all of them. */
function limitsBatches(program: Program, limit: Expr | null): boolean {
  if (limit === null || lastName(limit) === 'None' || isAll(limit)) return false;
  return lengthOf(program, limit) === 'own';
}

function isAll(limit: Expr): boolean {
  return limit.type === 'number' && limit.value === 1 && limit.to - limit.from > 1;
}

/** A batch size that a library is asked to choose: `-1`, `0.70`, `"auto"`. */
export function automaticSize(
  program: Program,
  textOf: TextOf,
  call: CallExpr,
  api: Api,
): { readonly written: string; readonly number: FoundNumber } | null {
  const parameter = api.parameters.batchSize;
  const given = parameter && argumentOf(program, call, api, parameter);
  if (!given) return null;
  const { expr, named } = given;
  const { chunk, from, to } = expr;
  const text = textOf(call).slice(chunk.base + from, chunk.base + to);
  const automatic = expr.type === 'string' ? expr.value === 'auto' : Number.isFinite(Number(text));
  if (!automatic || chunk.cell !== call.chunk.cell) return null;
  const owner = { call, library: api.library };
  const number: FoundNumber = {
    ...{ kind: 'batchSize', value: null, at: expr, quote: null, named, use: expr, call: owner },
    ...{ unlessStored: false, counts: null },
  };
  return { written: expr.type === 'string' ? expr.value : text, number };
}

const globalNames = new Set(['trainbatchsize', 'globalbatchsize', 'traintotalbatchsize']);
const microbatchNames = new Set(['trainmicrobatchsizepergpu', 'microbatchsize']);

export function namesMicrobatch({ kind, name }: Site): boolean {
  return kind === 'batchSize' && name !== null && microbatchNames.has(plainName(name));
}

/** The sizes of an update and of a microbatch, where a program names one of each. */
export function sizesBeside(sites: readonly Site[]): Pick<Counting, 'global' | 'microbatch'> {
  const only = (names: ReadonlySet<string>): number | null => {
    const values = new Set(
      sites.flatMap(({ kind, name, value }) =>
        kind === 'batchSize' && name !== null && names.has(plainName(name)) ? [value] : [],
      ),
    );
    const [first = null] = values;
    return values.size === 1 ? first : null;
  };
  const microbatch = only(microbatchNames);
  // Beside its microbatch, DeepSpeed's size is of a whole update.
  if (microbatch !== null)
    for (const site of sites)
      if (site.name === 'train_batch_size') Object.assign(site, { counts: 'global' });
  return { microbatch, global: microbatch === null ? null : only(globalNames) };
}

/** A number of something: what is known of it, and possible. */
function countOf(program: Program, expr: Expr | null): number | null {
  const [found, ...others] = expr ? numbersOf(program, expr) : [];
  if (!found || others.some(({ value }) => value !== found.value)) return null;
  return Number.isInteger(found.value) && found.value >= 1 ? found.value : null;
}

function isTrue(program: Program, expr: Expr | null): boolean {
  if (!expr || lastName(expr) === 'None') return false;
  return program.resolve(expr).some(({ expr: value }) => value.type === 'opaque' && value.flag);
}
