import type { BatchCount } from '../../core/batches/updates';
import { countsByName, modelParallelNames } from '../counts';
import {
  isEvaluationName,
  isTrainingBatchSize,
  kindOfName,
  namesHyperparameter,
  namesTraining,
  plainName,
  wordsOf,
} from '../names';
import {
  plainCounting,
  type Call,
  type Library,
  type Site,
  type SiteKind,
  type Training,
} from '../site';
import type { SiteBuilder } from '../siteBuilder';
import type { Command } from './commands';
import { addFlag, flagsIn, resolve, span, type Flag, type Literal } from './flags';

/** Programs that are given a script, before which an option without a value may stand. */
const scriptRunners = new Set(
  'python python3 torchrun accelerate deepspeed srun uv poetry horovodrun mpirun ray'.split(' '),
);
const runners = new Set([
  ...scriptRunners,
  ...'colossalai fairseq-train fairseq-hydra-train composer llamafactory-cli axolotl swift tune litgpt megatron paddle onmt_train lightning bash sh'.split(
    ' ',
  ),
]);
/** Words of scripts that take a trained model, or data for one. */
const otherWork = new Set(
  'convert conversion export decode inference serve server serving generate generation gen preprocess tokenize download upload demo sampling benchmarking profile'.split(
    ' ',
  ),
);
/** Modules that start a script on many devices: `torch.distributed.run`. */
function isLauncher(module: string): boolean {
  return ['run', 'launch'].includes(module.slice(module.lastIndexOf('.') + 1));
}

/** Whether a script is named after work of another kind than training. */
export function isOtherWork(path: string): boolean {
  if (trainsByName(path)) return false;
  return isEvaluationName(nameOf(path)) || wordsOf(path).some((word) => otherWork.has(word));
}

const evaluatingWords = new Set(['eval', 'evaluate', 'evaluation', 'infer', 'predict', 'score']);

/** Whether the name of a file says that nothing in it trains: `run_text_server.sh`. */
export function namesOtherWork(fileName: string): boolean {
  if (trainsByName(fileName)) return false;
  return wordsOf(fileName).some((word) => otherWork.has(word) || evaluatingWords.has(word));
}

function trainsByName(path: string): boolean {
  const name = nameOf(path);
  return namesTraining(name) || wordsOf(name).some((word) => trainingWords.has(word));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const trainingWords = new Set(['finetune', 'finetuning', 'pretrain', 'sft', 'dpo', 'grpo', 'ppo']);

/** Options by which a model is trained on what it generates, in rounds of so many prompts. */
const rolloutNames = new Set([
  'numuniquepromptsrollout',
  'numsamplesperpromptrollout',
  'localminibatchsize',
  'localrolloutbatchsize',
  'localrolloutforwardbatchsize',
]);
export interface Surroundings {
  readonly variables: ReadonlyMap<string, Literal>;
  /** What a program finds in its environment: `BATCH_SIZE=8 python train.py`. */
  readonly environment: readonly Flag[];
  /** Whether the first word is known to stand for a program. */
  readonly isProgram: boolean;
  /** Whether the file is named after other work: then only what is named after training trains. */
  readonly otherwise: boolean;
}

/** What a command trains with, its numbers added as sites; null where it does not train. */
export function trainingOf(
  command: Command,
  { variables, environment, isProgram, otherwise }: Surroundings,
  builder: SiteBuilder,
): Training | null {
  const [first] = command;
  const last = command.at(-1);
  const scripts = scriptsIn(command);
  const script = scripts.find(({ text }) => !isLauncher(text)) ?? scripts[0];
  const runner = isProgram
    ? first
    : (command.find((word, at) => runners.has(word.text) && !isValue(command, at)) ?? script);
  if (!first || !last || !runner) return null;
  const all = [...flagsIn(command), ...environment];
  const flags = all.filter(({ name }) => !isEvaluationName(name));
  const kinds = new Map<SiteKind, Flag>();
  for (const flag of flags) {
    const kind = kindOfName(flag.name);
    if (kind && !kinds.has(kind)) kinds.set(kind, flag);
  }
  const rates = flags.filter(({ name }) => kindOfName(name) === 'learningRate');
  // Of two models (`--actor.lr 1e-6 --critic.lr 1e-5`) nobody knows which is meant.
  const values = new Set(rates.map((flag) => resolve(flag, variables)?.value ?? flag.value.text));
  if (values.size > 1) kinds.delete('learningRate');
  const path = script?.text ?? '';
  const short = kinds.has('learningRate') || kinds.has('epochs') || trainsByName(path);
  const named = flags.filter(({ name }) => kindOfName(name) === 'batchSize');
  const batches =
    named.length === 0 && short
      ? flags.filter(
          (flag) => ['batch', 'b'].includes(flag.name) && resolve(flag, variables) !== null,
        )
      : named;
  // Of an update and its parts, accumulation multiplies the parts.
  const batch = batches.find(({ name }) => countsByName(name) === 'microbatch') ?? batches[0];
  if (!batch || !trains(path, batch.name, kinds, flags)) return null;
  const told = kinds.has('learningRate') || kinds.has('accumulation') || kinds.has('epochs');
  if (otherwise && !told && !trainsByName(path)) return null;
  kinds.set('batchSize', batch);
  const name = isProgram ? runner : (script ?? runner);
  const call: Call = {
    name: nameOf(name.text),
    range: span({ from: first.from, to: Math.max(first.to, last.to) }),
    nameRange: span(name),
    library: libraryOf(command, batch.name),
  };
  // Trainers by reinforcement count what the model generates of each prompt.
  const generates = flags.some(
    ({ name: each, value }) =>
      plainName(each) === 'numgenerations' ||
      (plainName(each) === 'rlhftype' && value.text === 'grpo'),
  );
  const rollouts = all.some(({ name: each }) => rolloutNames.has(plainName(each)));
  const add = (kind: SiteKind, flag: Flag, literal: Literal): Site | null => {
    const counts = countsByName(flag.name) ?? (accelerates(command) ? 'perDevice' : null);
    const counted = generates && counts === 'perDevice' ? 'completions' : counts;
    return addFlag(builder, kind, flag, literal, call, counted);
  };
  const site = (kind: SiteKind): Site | null => {
    const flag = kinds.get(kind);
    const literal = flag && resolve(flag, variables);
    return flag && literal ? add(kind, flag, literal) : null;
  };
  const sizeOf = (counted: BatchCount): number | null => {
    const flag = batches.find(({ name: each }) => countsByName(each) === counted);
    return (flag && resolve(flag, variables)?.value) ?? null;
  };
  for (const flag of batches) {
    const literal = resolve(flag, variables);
    if (literal) add('batchSize', flag, literal);
  }
  const numberAt = (...names: readonly string[]): number | null => {
    const flag = flags.find(({ name: each }) => names.includes(plainName(each)));
    const value = flag && resolve(flag, variables)?.value;
    return value !== undefined && Number.isInteger(value) && value > 0 ? value : null;
  };
  const given = numberAt('nprocpernode', 'numprocesses', 'numgpus', 'gpus', 'devices');
  const nodes = numberAt('nnodes', 'numnodes') ?? 1;
  const shared = modelParallelNames.reduce((all, each) => all * (numberAt(each) ?? 1), 1);
  const devices = given === null ? null : (given * nodes) / shared;
  const accumulation = site('accumulation');
  return {
    call,
    batchSize: site('batchSize'),
    epochs: site('epochs'),
    datasetSize: site('datasetSize'),
    accumulation,
    learningRate: site('learningRate'),
    validationSplit: null,
    counting: {
      ...plainCounting,
      // Devices that share a model share a batch.
      devices: devices !== null && Number.isInteger(devices) ? devices : null,
      steps: numberAt('maxsteps', 'maxtrainsteps'),
      packs: flags.some(
        ({ name: each, value }) =>
          plainName(each) === 'packing' && value.text.toLowerCase() === 'true',
      ),
      generations: numberAt('numgenerations'),
      draws: rollouts || (generates && sizeOf('microbatch') !== null),
      accumulates: rollouts || (kinds.has('accumulation') && accumulation === null),
      microbatch: sizeOf('microbatch'),
      global: sizeOf('microbatch') === null ? null : sizeOf('global'),
    },
    // What it does not give, the script has a default of.
    readElsewhere: call.library === 'unknown' || !kinds.has('accumulation'),
    insertions: {},
  };
}

/** Whether a word may be what the option before it is given. */
function isValue(command: Command, at: number): boolean {
  const before = command[at - 1]?.text ?? '';
  return before.startsWith('--') && before !== '--' && !before.includes('=');
}

/**
 * The scripts that a command may run: of what it hands on after `--` where it does, and no value of
 * an option (`--plugins reward.py`) where there is another.
 */
function scriptsIn(command: Command): Command {
  const handsOn = command.findLastIndex(({ text }) => text === '--');
  const after = command.slice(handsOn + 1).filter(({ text }) => isScript(text));
  if (handsOn >= 0 && after.length > 0) return after;
  const plain = command.filter((word, at) => isScript(word.text) && !isValue(command, at));
  if (plain.length > 0) return plain;
  const runs = command.some((word, at) => runners.has(word.text) && !isValue(command, at));
  return runs && !scriptRunners.has(command[0]?.text ?? '')
    ? []
    : command.filter(({ text }) => isScript(text));
}

export function isScript(text: string): boolean {
  return text.endsWith('.py') || text.endsWith('-train') || /^[A-Za-z_]\w*(\.\w+)+$/.test(text);
}

const trainingModes = new Set(['istraining', 'istrain', 'dotrain']);

/** A command trains by the name of its script, or by what it is given beside a batch size. */
function trains(
  script: string,
  batch: string,
  kinds: ReadonlyMap<SiteKind, unknown>,
  flags: readonly Flag[],
): boolean {
  const modes = flags.filter(({ name }) => trainingModes.has(plainName(name)));
  const off = modes.some(({ value }) => ['0', 'false'].includes(value.text.toLowerCase()));
  if (off || isOtherWork(script)) return false;
  return (
    modes.length > 0 ||
    flags.some(({ name }) => namesHyperparameter(name)) ||
    trainsByName(script) ||
    isTrainingBatchSize(batch) ||
    kinds.has('learningRate') ||
    kinds.has('accumulation') ||
    kinds.has('epochs')
  );
}

/**
 * Whether a command starts a process for each device, which makes batches of its own:
 * https://huggingface.co/docs/accelerate/concept_guides/performance
 */
function accelerates(command: Command): boolean {
  return ['accelerate', 'launch'].every((word) => command.some(({ text }) => text === word));
}

function libraryOf(command: Command, batch: string): Library {
  if (plainName(batch).startsWith('perdevice')) return 'transformers';
  return command.some(({ text }) => text === 'torchrun' || text === 'deepspeed')
    ? 'pytorch'
    : 'unknown';
}
