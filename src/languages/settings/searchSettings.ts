import { hintIn } from '../hints';
import { classNameOf, familyOf } from '../code/layers';
import {
  isEvaluationName,
  isLooseSampleCount,
  isStorageName,
  isTrainingBatchSize,
  kindOfName,
  plainName,
} from '../names';
import { SiteBuilder, compareSpans } from '../siteBuilder';
import type {
  Call,
  Findings,
  Insertion,
  LayerCall,
  Library,
  Site,
  SiteKind,
  Span,
  Training,
} from '../site';
import type { At, Entry, Mapping, Node, Scalar, SettingsFile } from './settingsTree';

/** A number under a key that is named after what it holds. */
interface Setting {
  readonly kind: SiteKind;
  readonly entry: Entry;
  readonly scalar: Scalar;
  readonly section: Mapping;
  /** The keys that lead to the section, outermost first. */
  readonly path: readonly Entry[];
}

const span = ({ part, from, to }: At): Span => ({
  cell: 0,
  from: part.base + from,
  to: part.base + to,
});

/** Keys that only training configurations have, besides batch sizes. */
const telling = new Set([
  'optimizer',
  'optim',
  'weightdecay',
  'warmupsteps',
  'warmupratio',
  'warmupepochs',
  'lrscheduler',
  'lrschedulertype',
  'maxgradnorm',
  'gradclip',
  'gradientclipval',
  'clipgrad',
  'basemodel',
  'lorar',
  'adambeta1',
  'adambeta2',
  'momentum',
  'loss',
  'maxsteps',
  'maxiters',
  'maxiter',
  'traincfg',
  'traindataloader',
  'optimwrapper',
  'gradientcheckpointing',
  'zerooptimization',
  'droppath',
  'labelsmoothing',
  'imgsz',
  'trainer',
  'evalstrategy',
  'savesteps',
  'sequencelen',
  'trainsteps',
  'datamodule',
  'numiterations',
]);
/** Keys that support the others. */
const supporting = new Set([
  'model',
  'dropout',
  'seed',
  'fp16',
  'bf16',
  'precision',
  'scheduler',
  'network',
  'architecture',
  'arch',
  'backbone',
  'dataset',
  'numclasses',
  'hiddensize',
  'hiddendim',
  'numlayers',
  'device',
  'gpus',
  'devices',
  'checkpoint',
  'checkpointdir',
  'modelnameorpath',
  'outputdir',
  'numworkers',
  'shuffle',
  'augmentation',
  'logdir',
  'train',
  'training',
  'data',
  'loggingsteps',
  'amp',
  'patience',
  'earlystopping',
]);

/** Finds what decides a training's arithmetic in a configuration, where it looks like one. */
export function* searchSettings(
  { roots, comments }: SettingsFile,
  fileName: string | null,
): Generator<undefined, Findings> {
  const builder = new SiteBuilder();
  const trainings: Training[] = [];
  const layers: LayerCall[] = [];
  for (const root of roots) {
    const found = new FoundInTree();
    yield* walk(root, [], found, 0);
    const { keys, settings } = found;
    for (const { className, scalar } of found.layers)
      layers.push({
        ...{ className, written: scalar.text, family: familyOf(className) },
        range: span(scalar),
      });
    if (isBatchwise(fileName)) trainings.push(...batchwise(root, builder));
    else if (looksLikeTraining(keys, settings))
      trainings.push(...(yield* trainingsIn(found, builder)));
  }
  const hints = comments.map((comment) => hintIn(comment.text, span(comment)));
  return {
    sites: builder.all(),
    trainings: trainings.sort((a, b) => compareSpans(a.call.range, b.call.range)),
    layers,
    hints: hints.filter((hint) => hint !== null),
  };
}

/** What stands in a part of a tree, before it is known whether it is a training's. */
class FoundInTree {
  readonly keys = new Set<string>();
  readonly settings: Setting[] = [];
  /** Whether a last batch that is not full is left out; null where nothing says. */
  dropsLast: boolean | null = null;
  readonly layers: { readonly className: string; readonly scalar: Scalar }[] = [];

  add({ keys, settings, layers, dropsLast }: FoundInTree): void {
    this.dropsLast ??= dropsLast;
    for (const key of keys) this.keys.add(key);
    for (const setting of settings) this.settings.push(setting);
    for (const layer of layers) this.layers.push(layer);
  }
}

const dropping = new Set(['droplast', 'dropremainder', 'dataloaderdroplast']);

/** What stands under the outermost entries: parsers keep those that no edit touched. */
const underEntries = new WeakMap<Entry, FoundInTree>();

function* walk(
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
  if (node.type === 'scalar') return;
  for (const entry of node.entries) {
    yield;
    const { key, value } = entry;
    // YAML merges what an anchor holds, which was walked where it stands.
    if (key === '<<') continue;
    const plain = plainName(key);
    found.keys.add(plain);
    if (madeClass.has(key) && value?.type === 'scalar' && makesBatches(value.text))
      found.keys.add('datamodule');
    if (dropping.has(plain) && value?.type === 'scalar')
      found.dropsLast ??= value.text.toLowerCase() === 'true';
    const kind = kindOfKey(plain, key, node);
    const scalar = kind && scalarOf(value);
    if (kind && scalar) found.settings.push({ kind, entry, scalar, section: node, path });
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

/** Hydra and the command line of Lightning name the class that a section makes. */
const madeClass = new Set(['_target_', 'class_path']);

function makesBatches(target: string): boolean {
  return plainName(target.slice(target.lastIndexOf('.') + 1)).includes('datamodule');
}

function kindOfKey(plain: string, key: string, section: Mapping): SiteKind | null {
  if (plain === 'batch') {
    const beside = new Set(section.entries.map((entry) => plainName(entry.key)));
    const trains =
      beside.has('epochs') &&
      (beside.has('imgsz') || beside.has('lr0') || beside.has('data') || beside.has('model'));
    return trains ? 'batchSize' : null;
  }
  return kindOfName(key);
}

/** The number of a setting; sweeps write `{ value: 32 }`. */
function scalarOf(value: Node | null): Scalar | null {
  if (value?.type === 'scalar') return value.value === null ? null : value;
  if (value?.type !== 'mapping') return null;
  const inner = value.entries.find(({ key }) => key === 'value')?.value;
  return inner?.type === 'scalar' && inner.value !== null ? inner : null;
}

function looksLikeTraining(keys: ReadonlySet<string>, settings: readonly Setting[]): boolean {
  const batches = settings.filter(({ kind }) => kind === 'batchSize');
  if (batches.length === 0) return false;
  const named = new Set(
    settings
      .filter(({ kind }) => kind !== 'batchSize' && kind !== 'datasetSize')
      .map(({ entry }) => plainName(entry.key)),
  );
  const strong = named.size + [...keys].filter((key) => telling.has(key)).length;
  const weak = [...keys].filter((key) => supporting.has(key)).length;
  const certain = batches.some(({ entry }) => isTrainingBatchSize(entry.key));
  return strong + (certain ? 1 : 0) >= 1 && strong + weak + (certain ? 1 : 0) >= 2;
}

function isElsewhere({ path, entry }: Setting): boolean {
  const names = path.map(({ key }) => key);
  if (names.some((name) => name.toLowerCase().includes('train'))) return false;
  return (
    names.some((name) => isStorageName(name) || isEvaluationName(name)) ||
    isEvaluationName(entry.key)
  );
}

function* trainingsIn(
  { settings, keys, dropsLast }: FoundInTree,
  builder: SiteBuilder,
): Generator<undefined, Training[]> {
  const library = libraryOf(keys);
  const own = settings.filter((setting) => !isElsewhere(setting));
  const sites = new Map<Setting, Site>();
  for (const setting of own) {
    yield;
    const { kind, entry, scalar } = setting;
    if (kind === 'datasetSize' && isLooseSampleCount(entry.key) && (scalar.value ?? 0) < 50)
      continue;
    const site = addSite(builder, setting, callOf(setting, library));
    if (site) sites.set(setting, site);
  }
  const beside = new Map<Mapping, Setting[]>();
  const only = new Map<SiteKind, Site | null>();
  for (const [setting, site] of sites) {
    const list = beside.get(setting.section);
    if (list) list.push(setting);
    else beside.set(setting.section, [setting]);
    only.set(setting.kind, only.has(setting.kind) ? null : site);
  }
  return [...sites.keys()]
    .filter(({ kind }) => kind === 'batchSize')
    .map((batch) => {
      // What stands beside it counts first; then the only one in the document.
      const nearest = (kind: SiteKind): Site | null => {
        const near = beside.get(batch.section)?.find((setting) => setting.kind === kind);
        return (near && sites.get(near)) ?? only.get(kind) ?? null;
      };
      return {
        call: callOf(batch, library),
        batchSize: sites.get(batch) ?? null,
        epochs: nearest('epochs'),
        datasetSize: nearest('datasetSize'),
        accumulation: nearest('accumulation'),
        learningRate: nearest('learningRate'),
        validationSplit: null,
        ...(dropsLast ? { dropsLast: true } : {}),
        insertions: {},
      };
    });
}

function addSite(builder: SiteBuilder, { kind, entry, scalar }: Setting, call: Call): Site | null {
  return builder.add(
    {
      ...{ kind, value: scalar.value, range: span(scalar), quote: scalar.quote },
      ...{ name: entry.key, nameRange: span(entry.keyAt) },
    },
    span(scalar),
    call,
  );
}

function callOf({ section, path, entry }: Setting, library: Library): Call {
  const holder = path.at(-1);
  return {
    name: path.map(({ key }) => key).join('.') || entry.key,
    range: span(section),
    nameRange: span(holder?.keyAt ?? entry.keyAt),
    library,
  };
}

function libraryOf(keys: ReadonlySet<string>): Library {
  if (keys.has('basemodel') && keys.has('microbatchsize')) return 'axolotl';
  if (keys.has('perdevicetrainbatchsize') || keys.has('numtrainepochs')) return 'transformers';
  if (keys.has('trainmicrobatchsizepergpu') || keys.has('zerooptimization')) return 'pytorch';
  if (
    keys.has('accumulategradbatches') ||
    keys.has('datamodule') ||
    (keys.has('trainer') && keys.has('maxepochs'))
  )
    return 'lightning';
  if (keys.has('imgsz')) return 'ultralytics';
  return keys.has('traindataloader') || keys.has('samplespergpu') ? 'pytorch' : 'unknown';
}

function isBatchwise(fileName: string | null): boolean {
  return fileName === 'batchwise.json' || (fileName?.endsWith('.batchwise.json') ?? false);
}

const batchwiseKeys: Record<string, SiteKind> = {
  batchSize: 'batchSize',
  epochs: 'epochs',
  learningRate: 'learningRate',
};
/** The defaults of the configuration's schema. */
const batchwiseDefaults: Partial<Record<SiteKind, number>> = { batchSize: 32, epochs: 10 };

/** Our own configuration: the numbers under `training`. */
function batchwise(root: Node, builder: SiteBuilder): Training[] {
  if (root.type !== 'mapping') return [];
  const holder = root.entries.find(({ key }) => key === 'training');
  const section = holder?.value;
  if (!holder || section?.type !== 'mapping') return [];
  const call: Call = {
    ...{ name: 'training', range: span(section), nameRange: span(holder.keyAt) },
    library: 'batchwise',
  };
  const sites: Partial<Record<SiteKind, Site>> = {};
  for (const entry of section.entries) {
    const kind = Object.hasOwn(batchwiseKeys, entry.key) ? batchwiseKeys[entry.key] : undefined;
    const scalar = scalarOf(entry.value);
    if (!kind || scalar?.quote !== '') continue;
    const site = addSite(builder, { kind, entry, scalar, section, path: [holder] }, call);
    if (site) sites[kind] = site;
  }
  const insertions: Partial<Record<SiteKind, Insertion>> = {};
  const last = section.entries.at(-1);
  for (const [key, kind] of Object.entries(batchwiseKeys)) {
    const written = section.entries.some((entry) => entry.key === key);
    if (written || (last && !last.value)) continue;
    const { part } = section;
    const at = last?.value?.to ?? section.from + 1;
    const before = `${last ? ', ' : ' '}"${key}": `;
    const implied = batchwiseDefaults[kind] ?? null;
    insertions[kind] = {
      ...{ at: span({ part, from: at, to: at }), before, after: last ? '' : ' ', implied },
    };
  }
  return [
    {
      call,
      batchSize: sites.batchSize ?? null,
      epochs: sites.epochs ?? null,
      datasetSize: null,
      accumulation: null,
      learningRate: sites.learningRate ?? null,
      validationSplit: null,
      insertions,
    },
  ];
}
