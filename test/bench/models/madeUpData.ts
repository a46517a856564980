import { product } from '../../../src/trainer/data/rawData';
import { seededRandom, type Random } from '../../../src/trainer/random/seededRandom';
import { normal } from '../../unit/tuner/lognormal';

/** An array of samples, as NumPy has it: the first axis counts samples. */
export interface Samples {
  readonly shape: readonly number[];
  readonly values: Float32Array | Uint8Array;
}

/** What a model takes. */
export interface InputSide {
  readonly name: string;
  /** Of one sample. */
  readonly shape: readonly number[];
  /** Tokens that it knows, where it takes token numbers; else null. */
  readonly vocabulary: number | null;
  readonly isImage: boolean;
}

/** What a model is trained to give. */
export interface OutputSide {
  readonly name: string;
  /** Of one sample. */
  readonly shape: readonly number[];
  readonly task:
    /** One class of as many as there are units; numbered, or one-hot. */
    | { readonly kind: 'classes'; readonly isOneHot: boolean }
    /** One unit that says yes or no. */
    | { readonly kind: 'truth' }
    /** Units that say yes or no, each for itself. */
    | { readonly kind: 'truths' }
    /** Numbers, positive where the activation gives no others. */
    | { readonly kind: 'numbers'; readonly isPositive: boolean }
    /** The input itself, as numbers between 0 and 1. */
    | { readonly kind: 'input' };
}

const most = { classes: 10, factors: 8, parts: 4, groups: 8 } as const;
/** Deviation of a sample within its class, and of each value around what its factors say. */
const [withinClass, aroundFactors] = [0.5, 0.5];
const [middleGrey, greyPerUnit] = [128, 48];
const tokenSharpness = 1.5;

/**
 * Data that can be learned, by one rule for every model. A sample (where outputs have a place for
 * each step, each quarter of it) has up to eight hidden factors. For classifiers these lie around
 * the mean of its class, else they are standard normal. Inputs are fixed linear maps of the
 * factors, one for every part of the input, with noise; tokens are drawn by Zipf's law, and the
 * factors say which ones more often. Numbers to be learned are a smooth function of the factors.
 */
export function madeUpData(
  inputs: readonly InputSide[],
  outputs: readonly OutputSide[],
  count: number,
  seed: number,
): ReadonlyMap<string, Samples> {
  const random = seededRandom(seed);
  const quarters = outputs.some(({ shape }) => product(shape.slice(0, -1)) > 1) ? most.parts : 1;
  const factors = Math.min(most.factors, Math.max(...inputs.map((side) => rowsOf(side, quarters))));
  const classes = Math.max(1, ...outputs.map(classesOf));
  const means = normals(random, classes * factors);
  const classOf = Uint8Array.from({ length: count * quarters }, () => random() * classes);
  const hidden = Float32Array.from({ length: count * quarters * factors }, (_, at) => {
    const own = classOf[Math.floor(at / factors)] ?? 0;
    if (classes === 1) return normal(random);
    return (means[own * factors + (at % factors)] ?? 0) + withinClass * normal(random);
  });
  const world: World = { random, count, quarters, factors, classOf, hidden };
  const made = new Map(inputs.map((side) => [side.name, inputOf(world, side)]));
  for (const side of outputs) {
    if (side.task.kind !== 'input') made.set(side.name, outputOf(world, side));
    else if (inputs[0]) made.set(side.name, copyOf(inputs[0], made));
  }
  return made;
}

interface World {
  readonly random: Random;
  readonly count: number;
  /** Parts of a sample along its first axis that have factors of their own: 1 or 4. */
  readonly quarters: number;
  readonly factors: number;
  readonly classOf: Uint8Array;
  /** Factors by sample and quarter. */
  readonly hidden: Float32Array;
}

/** The row of the linear map that an element belongs to: quarters of each axis but the last. */
function rowOf(shape: readonly number[], element: number): number {
  const allParts = partsOf(shape);
  let [rest, row, rows] = [element, 0, 1];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const [length, parts] = [shape[axis] ?? 1, allParts[axis] ?? 1];
    row += rows * Math.floor((parts * (rest % length)) / length);
    rest = Math.floor(rest / length);
    rows *= parts;
  }
  return row;
}

function partsOf(shape: readonly number[]): number[] {
  return shape.map((length, axis) =>
    axis === shape.length - 1 ? length : Math.min(most.parts, length),
  );
}

/** Numbers that tell of a quarter's factors. */
function rowsOf({ shape, vocabulary }: InputSide, quarters: number): number {
  if (vocabulary !== null) return Math.min(most.groups, vocabulary);
  return Math.max(1, Math.floor(product(partsOf(shape)) / quarters));
}

function quarterOf(shape: readonly number[], element: number, quarters: number): number {
  const [first = 1] = shape;
  const inner = product(shape) / first;
  return Math.floor((quarters * Math.floor(element / inner)) / first);
}

function inputOf(world: World, side: InputSide): Samples {
  const { random, count, quarters, factors, hidden } = world;
  const { shape, vocabulary, isImage } = side;
  const size = product(shape);
  const at = (sample: number, element: number) =>
    factors * (sample * quarters + quarterOf(shape, element, quarters));
  if (vocabulary !== null) {
    const draw = tokens(random, vocabulary, factors);
    const values = new Float32Array(count * size);
    for (let k = 0; k < values.length; k++) {
      const from = at(Math.floor(k / size), k % size);
      values[k] = draw(hidden.subarray(from, from + factors));
    }
    return { shape: [count, ...shape], values };
  }
  const rows = Array.from({ length: size }, (_, element) => rowOf(shape, element));
  const map = normals(random, product(partsOf(shape)) * factors);
  const values = isImage ? new Uint8Array(count * size) : new Float32Array(count * size);
  for (let sample = 0; sample < count; sample++) {
    for (let element = 0; element < size; element++) {
      const said = dot(map, (rows[element] ?? 0) * factors, hidden, at(sample, element), factors);
      const value = said + aroundFactors * normal(random);
      values[sample * size + element] = isImage
        ? Math.max(0, Math.min(255, middleGrey + greyPerUnit * value))
        : value;
    }
  }
  return { shape: [count, ...shape], values };
}

/** Draws a token: its group by the factors, its place in the group by Zipf's law. 0 is padding. */
function tokens(random: Random, vocabulary: number, factors: number) {
  const known = Math.max(1, vocabulary - 1);
  const groups = Math.min(most.groups, known);
  const map = normals(random, groups * factors);
  const weights = new Float64Array(groups);
  return (hidden: Float32Array): number => {
    let total = 0;
    for (let group = 0; group < groups; group++) {
      weights[group] = Math.exp(tokenSharpness * dot(map, group * factors, hidden, 0, factors));
      total += weights[group] ?? 0;
    }
    let rest = random() * total;
    let group = 0;
    while (group < groups - 1 && rest > (weights[group] ?? 0)) rest -= weights[group++] ?? 0;
    const members = Math.floor((known - 1 - group) / groups) + 1;
    const rank = Math.min(members - 1, Math.floor((members + 1) ** random()) - 1);
    return Math.min(vocabulary - 1, 1 + group + groups * rank);
  };
}

function outputOf(world: World, { shape, task }: OutputSide): Samples {
  const { random, count, quarters, factors, classOf, hidden } = world;
  const outer = shape.slice(0, -1);
  const places = product(outer);
  const units = shape.at(-1) ?? 1;
  const quarterAt = (place: number) =>
    places === 1 ? 0 : quarterOf([...outer, 1], place, quarters);
  const map = normals(random, units * factors);
  const isHot = task.kind === 'classes' && task.isOneHot;
  const width = task.kind === 'classes' && !isHot ? 1 : units;
  const values = new Float32Array(count * places * width);
  for (let k = 0; k < count * places; k++) {
    const own = Math.floor(k / places) * quarters + quarterAt(k % places);
    const drawn = (classOf[own] ?? 0) % classesOf({ shape, task });
    if (task.kind === 'classes') values[isHot ? k * width + drawn : k] = isHot ? 1 : drawn;
    else if (task.kind === 'truth') values[k] = drawn;
    else {
      for (let unit = 0; unit < units; unit++) {
        const said = dot(map, unit * factors, hidden, own * factors, factors);
        values[k * width + unit] = targetOf(task, said);
      }
    }
  }
  // Numbered classes have no axis of units; one number a sample is a plain column.
  const isPlain = task.kind === 'classes' ? !isHot : width === 1 && outer.length === 0;
  return { shape: [count, ...outer, ...(isPlain ? [] : [units])], values };
}

function targetOf(task: OutputSide['task'], said: number): number {
  if (task.kind === 'truths') return Number(said > 0);
  const isPositive = task.kind === 'numbers' && task.isPositive;
  return isPositive ? 0.5 + 0.4 * Math.tanh(said) : Math.tanh(said);
}

/** An autoencoder's target is its input; both lie between 0 and 1. */
function copyOf({ name }: InputSide, made: Map<string, Samples>): Samples {
  const input = made.get(name);
  if (!input) throw new Error(`no input ${name}`);
  const { shape, values } = input;
  if (values instanceof Uint8Array) {
    return { shape, values: Float32Array.from(values, (value) => value / 255) };
  }
  for (let k = 0; k < values.length; k++) values[k] = 1 / (1 + Math.exp(-(values[k] ?? 0)));
  return { shape, values: values.slice() };
}

function classesOf({ shape, task }: Pick<OutputSide, 'shape' | 'task'>): number {
  if (task.kind === 'truth') return 2;
  return task.kind === 'classes' ? Math.min(most.classes, shape.at(-1) ?? 1) : 1;
}

/** The product of two vectors, by the root of their length: of standard normals it is about 1. */
function dot(
  map: Float32Array,
  from: number,
  hidden: Float32Array,
  at: number,
  length: number,
): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += (map[from + k] ?? 0) * (hidden[at + k] ?? 0);
  return sum / Math.sqrt(length);
}

function normals(random: Random, length: number): Float32Array {
  return Float32Array.from({ length }, () => normal(random));
}
