import { countsDevices } from '../../counts';
import { kindOfName, plainName, wordsOf } from '../../names';
import type { Api } from '../knowledge/api';
import { lastName, passedThrough } from '../program/passThrough';
import type { Binding, CallExpr, Chunk, Expr } from '../read/syntax';

/** What a chunk shows of the way its program trains, wherever its batch sizes stand. */
export interface Regime {
  /** Whether it draws batches at random, as from what an agent experienced. */
  readonly draws: boolean;
  /** Whether it sets a number of updates after which training ends. */
  readonly limitsUpdates: boolean;
  /** Whether every process has a loader of its own. */
  readonly spreads: boolean;
  /** Whether every process may have one: it imports what only such processes take. */
  readonly maySpread: boolean;
  /** Whether it sets up trlx, which makes the model and a loader in each process. */
  readonly runsTrlx: boolean;
  /** Whether one process splits its batches over devices. */
  readonly splits: boolean;
  /** Whether it is a program of Tensor2Tensor, which counts for each device. */
  readonly perShard: boolean;
  /** Whether it divides a batch size by the number of devices. */
  readonly divides: boolean;
  /** Whether it multiplies a learning rate by a batch size. */
  readonly scalesRate: boolean;
  /** Whether it has an option to multiply the rate so, which is off by default. */
  readonly mayScaleRate: boolean;
  /** Whether it says of how many samples an epoch is made, whatever the data set holds. */
  readonly setsEpoch: boolean;
  /** Whether it has networks whose layers stand elsewhere. */
  readonly hidesLayers: boolean;
}

const loading = /^(dl|data|it|iter)$|loader/;

const spreading = new Set([
  'DistributedSampler',
  'DistributedDataParallel',
  'DDP',
  'init_process_group',
  'init_distributed_mode',
  'init_distributed',
  'init_dist',
  'setup_dist',
  'setup_distributed',
  'setup_ddp',
  'ddp_setup',
]);
/** What only a process of many takes from another module. */
const spreadingImports = new Set([
  'DistributedSampler',
  'DistributedDataParallel',
  // https://detectron2.readthedocs.io/en/latest/modules/data.html#detectron2.data.samplers.TrainingSampler
  'TrainingSampler',
]);
const shardKeywords = new Set(['num_shards', 'num_replicas', 'world_size']);
const processCounts = new Set(['Get_size', 'get_world_size']);

export function regimeOf(chunk: Chunk, apis: ReadonlyMap<CallExpr, Api>): Regime {
  const { calls, bindings, assignments, classes } = chunk;
  const values = [...bindings, ...assignments].flatMap(({ value }) => (value ? [value] : []));
  const batches = new Set(
    [...apis].flatMap(([{ target }, { role }]) => (role === 'batches' ? (target ?? []) : [])),
  );
  return {
    draws:
      [...apis.values()].some((api) => api.draws) ||
      calls.some(drawsAgain) ||
      bindings.some(({ name }) => namesExperience(name)) ||
      classes.some(({ name }) => name !== null && namesExperience(name)) ||
      calls.some(({ callee, args }) =>
        [lastName(callee), ...args.map(({ keyword }) => keyword ?? '')].some(namesExperience),
      ),
    limitsUpdates: bindings.some(({ name, value }) => value !== null && limitsUpdates(name)),
    spreads: calls.some(
      (call) =>
        spreading.has(lastName(call.callee)) ||
        startsGroup(call) ||
        takesShard(call) ||
        preparesLoaders(call, batches),
    ),
    runsTrlx: imports(bindings, 'trlx'),
    maySpread: bindings.some(({ name, role }) => role === 'import' && spreadingImports.has(name)),
    splits: calls.some(splitsOverDevices),
    perShard: imports(bindings, 'tensor2tensor') && !imports(bindings, 'mesh_tensorflow'),
    divides:
      bindings.some(splitsBatches) ||
      calls.some(splitsItsBatches) ||
      values.some(dividesByDevices) ||
      calls.some(({ args }) => args.some(({ value }) => dividesByDevices(value))),
    scalesRate: values.some(scalesRate),
    mayScaleRate: calls.some(offersScaling) || bindings.some(declinesScaling),
    setsEpoch: calls.some(drawsSomeSamples),
    hidesLayers:
      calls.some(({ callee }) => namesNetwork(lastName(callee))) ||
      bindings.some(({ name, role }) => role === 'import' && namesNetwork(name)),
  };
}

/** `RandomSampler(rows, replacement=True)`: samples come back before others came. */
function drawsAgain({ callee, args }: CallExpr): boolean {
  return (
    lastName(callee) === 'RandomSampler' &&
    args.some(({ keyword, value }) => keyword === 'replacement' && isTrue(value))
  );
}

/** `RandomSampler(rows, num_samples=5000)`: an epoch of so many samples. */
function drawsSomeSamples({ callee, args }: CallExpr): boolean {
  return (
    lastName(callee) === 'RandomSampler' &&
    args.some(
      ({ keyword, value }) =>
        keyword === 'num_samples' && value.type !== 'call' && lastName(value) !== 'None',
    )
  );
}

/** `scale_lr`, `auto-scale-lr` */
function namesScaling(name: string): boolean {
  return /^(auto)?scale(the)?(base)?(lr|learningrate)$/.test(plainName(name));
}

/** `add_argument("--scale_lr", action="store_true")` */
function offersScaling({ args }: CallExpr): boolean {
  const [first] = args;
  if (first?.value.type !== 'string' || !namesScaling(first.value.value)) return false;
  const given = (name: string): Expr | undefined =>
    args.find(({ keyword }) => keyword === name)?.value;
  const action = given('action');
  const initial = given('default');
  const stores = action?.type === 'string' && action.value === 'store_true';
  return initial ? isFalse(initial) : stores;
}

/** `scale_lr: bool = False` */
function declinesScaling({ name, value }: Binding): boolean {
  return value !== null && namesScaling(name) && isFalse(value);
}

function isFalse(value: Expr): boolean {
  return value.type === 'opaque' && value.flag === false;
}

function isTrue(value: Expr): boolean {
  return value.type === 'opaque' && value.flag === true;
}

/** `ReplayBuffer`, `learning_starts`, `num_rollouts`, `ExperienceSourceDataset` */
function namesExperience(name: string): boolean {
  const words = wordsOf(name);
  return (
    words.some((word) => word.startsWith('replay')) ||
    experienceCounts.has(words.join('')) ||
    (words.includes('experience') && words.includes('source'))
  );
}

const experienceCounts = new Set(['learningstarts', 'numrollouts']);

const updateLimits = new Set([
  'maxiters',
  'maxsteps',
  'trainsteps',
  'maxtrainsteps',
  'numtrainsteps',
]);

/** `max_iters` and `TRAIN_STEPS`, but not the `num_steps` of an accumulation or a warmup. */
function limitsUpdates(name: string): boolean {
  return updateLimits.has(plainName(name));
}

function imports(bindings: readonly Binding[], module: string): boolean {
  return bindings.some(
    ({ imported }) => imported === module || (imported?.startsWith(`${module}.`) ?? false),
  );
}

/** https://pytorch.org/docs/stable/generated/torch.nn.DataParallel.html, and Lightning's strategy of that name. */
export function splitsOverDevices({ callee, args }: CallExpr): boolean {
  return (
    lastName(callee) === 'DataParallel' ||
    args.some(
      ({ keyword, value }) =>
        keyword !== null &&
        parallelKeywords.has(keyword) &&
        value.type === 'string' &&
        value.value === 'dp',
    )
  );
}

const parallelKeywords = new Set(['strategy', 'accelerator', 'distributed_backend']);

/** `mx.distributed.init()` */
function startsGroup({ callee }: CallExpr): boolean {
  return (
    callee.type === 'member' &&
    callee.property === 'init' &&
    lastName(callee.object) === 'distributed'
  );
}

/** `Images(folder, shard=comm.Get_rank(), num_shards=comm.Get_size())` */
function takesShard({ args }: CallExpr): boolean {
  return args.some(
    ({ keyword, value }) =>
      keyword !== null &&
      shardKeywords.has(keyword) &&
      value.type === 'call' &&
      processCounts.has(lastName(value.callee)),
  );
}

/**
 * `split_batches=True`: Accelerate shares one loader's batches out over the processes.
 * https://huggingface.co/docs/accelerate/package_reference/accelerator#accelerate.Accelerator.split_batches
 */
function splitsBatches({ name, value }: Binding): boolean {
  if (name !== 'split_batches' || value === null) return false;
  // The default of a parameter.
  return isTrue(value) || (value.type === 'choice' && value.options.some(isTrue));
}

function splitsItsBatches({ args }: CallExpr): boolean {
  return args.some(({ keyword, value }) => keyword === 'split_batches' && isTrue(value));
}

/** `accelerator.prepare(model, loader)` and `fabric.setup_dataloaders(loader)` */
function preparesLoaders({ callee, args }: CallExpr, batches: ReadonlySet<string>): boolean {
  if (callee.type !== 'member') return false;
  const owner = lastName(callee.object).toLowerCase();
  if (callee.property === 'setup_dataloaders') return true;
  return (
    callee.property === 'prepare' &&
    owner.includes('accelerator') &&
    args.some(({ value }) => {
      const name = lastName(value);
      return batches.has(name) || wordsOf(name).some((word) => loading.test(word));
    })
  );
}

/** `batch_size // world_size`, `int(args.batch_size / ngpus)` */
export function dividesByDevices(expr: Expr): boolean {
  const inner = expr.type === 'call' ? passedThrough(expr)?.[0] : expr;
  if (inner?.type !== 'binary' || (inner.operator !== '/' && inner.operator !== '//')) return false;
  return isBatchSize(inner.left) && countsDevices(nameOf(inner.right));
}

function isBatchSize(expr: Expr): boolean {
  return kindOfName(nameOf(expr)) === 'batchSize';
}

function nameOf(expr: Expr): string {
  return lastName(expr.type === 'call' ? expr.callee : expr);
}

/** `lr * batch_size / 256`: the rate is that of another size, and follows this one. */
function scalesRate(expr: Expr): boolean {
  const factors = factorsOf(expr);
  return (
    factors.some((factor) => kindOfName(nameOf(factor)) === 'learningRate') &&
    factors.some((factor) => isBatchSize(factor) || plainName(nameOf(factor)).endsWith('batchsize'))
  );
}

/** What is multiplied, and what the first factors of divisions are. */
function factorsOf(expr: Expr, depth = 0): Expr[] {
  if (expr.type !== 'binary' || depth > 6) return [expr];
  const { operator, left, right } = expr;
  if (operator === '*') return [...factorsOf(left, depth + 1), ...factorsOf(right, depth + 1)];
  return operator === '/' ? factorsOf(left, depth + 1) : [];
}

const networks =
  /resnet|resnext|vgg|densenet|efficientnet|mobilenet|inception|unet|yolo|vit$|^vit|conv|encoder|backbone|transformer|bert|gpt|llama/;

function namesNetwork(name: string): boolean {
  return networks.test(plainName(name));
}
