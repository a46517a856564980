import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { detectModelType, type DetectedModelType } from '../core/modelType';
import { forTfjs, inlineTopology, readTopology } from '../core/topology/readTopology';
import { topologyCost, type TopologyCost } from '../core/topology/topologyCost';
import { stringAt, valueAt } from './configDocument';

/** What the layers of a config's model tell without training it. */
export interface ConfigModel {
  readonly detected: DetectedModelType;
  readonly cost: TopologyCost;
}

const largestTopologyBytes = 32 * 2 ** 20;
const readFiles = new Map<string, { readonly stamp: string; readonly model: ConfigModel | null }>();

/**
 * The model of a config whose layers stand in it or in a JSON file; null for modules, which would
 * have to run, and for what cannot be read.
 * @param config as parsed, unchecked
 * @param inputShape of one sample, for models that do not say it
 */
export function configModel(
  config: unknown,
  configFile: string,
  inputShape: readonly number[] = [],
): ConfigModel | null {
  const layers = valueAt(config, ['model', 'layers']);
  try {
    if (Array.isArray(layers) && layers.length > 0)
      return modelOf(forTfjs(inlineTopology(layers)), inputShape);
    const topology = stringAt(config, 'model', 'topology');
    return topology === null
      ? null
      : fromFile(path.resolve(path.dirname(configFile), topology), inputShape);
  } catch {
    return null; // half-written layers
  }
}

function fromFile(file: string, inputShape: readonly number[]): ConfigModel | null {
  const { mtimeMs, size } = statSync(file);
  const stamp = [mtimeMs, size, ...inputShape].join();
  const known = readFiles.get(file);
  if (known?.stamp === stamp) return known.model;
  if (size > largestTopologyBytes) return null;
  const read = readTopology(readFileSync(file, 'utf8'), file, { file });
  const model = read.ok ? modelOf(forTfjs(read.value), inputShape) : null;
  readFiles.set(file, { stamp, model });
  return model;
}

function modelOf(topology: ReturnType<typeof forTfjs>, inputShape: readonly number[]): ConfigModel {
  const cost = topologyCost(topology, inputShape);
  return { detected: detectModelType(cost.classNames), cost };
}
