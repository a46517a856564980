import { countsByName } from '../counts';
import { hintIn } from '../hints';
import {
  isEvaluationName,
  isTrainingBatchSize,
  kindOfName,
  namesTraining,
  plainName,
  wordsOf,
} from '../names';
import {
  plainCounting,
  type Call,
  type Findings,
  type Hint,
  type Library,
  type Site,
  type SiteKind,
  type Span,
  type Training,
} from '../site';
import { SiteBuilder } from '../siteBuilder';
import { commandsOf, type Command, type ShellComment, type Word } from './commands';

/** `--batch_size 8`, `--batch-size=8` or `data.batch_size=8`. */
interface Flag {
  readonly name: string;
  readonly nameAt: Span;
  readonly value: Word;
}

/** A number in the script, and how it is quoted. */
interface Literal {
  readonly value: number;
  readonly range: Span;
  readonly name: string | null;
  readonly nameRange: Span | null;
}

const runners = new Set(
  'python python3 torchrun accelerate deepspeed srun uv poetry horovodrun mpirun ray colossalai fairseq-train fairseq-hydra-train composer llamafactory-cli axolotl swift tune litgpt paddle onmt_train lightning bash sh'.split(
    ' ',
  ),
);
/** Words of scripts that take a trained model, or data for one. */
const otherWork = new Set(
  'convert conversion export decode inference serve generate preprocess tokenize download upload'.split(
    ' ',
  ),
);
const trainingWords = new Set(['finetune', 'finetuning', 'pretrain', 'sft', 'dpo', 'grpo', 'ppo']);

/** Finds the batch sizes of commands that train, and of variables that they are given. */
export function* searchCommands(text: string): Generator<undefined, Findings> {
  const comments: ShellComment[] = [];
  const commands = yield* commandsOf(text, comments);
  const builder = new SiteBuilder();
  const variables = new Map<string, Literal>();
  const trainings: Training[] = [];
  for (const command of commands) {
    yield;
    for (const assignment of assignmentsIn(command)) {
      const literal = literalIn(assignment.value, assignment);
      if (literal) variables.set(assignment.name, literal);
    }
    const training = trainingOf(command, variables, builder);
    if (training) trainings.push(training);
  }
  const hints = comments
    .map((comment) => hintIn(comment.text, span(comment)))
    .filter((hint): hint is Hint => hint !== null);
  return { sites: builder.all(), trainings, layers: [], hints };
}

function span({ from, to }: Pick<Word, 'from' | 'to'>): Span {
  return { cell: 0, from, to };
}

/** `BATCH_SIZE=64` and `export BATCH_SIZE=64`, at the start of a command. */
function assignmentsIn(command: Command): Flag[] {
  const found: Flag[] = [];
  for (const word of command) {
    if (['export', 'declare', 'local', 'readonly', 'set'].includes(word.text)) continue;
    const flag = splitAtEquals(word, 0);
    if (!flag || !isVariable(flag.name)) break;
    found.push(flag);
  }
  return found;
}

function isVariable(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

function splitAtEquals(word: Word, skip: number): Flag | null {
  const equals = word.text.indexOf('=');
  if (equals <= skip) return null;
  const from = word.from + equals + 1;
  return {
    name: word.text.slice(skip, equals),
    nameAt: span({ from: word.from + skip, to: word.from + equals }),
    value: { text: word.text.slice(equals + 1), from, to: word.to },
  };
}

/** The flags and overrides of a command. */
function flagsIn(command: Command): Flag[] {
  const flags: Flag[] = [];
  command.forEach((word, index) => {
    const dashes = word.text.startsWith('--') ? 2 : word.text.startsWith('-') ? 1 : 0;
    const joined = splitAtEquals(word, dashes);
    if (joined) flags.push(joined);
    else if (dashes > 0) {
      const value = command[index + 1];
      const name = word.text.slice(dashes);
      if (value && !value.text.startsWith('--'))
        flags.push({ name, nameAt: span({ from: word.from + dashes, to: word.to }), value });
    }
  });
  return flags;
}

/** The number that a word is, quoted or as the default of a variable (`${BATCH_SIZE:-64}`). */
function literalIn({ text, from }: Word, named: Flag | null): Literal | null {
  let start = 0;
  let end = text.length;
  const quote = text.charAt(0);
  if ((quote === '"' || quote === "'") && text.endsWith(quote) && text.length > 1) {
    start = 1;
    end--;
  }
  const standard = text.slice(start, end);
  if (standard.startsWith('${') && standard.endsWith('}')) {
    const dash = standard.indexOf(':-');
    if (dash < 0) return null;
    start += dash + 2;
    end--;
  }
  const digits = text.slice(start, end);
  const value = Number(digits);
  if (digits.trim() === '' || !Number.isFinite(value)) return null;
  return {
    value,
    range: span({ from: from + start, to: from + end }),
    name: named?.name ?? null,
    nameRange: named?.nameAt ?? null,
  };
}

/** The literal behind a value: its own, or that of the variable it names. */
function resolve(flag: Flag, variables: ReadonlyMap<string, Literal>): Literal | null {
  const own = literalIn(flag.value, flag);
  if (own) return own;
  const plain = flag.value.text.replaceAll(/["'{}]/g, '');
  return plain.startsWith('$') ? (variables.get(plain.slice(1)) ?? null) : null;
}

function trainingOf(
  command: Command,
  variables: ReadonlyMap<string, Literal>,
  builder: SiteBuilder,
): Training | null {
  const [first] = command;
  const last = command.at(-1);
  const runner = command.find(({ text }) => runners.has(text) || text.endsWith('.py'));
  if (!first || !last || !runner) return null;
  const flags = flagsIn(command).filter(({ name }) => !isEvaluationName(name));
  const kinds = new Map<SiteKind, Flag>();
  for (const flag of flags) {
    const kind = kindOfName(flag.name);
    if (kind && !kinds.has(kind)) kinds.set(kind, flag);
  }
  const batch = kinds.get('batchSize');
  const script = command.find(({ text }) => isScript(text));
  if (!batch || !trains(script?.text ?? '', batch.name, kinds)) return null;
  const name = script ?? runner;
  const call: Call = {
    name: name.text.slice(name.text.lastIndexOf('/') + 1),
    range: span({ from: first.from, to: last.to }),
    nameRange: span(name),
    library: libraryOf(command, batch.name),
  };
  const site = (kind: SiteKind): Site | null => {
    const flag = kinds.get(kind);
    const literal = flag && resolve(flag, variables);
    if (!flag || !literal) return null;
    const { value, range, name: holder, nameRange } = literal;
    const counts = kind === 'batchSize' ? countsByName(flag.name) : null;
    return builder.add(
      { kind, value, range, quote: '', name: holder, nameRange, counts },
      span(flag.value),
      call,
    );
  };
  const numberAt = (...names: readonly string[]): number | null => {
    const flag = flags.find(({ name: each }) => names.includes(plainName(each)));
    const value = flag && resolve(flag, variables)?.value;
    return value !== undefined && Number.isInteger(value) && value > 0 ? value : null;
  };
  const devices = numberAt('nprocpernode', 'numprocesses', 'numgpus', 'gpus', 'devices');
  return {
    call,
    batchSize: site('batchSize'),
    epochs: site('epochs'),
    datasetSize: site('datasetSize'),
    accumulation: site('accumulation'),
    learningRate: site('learningRate'),
    validationSplit: null,
    counting: {
      ...plainCounting,
      devices: devices === null ? null : devices * (numberAt('nnodes', 'numnodes') ?? 1),
      steps: numberAt('maxsteps', 'maxtrainsteps'),
      packs: flags.some(
        ({ name: each, value }) =>
          plainName(each) === 'packing' && value.text.toLowerCase() === 'true',
      ),
      generations: numberAt('numgenerations'),
    },
    insertions: {},
  };
}

function isScript(text: string): boolean {
  return text.endsWith('.py') || text.endsWith('-train') || /^[\w]+(\.[\w]+)+$/.test(text);
}

/** A command trains by the name of its script, or by what it is given beside a batch size. */
function trains(script: string, batch: string, kinds: ReadonlyMap<SiteKind, unknown>): boolean {
  const name = script.slice(script.lastIndexOf('/') + 1);
  const named = namesTraining(name) || wordsOf(name).some((word) => trainingWords.has(word));
  if (isEvaluationName(name) || wordsOf(script).some((word) => otherWork.has(word))) return false;
  return (
    named ||
    isTrainingBatchSize(batch) ||
    kinds.has('learningRate') ||
    kinds.has('accumulation') ||
    kinds.has('epochs')
  );
}

function libraryOf(command: Command, batch: string): Library {
  if (plainName(batch).startsWith('perdevice')) return 'transformers';
  return command.some(({ text }) => text === 'torchrun' || text === 'deepspeed')
    ? 'pytorch'
    : 'unknown';
}
