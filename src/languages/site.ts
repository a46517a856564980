/**
 * What the language modules find in a document: the numbers that decide how a model trains, and the
 * training calls they belong to. Hovers, actions, lenses, inlay hints and diagnostics need only this.
 */

import type { BatchCount } from '../core/batches/updates';
import type { ProgramUses } from './programUses';

/** A range of offsets (UTF-16 code units, end exclusive) in one part of what was searched. */
export interface Span {
  /** Index of the notebook cell; 0 for a plain document. */
  readonly cell: number;
  readonly from: number;
  readonly to: number;
}

export const siteKinds = [
  'batchSize',
  'epochs',
  'datasetSize',
  'accumulation',
  'learningRate',
] as const;
export type SiteKind = (typeof siteKinds)[number];

/** The library that reads the number. Only `tfjs` and `batchwise` are what Batchwise itself trains with. */
export type Library =
  | 'batchwise'
  | 'tfjs'
  | 'keras'
  | 'tensorflow'
  | 'pytorch'
  | 'lightning'
  | 'transformers'
  | 'jax'
  | 'fastai'
  | 'ultralytics'
  | 'sklearn'
  | 'axolotl'
  | 'unknown';

/** The call, or the section of a configuration, that a number belongs to. */
export interface Call {
  /** As people name it: `model.fit`, `DataLoader`, `TrainingArguments`, `training`. */
  readonly name: string;
  /** The whole call, arguments included. */
  readonly range: Span;
  /** The callee alone (`model.fit`), or the section's key: where a lens or a squiggle goes. */
  readonly nameRange: Span;
  readonly library: Library;
}

/** How a new value is spelled where the old one stands. */
export type Spelling = { readonly quote: string };

export interface Site {
  readonly kind: SiteKind;
  /** Null when the number is only known at run time (`batch_size=args.batch_size // world`). */
  readonly value: number | null;
  /** What to replace: the literal where it is defined (`32` in `const BATCH_SIZE = 32`), not its use. */
  readonly range: Span;
  /** The name that holds it: constant, key, keyword argument, option. Null for positional arguments. */
  readonly name: string | null;
  readonly nameRange: Span | null;
  /** Where it was seen in calls; holds `range` itself when the literal stands in the call. */
  readonly uses: readonly Span[];
  /** The first call that it flows into; null when no call was seen (a constant, a default). */
  readonly call: Call | null;
  /** Null when the value cannot be replaced by a number without changing what the code does. */
  readonly spelling: Spelling | null;
  /** Of a batch size; null where nothing says more than that it is one, and of all other kinds. */
  readonly counts: BatchCount | null;
}

/** How a framework makes updates of batches, as far as the source says. */
export interface Counting {
  /** Devices that train together, each with a batch of its own; null where it is not said. */
  readonly devices: number | null;
  /** Updates after which training ends, whatever the number of epochs; null where it is not said. */
  readonly steps: number | null;
  /** Whether short samples are packed into longer ones: then the number per epoch is not known. */
  readonly packs: boolean;
  /** Completions that are generated of every prompt; null where it is not said. */
  readonly generations: number | null;
  /** The size of a whole update, and of a microbatch, where both are written: one follows from the other. */
  readonly global: number | null;
  readonly microbatch: number | null;
  /** A size that the framework is asked to choose, as it is written: `auto`, `-1`, `0.70`. */
  readonly automatic: string | null;
  /** Whether training makes no passes over a fixed data set: it has a replay buffer, rollouts, a generator. */
  readonly draws: boolean;
  /** Whether the call says itself how many updates an epoch has: `steps_per_epoch`. */
  readonly setsSteps: boolean;
  /** Whether gradients of several batches are summed, and it is not known of how many. */
  readonly accumulates: boolean;
  /** Whether the program multiplies its learning rate by the size of an update. */
  readonly scalesRate: boolean;
  /** Whether the program makes a number of updates, and knows no epochs. */
  readonly countsUpdates: boolean;
  /** Whether the call trains several models, one after the other: a search. */
  readonly searches: boolean;
}

/** Of a training that says nothing of all this. */
export const plainCounting: Counting = {
  devices: null,
  steps: null,
  packs: false,
  generations: null,
  global: null,
  microbatch: null,
  automatic: null,
  draws: false,
  setsSteps: false,
  accumulates: false,
  scalesRate: false,
  countsUpdates: false,
  searches: false,
};

/** A place where an argument that the call leaves out can be written. */
export interface Insertion {
  /** An empty span. */
  readonly at: Span;
  /** What goes before and after the number, separators included: `, epochs=` and ``. */
  readonly before: string;
  readonly after: string;
  /** What the library takes when the argument is left out; null when that is not known. */
  readonly implied: number | null;
  /** What a batch size counts there. */
  readonly counts?: BatchCount;
}

/** A whole argument that can be written into a call. */
export interface Addition {
  /** An empty span. */
  readonly at: Span;
  /** `drop_last=True`, as messages show it, */
  readonly argument: string;
  /** and as it is written there, with what separates it. */
  readonly text: string;
}

/** One call that trains a model (or one section of a configuration), with what decides its arithmetic. */
export interface Training {
  readonly call: Call;
  readonly batchSize: Site | null;
  readonly epochs: Site | null;
  readonly datasetSize: Site | null;
  readonly accumulation: Site | null;
  readonly learningRate: Site | null;
  /** The share of the samples kept for validation (`validation_split`); null when none is said. */
  readonly validationSplit: number | null;
  /** Whether a last batch that is not full is left out (`drop_last`, `drop_remainder`). */
  readonly dropsLast?: boolean;
  /**
   * Whether a flag for that is given whose value is only known at run time, or of which it cannot be
   * seen that it is for other batches.
   */
  readonly mayDropLast?: boolean;
  /** Whether it is seen that a partial last batch is trained with. */
  readonly keepsLast?: boolean;
  /** The argument that would leave it out, where the call that makes the batches is known to take it. */
  readonly droppingLast?: Addition;
  readonly counting: Counting;
  /** Whether a program that is not seen here reads the numbers, and makes updates of them as it will. */
  readonly readElsewhere?: boolean;
  /** Functions, classes and variables that its model may be made in, the likeliest first. */
  readonly makers?: readonly string[];
  /** Arguments of `call` that are absent and could be added. */
  readonly insertions: Partial<Record<SiteKind, Insertion>>;
}

export type LayerFamily =
  'convolution' | 'recurrent' | 'attention' | 'embedding' | 'dense' | 'normalization';

/** A layer (or a ready-made network) created in source: evidence of the model's type. */
export interface LayerCall {
  /** The Keras class name that fits best: `Conv2D`, `LSTM`, `MultiHeadAttention`, `Dense`. */
  readonly className: string;
  /** As written: `nn.Conv2d`, `tf.layers.conv2d`. */
  readonly written: string;
  readonly family: LayerFamily;
  readonly range: Span;
  /** The function, class or variable that it is a part of, where it stands in a program. */
  readonly home?: string;
}

/** A `batchwise: samples=60000` comment; it outranks everything but the configuration. */
export interface Hint {
  readonly samples: number;
  readonly range: Span;
}

/** How a program counts, wherever its batch sizes stand. */
export interface LoneCounting extends Pick<
  Counting,
  'draws' | 'scalesRate' | 'countsUpdates' | 'setsSteps'
> {
  /** Whether accumulated batches are parts of the batch that is written. */
  readonly dividesBatch?: boolean;
}

export interface Findings {
  /** In document order of `range`; no two have the same kind and range. */
  readonly sites: readonly Site[];
  /** Batch sizes that no update is made of, for a model is only evaluated or run with them. */
  readonly inferences: readonly Site[];
  /** In document order. */
  readonly trainings: readonly Training[];
  readonly layers: readonly LayerCall[];
  readonly hints: readonly Hint[];
  /** Which functions and classes use which others, in a program whose layers stand in several. */
  readonly uses?: ProgramUses;
  /** What holds of numbers that no training is seen to use. */
  readonly lone?: LoneCounting;
}

export const nothingFound: Findings = {
  sites: [],
  inferences: [],
  trainings: [],
  layers: [],
  hints: [],
};

/** The text that replaces `site.range`; null when it cannot be replaced (see `spelling`). */
export function writeSite(site: Site, value: number): string | null {
  if (!site.spelling) return null;
  const { quote } = site.spelling;
  return quote + formatNumber(value) + quote;
}

/** The text to insert at `insertion.at`. */
export function writeInsertion(insertion: Insertion, value: number): string {
  return insertion.before + formatNumber(value) + insertion.after;
}

/** A number as JavaScript, Python, YAML 1.1 and JSON all read it (YAML 1.1 wants a point before `e`). */
function formatNumber(value: number): string {
  const text = String(value);
  const exponent = text.indexOf('e');
  if (exponent < 0 || text.includes('.')) return text;
  return `${text.slice(0, exponent)}.0${text.slice(exponent)}`;
}

function holds(span: Span | null, cell: number, offset: number): boolean {
  return span !== null && span.cell === cell && span.from <= offset && offset <= span.to;
}

/** Every span of a site that a person may point at: the literal, its name, and its uses. */
export function spansOf(site: Site): readonly Span[] {
  return site.nameRange ? [site.range, site.nameRange, ...site.uses] : [site.range, ...site.uses];
}

/** The site under the cursor: the one whose span there is shortest, or null. */
export function siteAt(findings: Findings, cell: number, offset: number): Site | null {
  return shortestAt(findings.sites, cell, offset);
}

/** The batch size of an evaluation or inference under the cursor, or null. */
export function inferenceAt(findings: Findings, cell: number, offset: number): Site | null {
  return shortestAt(findings.inferences, cell, offset);
}

function shortestAt(sites: readonly Site[], cell: number, offset: number): Site | null {
  let best: Site | null = null;
  let length = Infinity;
  for (const site of sites) {
    for (const span of spansOf(site)) {
      if (holds(span, cell, offset) && span.to - span.from < length) {
        best = site;
        length = span.to - span.from;
      }
    }
  }
  return best;
}

/** The trainings that use a site. */
export function trainingsOf(findings: Findings, site: Site): readonly Training[] {
  return findings.trainings.filter((training) => siteOf(training, site.kind) === site);
}

/** A training's site of one kind. */
function siteOf(training: Training, kind: SiteKind): Site | null {
  return training[kind];
}

/**
 * How many samples an epoch has, as far as the document says: the training's own dataset size, else
 * the only one in a document with one training, else a hint in a comment. Null when it does not say.
 */
export function samplesFor(findings: Findings, training: Training | null): number | null {
  return literalSamples(findings, training) ?? hintFor(findings, training)?.samples ?? null;
}

/** The last hint before the end of a training's call, else the first in the document. */
function hintFor({ hints }: Findings, training: Training | null): Hint | null {
  const [first = null] = hints;
  if (!training) return first;
  const { cell, to } = training.call.range;
  const before = ({ range }: Hint): boolean =>
    range.cell < cell || (range.cell === cell && range.from <= to);
  return hints.findLast(before) ?? first;
}

function literalSamples(findings: Findings, training: Training | null): number | null {
  if (training?.datasetSize) {
    const { value } = training.datasetSize;
    return value === null ? null : trained(value, training);
  }
  // With two trainings it is not known whose it is.
  const only = findings.trainings.length > 1 ? null : onlySize(findings);
  return only === null ? null : trained(only, training);
}

/** Of so many samples, those that are left for training. */
function trained(samples: number, training: Training | null): number {
  const share = training?.validationSplit ?? 0;
  // AutoKeras rounds what it keeps for validation down, Keras and TensorFlow.js what they train with.
  // https://github.com/keras-team/autokeras/blob/master/autokeras/utils/data_utils.py
  if (training?.counting.searches) return samples - Math.floor(samples * share);
  return Math.floor(samples * (1 - share));
}

const onlySizes = new WeakMap<Findings, number | null>();

/** The only dataset size in a document, or null; cached, since it is needed often. */
function onlySize(findings: Findings): number | null {
  let known = onlySizes.get(findings);
  if (known === undefined) {
    const sizes = new Set(
      findings.sites.flatMap(({ kind, value }) =>
        kind === 'datasetSize' && value !== null ? [value] : [],
      ),
    );
    const [only] = sizes;
    known = sizes.size === 1 && only !== undefined ? only : null;
    onlySizes.set(findings, known);
  }
  return known;
}
