import { classNameOf } from '../code/knowledge/layers';
import {
  isEvaluationBatchSize,
  isEvaluationName,
  isStorageName,
  kindOfName,
  namesResult,
  plainName,
} from '../names';
import type { Call, Site, SiteKind } from '../site';
import { countingKeys, listedKeys } from './counting';
import type { Entry, Mapping, Node, Scalar } from './settingsTree';

export type Elsewhere = 'evaluation' | 'storage';

/** A number under a key that is named after what it holds. */
export interface Setting {
  readonly kind: SiteKind;
  readonly entry: Entry;
  readonly scalar: Scalar;
  readonly section: Mapping;
  /** The keys that lead to the section, outermost first. */
  readonly path: readonly Entry[];
  /** Where it is no training's: an evaluation's, or of a store of data. */
  readonly elsewhere: Elsewhere | null;
  /** The site it became last; edits that leave it where it was leave that as it is. */
  placed: PlacedSite | null;
}

/** What a setting is where its part of the text stands at `base`. */
export interface PlacedSite {
  readonly base: number;
  readonly call: Call;
  readonly site: Site;
}

/** What stands in a part of a tree, before it is known whether it is a training's. */
export class FoundInTree {
  readonly keys = new Set<string>();
  /** Keys that name an epoch count, a learning rate or gradient accumulation, whatever their value. */
  readonly kinds = new Set<string>();
  readonly settings: Setting[] = [];
  /** Whether a last batch that is not full is left out; null where nothing says. */
  dropsLast: boolean | null = null;
  /** Whether it says what a finished run reached. */
  records = false;
  /** Whether it says that the model is evaluated, */
  evaluates = false;
  /** and whether that it is trained. */
  trains = false;
  /** What else bears on how updates are counted, by its plain name: the first that is said. */
  readonly said = new Map<string, Scalar>();
  /** What is said in several ways. */
  readonly varied = new Set<string>();
  /** Command lines, each as one text or as its words. */
  readonly commands: (readonly Scalar[])[] = [];
  readonly layers: { readonly className: string; readonly scalar: Scalar }[] = [];

  add(other: FoundInTree): void {
    const { keys, kinds, said, varied, settings, commands, layers } = other;
    this.dropsLast ??= other.dropsLast;
    this.records ||= other.records;
    this.evaluates ||= other.evaluates;
    this.trains ||= other.trains;
    for (const [key, scalar] of said) this.say(key, scalar);
    for (const key of varied) this.varied.add(key);
    for (const key of keys) this.keys.add(key);
    for (const key of kinds) this.kinds.add(key);
    for (const setting of settings) this.settings.push(setting);
    for (const command of commands) this.commands.push(command);
    for (const layer of layers) this.layers.push(layer);
  }

  say(key: string, scalar: Scalar): void {
    const before = this.said.get(key);
    if (!before) this.said.set(key, scalar);
    else if (before.text !== scalar.text) this.varied.add(key);
  }
}

const dropping = new Set(['droplast', 'dropremainder', 'dataloaderdroplast']);

/** `evaluate: true` of a runner that trains where it says `false`. */
const evaluating = new Set('evaluate evaluateonly evalonly testonly onlyeval onlytest'.split(' '));
const training = new Set('train training dotrain'.split(' '));

function isTrue({ text }: Scalar): boolean {
  return text.toLowerCase() === 'true';
}

/** Whether a section has settings of a run: `evaluate: true` of other sections is said of data, or of a callback. */
function setsRun({ entries }: Mapping): boolean {
  return entries.some(({ key }) => kindOfName(key) !== null);
}

/** Whether the training part beside a number has one of its own: `{ batch_size: 8, train: { batch_size: 4 } }`. */
function isOverridden(plain: string, { entries }: Mapping): boolean {
  return entries.some(
    ({ key, value }) =>
      training.has(plainName(key)) &&
      value?.type === 'mapping' &&
      value.entries.some((inner) => plainName(inner.key) === plain && scalarOf(inner.value)),
  );
}

/** `{ split: validation, batch_size: 8 }` */
function isOfSplit({ entries }: Mapping): boolean {
  return entries.some(
    ({ key, value }) =>
      (key === 'split' || key === 'subset') &&
      value?.type === 'scalar' &&
      isEvaluationName(value.text),
  );
}

/** What stands under the outermost entries: parsers keep those that no edit touched. */
const underEntries = new WeakMap<Entry, FoundInTree>();

export function* walk(
  node: Node | null,
  path: readonly Entry[],
  found: FoundInTree,
  depth: number,
): Generator<undefined> {
  if (!node || depth > 40) return;
  if (node.type === 'sequence') {
    for (const item of node.items) yield* walk(item, path, found, depth + 1);
    return;
  }
  if (node.type === 'scalar' || isVocabulary(node)) return;
  for (const entry of node.entries) {
    yield;
    const { key, value } = entry;
    // YAML merges what an anchor holds, which was walked where it stands.
    if (key === '<<') continue;
    const plain = plainName(key);
    found.keys.add(plain);
    if (madeClass.has(key) && value?.type === 'scalar' && makesBatches(value.text))
      found.keys.add('datamodule');
    if (dropping.has(plain) && value?.type === 'scalar') found.dropsLast ??= isTrue(value);
    if (value?.type === 'scalar') {
      found.records ||= namesResult(key) && Number.isFinite(Number(value.text));
      found.evaluates ||= evaluating.has(plain) && isTrue(value) && (depth === 0 || setsRun(node));
      found.trains ||=
        (training.has(plain) && isTrue(value)) ||
        (evaluating.has(plain) && value.text.toLowerCase() === 'false');
    } else if (value?.type === 'mapping') found.trains ||= training.has(plain) && setsRun(value);
    const scheduled = path.some(({ key: outer }) => outer.toLowerCase().includes('sched'));
    const saying = countingKeys.has(plain) ? (listOf(plain, value) ?? value) : null;
    // `eval: { max_iters: 100 }` is how long an evaluation takes.
    const evaluation = path.length > 0 && elsewhereOf(path, key) === 'evaluation';
    if (!scheduled && !evaluation && saying?.type === 'scalar') found.say(plain, saying);
    if (commandKeys.has(plain)) found.commands.push(...commandsUnder(node, entry));
    const evaluates = isEvaluationBatchSize(key);
    const kind = evaluates ? 'batchSize' : kindOfKey(plain, key, node);
    if (kind && kind !== 'batchSize' && kind !== 'datasetSize') found.kinds.add(plain);
    const scalar = kind && scalarOf(value, kind);
    if (kind && scalar) {
      const others =
        evaluates || (kind === 'batchSize' && (isOverridden(plain, node) || isOfSplit(node)));
      const elsewhere = others ? 'evaluation' : elsewhereOf(path, key);
      const placed = null;
      found.settings.push({ kind, entry, scalar, section: node, path, elsewhere, placed });
    }
    if (plain === 'classname' && value?.type === 'scalar') {
      const className = classNameOf(`keras.layers.${value.text}`);
      if (className !== null) found.layers.push({ className, scalar: value });
    }
    if (depth > 0) {
      yield* walk(value, [...path, entry], found, depth + 1);
      continue;
    }
    let under = underEntries.get(entry);
    if (!under) {
      under = new FoundInTree();
      yield* walk(value, [entry], under, 1);
      underEntries.set(entry, under);
    }
    found.add(under);
  }
}

/** `devices: [0, 1]` as a number of them. */
function listOf(plain: string, value: Node | null): Scalar | null {
  if (!listedKeys.has(plain) || value?.type !== 'sequence') return null;
  const [only] = value.items;
  return only?.type === 'scalar' ? { ...only, value: value.items.length } : null;
}

/** Keys of workflows, jobs and containers whose values are command lines. */
const commandKeys = new Set(['run', 'script', 'command', 'commands', 'cmd', 'entrypoint']);

/** Of a list, the lines of a script, or the words of one command with the `args` beside it. */
function commandsUnder({ entries }: Mapping, { value }: Entry): (readonly Scalar[])[] {
  const given = scalarsIn(value);
  if (value?.type === 'scalar' || given.some(({ text }) => text.includes(' ')))
    return given.filter(({ text }) => mayGiveSize(text)).map((line) => [line]);
  const args = scalarsIn(entries.find(({ key }) => key === 'args')?.value ?? null);
  const words = [...given, ...args];
  return words.some(({ text }) => mayGiveSize(text)) ? [words] : [];
}

function scalarsIn(node: Node | null): Scalar[] {
  if (node?.type === 'scalar') return [node];
  if (node?.type !== 'sequence') return [];
  return node.items.filter((item): item is Scalar => item.type === 'scalar');
}

function mayGiveSize(text: string): boolean {
  return /batch|\bbs|-b\b/i.test(text);
}

/** Hydra and the command line of Lightning name the class that a section makes. */
const madeClass = new Set(['_target_', 'target', 'class_path']);

function makesBatches(target: string): boolean {
  return plainName(target.slice(target.lastIndexOf('.') + 1)).includes('datamodule');
}

function kindOfKey(plain: string, key: string, section: Mapping): SiteKind | null {
  // `Batch Size`, as people write it, appears in records of finished runs.
  if (key.includes(' ')) return null;
  if (plain === 'batch') {
    const beside = new Set(section.entries.map((entry) => plainName(entry.key)));
    const trains =
      beside.has('epochs') &&
      (beside.has('imgsz') || beside.has('lr0') || beside.has('data') || beside.has('model'));
    return trains ? 'batchSize' : null;
  }
  // Of mistral-finetune; elsewhere a pipeline of devices goes through so many parts of a batch.
  if (plain === 'nummicrobatches')
    return section.entries.some((one) => plainName(one.key) === 'seqlen') ? 'accumulation' : null;
  // Fast R-CNN's number of regions that are taken of the images of a batch.
  const regions = plain === 'batchsize' && section.entries.some((one) => isImages(one.key));
  return regions ? null : kindOfName(key);
}

function isImages(key: string): boolean {
  return plainName(key) === 'imsperbatch';
}

/** This many numbers under the keys of one mapping are the ids of a vocabulary. */
const fewestIds = 60;

/** Whether a mapping gives words their ids: no training's rate is a whole number of tens. */
function isVocabulary({ entries }: Mapping): boolean {
  let ids = 0;
  let impossible = false;
  for (const { key, value } of entries) {
    if (value?.type !== 'scalar' || value.value === null || !Number.isInteger(value.value))
      continue;
    ids++;
    impossible ||= value.value >= 10 && kindOfName(key) === 'learningRate';
  }
  return ids === entries.length && (impossible || ids >= fewestIds);
}

/** The number of a setting; sweeps write `{ value: 32 }`, schedules `lr: [0.0005]`. */
export function scalarOf(value: Node | null, kind: SiteKind | null = null): Scalar | null {
  if (value?.type === 'scalar') return value.value === null ? defaultOf(value) : value;
  if (value?.type === 'sequence') {
    const [only] = value.items;
    const alone = kind === 'learningRate' && value.items.length === 1;
    return alone && only?.type === 'scalar' && only.value !== null ? only : null;
  }
  if (value?.type !== 'mapping') return null;
  const inner = value.entries.find(({ key }) => key === 'value')?.value;
  return inner?.type === 'scalar' && inner.value !== null ? inner : null;
}

/** `${oc.env:BATCH_SIZE,32}`: https://omegaconf.readthedocs.io/en/latest/custom_resolvers.html#oc-env */
function defaultOf(scalar: Scalar): Scalar | null {
  const { text, quote, to, from } = scalar;
  const [, number] = /^\$\{oc\.env:\w+,\s*([\d.][\d.e-]*)\}$/.exec(text) ?? [];
  if (number === undefined || quote !== '' || to - from !== text.length) return null;
  const value = Number(number);
  if (!Number.isFinite(value)) return null;
  return { ...scalar, text: number, value, from: to - 1 - number.length, to: to - 1 };
}

function elsewhereOf(path: readonly Entry[], name: string): Elsewhere | null {
  if (path.some(({ key }) => key.toLowerCase().includes('train'))) return null;
  if (path.some(({ key }) => isStorageName(key))) return 'storage';
  return isEvaluationName(name) || path.some(({ key }) => isEvaluationName(key))
    ? 'evaluation'
    : null;
}
