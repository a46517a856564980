import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { layers, type LayersModel } from '@tensorflow/tfjs-layers';
import type { SavedLayer, SavedWeight, SavedWeights } from './files/savedWeights';

type Layer = InstanceType<typeof layers.Layer>;

let blank = false;
let patched = false;

/** The initializers' own shapes, and nothing else of them. */
const zeros = {
  apply: (shape: readonly number[], dtype?: 'float32' | 'int32') =>
    tensor(
      new Float32Array(shape.reduce((product, length) => product * length, 1)),
      [...shape],
      dtype,
    ),
};

/** Builds a model whose weights are all zeros, for one that is given others or only looked at. */
export async function withBlankWeights<T>(build: () => Promise<T>): Promise<T> {
  leaveWeightsBlank();
  blank = true;
  try {
    return await build();
  } finally {
    blank = false;
  }
}

type AddWeight = (
  this: Layer,
  name: string,
  shape: number[],
  dtype: string | null,
  initializer: { apply: unknown } | undefined,
  ...rest: readonly unknown[]
) => unknown;

function leaveWeightsBlank(): void {
  if (patched) return;
  patched = true;
  const original = Reflect.get(layers.Layer.prototype, 'addWeight') as unknown as AddWeight;
  const addWeight: AddWeight = function (name, shape, dtype, initializer, ...rest) {
    return original.call(this, name, shape, dtype, blank ? zeros : initializer, ...rest);
  };
  Reflect.set(layers.Layer.prototype, 'addWeight', addWeight);
}

/** All weights of a model in its order. */
type Values = readonly Float32Array[];

/** Seeds whose initial weights are kept, and how large a model's may be for that. */
const mostSeeds = 4;
const mostBytes = 256 * 2 ** 20;

/** Initial weights are made once for each seed: trials of one seed begin with copies. */
export class InitialWeights {
  readonly #bySeed = new Map<number, Values>();

  has(seed: number): boolean {
    return this.#bySeed.has(seed);
  }

  async keep(seed: number, model: LayersModel): Promise<void> {
    if (4 * model.countParams() > mostBytes) return;
    const [oldest] = this.#bySeed.keys();
    if (this.#bySeed.size >= mostSeeds && oldest !== undefined) this.#bySeed.delete(oldest);
    const values: Float32Array[] = [];
    for (const weight of model.weights) values.push(Float32Array.from(await weight.read().data()));
    this.#bySeed.set(seed, values);
  }

  copyTo(model: LayersModel, seed: number): void {
    const values = this.#bySeed.get(seed) ?? [];
    for (const [index, weight] of model.weights.entries()) write(weight, values[index]);
  }
}

function write(
  weight: { shape: readonly (number | null)[]; write(value: Tensor): unknown; read(): Tensor },
  values: Float32Array | undefined,
): void {
  if (!values) return;
  const { shape, dtype } = weight.read();
  const given = tensor(values, shape, dtype);
  weight.write(given);
  given.dispose();
}

/**
 * Gives a model the weights that were saved with it.
 * @returns false, with nothing changed, where they are not those of this model
 */
export function loadSavedWeights(model: LayersModel, saved: SavedWeights): boolean {
  const found =
    saved.by === 'weight' ? byWeight(model, saved.layers) : byLayer(model.layers, saved);
  if (found?.length !== model.weights.length) return false;
  const fit = model.weights.every(({ shape }, at) => isShape(shape, found[at]?.shape));
  if (!fit) return false;
  for (const [at, weight] of model.weights.entries()) write(weight, found[at]?.values);
  return true;
}

function isShape(
  wanted: readonly (number | null)[],
  given: readonly number[] | undefined,
): boolean {
  return (
    given !== undefined &&
    wanted.length === given.length &&
    wanted.every((n, at) => n === given[at])
  );
}

/** tfjs names weights `layer/weight`, converters of Keras models `layer/cell/weight`, too. */
function byWeight(
  model: LayersModel,
  layers: ReadonlyMap<string, SavedLayer>,
): SavedWeight[] | null {
  const withoutCell = new Map<string, SavedLayer>();
  for (const [name, layer] of layers) {
    const parts = name.split('/');
    withoutCell.set([...parts.slice(0, -2), ...parts.slice(-1)].join('/'), layer);
  }
  const found = model.weights.map(
    ({ originalName }) => (layers.get(originalName) ?? withoutCell.get(originalName))?.weights[0],
  );
  return found.every((weight) => weight !== undefined) ? found : null;
}

/** A model's weights are those of its layers: first all that are trained, then the others. */
function byLayer(
  layers: readonly Layer[],
  { by, layers: saved }: Pick<SavedWeights, 'by' | 'layers'>,
): SavedWeight[] | null {
  const trained: SavedWeight[] = [];
  const others: SavedWeight[] = [];
  const counts = new Map<string, number>();
  for (const layer of layers) {
    const name = by === 'name' ? layer.name : nameByClass(layer, counts);
    if (layer.weights.length === 0) continue;
    const own = saved.get(name);
    const { layers: inner } = layer as Layer & { layers?: Layer[] };
    const weights =
      inner && own && own.inner.size > 0
        ? byLayer(inner, { by, layers: own.inner })
        : (own?.weights ?? null);
    if (weights?.length !== layer.weights.length) return null;
    const count = layer.trainableWeights.length;
    trained.push(...weights.slice(0, count));
    others.push(...weights.slice(count));
  }
  return [...trained, ...others];
}

/** As Keras 3 names a layer's place in a file: `dense`, `dense_1`, … in the order of layers. */
function nameByClass(layer: Layer, counts: Map<string, number>): string {
  const className = layer.getClassName();
  const name = className === 'Model' ? 'functional' : snakeName(className);
  const count = counts.get(name) ?? 0;
  counts.set(name, count + 1);
  return count === 0 ? name : `${name}_${String(count)}`;
}

/** As Keras writes `Conv2D` (conv2d) and `BatchNormalization` (batch_normalization). */
function snakeName(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
