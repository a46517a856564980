import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { resolvePath } from '../../config/workspacePaths';
import type { Config } from '../../config/schema';
import { fail, ok, type Place, type Result } from '../../core/text/problem';
import { exportedFunction, firstLine, loadModule } from '../loadModule';
import { tf } from '../tfjs/tf';
import { seededRandom, withSeededRandom } from '../random/seededRandom';
import { checkLayers } from './checkLayers';
import { withInputShape } from '../../core/model/topology/inlineInput';
import { allLayers } from './modelShapes';
import {
  forTfjs,
  inlineTopology,
  readTopology,
  type Topology,
} from '../../core/model/topology/readTopology';
import { compiledWith } from './trainingSettings';

export interface ModelContext {
  /** Absolute path of the config. */
  readonly configFile: string;
  /** Absolute folder that paths may not leave. */
  readonly root: string;
  /** Shape of one sample, for a first layer that says none. */
  readonly sampleShape: readonly number[];
}

/** A model read once, to be built any number of times. */
export interface ModelRecipe {
  /** A fresh model; equal seeds give equal initial weights. The caller disposes of it. */
  readonly build: (seed: number) => Promise<Result<LayersModel>>;
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
    const text = await readText(model.topology, context, place('topology'));
    if (!text.ok) return text;
    const topology = readTopology(text.value, path.basename(model.topology), place('topology'));
    return topology.ok
      ? topologyRecipe(topology.value, text.value, context, place('topology'))
      : topology;
  }
  const layers = model.layers ?? [];
  return topologyRecipe(inlineTopology(layers), JSON.stringify(layers), context, place('layers'));
}

async function readText(
  file: string,
  { configFile, root }: ModelContext,
  place: Place,
): Promise<Result<string>> {
  const resolved = await resolvePath(file, configFile, root, place.pointer ?? [], 'modelNotFound');
  if (!resolved.ok) return resolved;
  try {
    return ok(await readFile(resolved.value, 'utf8'));
  } catch (error) {
    return fail('modelUnreadable', { path: file, cause: firstLine(error) }, place);
  }
}

function topologyRecipe(
  topology: Topology,
  source: string,
  context: ModelContext,
  place: Place,
): Result<ModelRecipe> {
  const normalized = withInputShape(forTfjs(topology), context.sampleShape);
  const checked = checkLayers(normalized, place);
  if (!checked.ok) return checked;
  return ok({
    contentHash: hash(source),
    compiled: () => topology.compiled,
    build: (seed) =>
      built(place, () =>
        // Everything up to the weights happens in the call itself, before its promise is waited for.
        withSeededRandom(seed, () =>
          tf.models.modelFromJSON(structuredClone(normalized) as Parameters<ModelFromJson>[0]),
        ),
      ),
  });
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
  return ok({
    contentHash: hash(await readFile(resolved.value)),
    compiled: () => compiled,
    build: async (seed) => {
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
    },
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
