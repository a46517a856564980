import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { resolvePath } from '../../config/workspacePaths';
import type { Config } from '../../config/schema';
import { fail, ok, type Place, type Result, type Text } from '../../core/text/problem';
import { firstLine } from '../../core/text/errorText';
import { exportedFunction, loadModule } from '../loadModule';
import { keepMasksApart } from '../tfjs/inputMasks';
import { tf } from '../tfjs/tf';
import { seededRandom, withSeededRandom } from '../random/seededRandom';
import { addActivityPenalties, takeActivityPenalties } from './activityPenalties';
import { checkLayers } from './checkLayers';
import { takeTextLookup } from '../../core/model/topology/textLookup';
import { withInputShape } from '../../core/model/topology/inlineInput';
import { allLayers } from './modelShapes';
import {
  forTfjs,
  inlineTopology,
  readTopology,
  type Topology,
} from '../../core/model/topology/readTopology';
import { readModelFile, type ModelFile } from './files/modelFile';
import { InitialWeights, loadSavedWeights, withBlankWeights } from './initialWeights';
import { compiledWith } from './trainingSettings';

interface ModelContext {
  /** Absolute path of the config. */
  readonly configFile: string;
  /** Absolute folder that paths may not leave. */
  readonly root: string;
  /** Shape of one sample, for a first layer that says none. */
  readonly sampleShape: readonly number[];
  /** Whether the data bring the numbers that a first layer would make of texts: it is left out then. */
  readonly textsLookedUp?: boolean | undefined;
}

/** A model read once, to be built any number of times. */
interface ModelRecipe {
  /** A fresh model; equal seeds give equal initial weights. The caller disposes of it. */
  readonly build: (seed: number) => Promise<Result<LayersModel>>;
  /** A model to look at, whose weights need mean nothing. */
  readonly draft: () => Promise<Result<LayersModel>>;
  /** What to report about the initial weights of trials; known once a model was built. */
  readonly notes: () => readonly Text[];
  /** How the model says it was compiled; for a module known once it was built. */
  readonly compiled: () => Topology['compiled'];
  /** SHA-256 of what the model is made from. */
  readonly contentHash: string;
}

/** Reads the config's model: its file or layers are checked, nothing is built. */
export async function readModelRecipe(
  model: Config['model'],
  context: ModelContext,
): Promise<Result<ModelRecipe>> {
  const place = (key: string): Place => ({ file: context.configFile, pointer: ['model', key] });
  if (model.module !== undefined) return moduleRecipe(model.module, context, place('module'));
  if (model.topology !== undefined) {
    const file = await readModelFile(model.topology, context, place('topology'));
    if (!file.ok) return file;
    const name = path.basename(model.topology);
    const topology = readTopology(file.value.text, name, place('topology'));
    if (!topology.ok) return topology;
    const weights = model.weights === 'random' ? null : file.value.weights;
    const source = { ...file.value, name, weights };
    return topologyRecipe(topology.value, source, context, place('topology'));
  }
  const layers = model.layers ?? [];
  const content = Buffer.from(JSON.stringify(layers));
  const source = { content, weights: null, name: null };
  return topologyRecipe(inlineTopology(layers), source, context, place('layers'));
}

interface TopologySource extends Pick<ModelFile, 'content' | 'weights'> {
  /** The file's name; null where the layers are in the config. */
  readonly name: string | null;
}

function topologyRecipe(
  topology: Topology,
  { content, weights, name }: TopologySource,
  context: ModelContext,
  place: Place,
): Result<ModelRecipe> {
  const whole = forTfjs(topology);
  const cut = context.textsLookedUp === true ? takeTextLookup(whole)?.model : null;
  const normalized = withInputShape(cut ?? whole, context.sampleShape);
  const checked = checkLayers(normalized, place);
  if (!checked.ok) return checked;
  const { topology: buildable, penalties } = takeActivityPenalties(normalized);
  const make = async () => {
    const model = await built(place, () =>
      tf.models.modelFromJSON(structuredClone(buildable) as Parameters<ModelFromJson>[0]),
    );
    if (!model.ok) return model;
    keepMasksApart(model.value);
    addActivityPenalties(model.value, penalties);
    return model;
  };
  const made = new InitialWeights();
  let saved = weights;
  let isFrozen = false;
  /** Saved weights stand for every seed, and only a built model shows whether they belong to it. */
  const withSaved = async () => {
    if (!saved) return null;
    const model = await withBlankWeights(make);
    if (!model.ok || loadSavedWeights(model.value, saved)) return model;
    saved = false;
    model.value.dispose();
    return null;
  };
  return ok({
    contentHash: hash(content),
    compiled: () => topology.compiled,
    draft: async () => {
      const model = (await withSaved()) ?? (await withBlankWeights(make));
      if (model.ok) isFrozen = hasFrozenLayers(model.value);
      return model;
    },
    notes: () => {
      const values = { path: name ?? '' };
      if (saved) return [{ id: 'modelWeightsLoaded', values }];
      if (saved === false) return [{ id: 'modelWeightsNotLoaded', values }];
      return isFrozen ? [{ id: 'modelWeightsRandom', values: {} }] : [];
    },
    build: async (seed) => {
      const given = await withSaved();
      if (given) return given;
      if (made.has(seed)) {
        const model = await withBlankWeights(make);
        if (model.ok) made.copyTo(model.value, seed);
        return model;
      }
      // Everything up to the weights happens in the call itself, before its promise is waited for.
      const model = await withSeededRandom(seed, make);
      if (model.ok) await made.keep(seed, model.value);
      return model;
    },
  });
}

/** Layers with weights of which none is trained. */
function hasFrozenLayers(model: LayersModel): boolean {
  return allLayers(model).some((layer) => !layer.trainable && layer.weights.length > 0);
}

type ModelFromJson = typeof tf.models.modelFromJSON;

async function moduleRecipe(
  file: string,
  context: ModelContext,
  place: Place,
): Promise<Result<ModelRecipe>> {
  const { configFile, root } = context;
  const resolved = await resolvePath(file, configFile, root, place.pointer ?? [], 'modelNotFound');
  if (!resolved.ok) return resolved;
  const exported = await loadModule(resolved.value, place);
  if (!exported.ok) return exported;
  const create = exportedFunction(exported.value, 'createModel', file, place);
  if (!create.ok) return create;
  let compiled: Topology['compiled'] = null;
  const build: ModelRecipe['build'] = async (seed) => {
    const values = { path: path.basename(file) };
    let made: unknown;
    // The module may wait, so the seeded source stays in place until it is done.
    const random = Math.random;
    Math.random = seededRandom(seed);
    try {
      made = await create.value(tf);
    } catch (error) {
      return fail('moduleCreateModelFailed', { ...values, cause: firstLine(error) }, place);
    } finally {
      Math.random = random;
    }
    if (!(made instanceof tf.LayersModel))
      return fail('moduleNotModel', { ...values, found: kindOf(made) }, place);
    const model = made;
    forgetMaskSeeds(model);
    compiled = compiledWith(model);
    return built(place, () => Promise.resolve(model));
  };
  return ok({
    contentHash: hash(await readFile(resolved.value)),
    compiled: () => compiled,
    notes: () => [],
    draft: () => build(0),
    build,
  });
}

/** tfjs repeats a seeded dropout mask at every step; without its seed it draws from Math.random. */
function forgetMaskSeeds(model: LayersModel): void {
  for (const layer of allLayers(model)) {
    if (layer.getClassName() === 'Dropout')
      (layer as unknown as { seed: number | undefined }).seed = undefined;
  }
}

/** Waits for a model and turns what tfjs throws into a problem. */
async function built(place: Place, make: () => Promise<LayersModel>): Promise<Result<LayersModel>> {
  const at = { ...place, pointer: ['model'] };
  try {
    const model = await make();
    // A sequential model has its weights already, but not the graph that holds its layers.
    if (!model.built) model.build(model.inputs[0]?.shape ?? []);
    if (model.trainableWeights.length === 0) return fail('modelNoWeights', {}, at);
    return ok(model);
  } catch (error) {
    return fail('modelNotBuilt', { cause: firstLine(error) }, at);
  }
}

function hash(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? value.constructor.name : typeof value;
}
