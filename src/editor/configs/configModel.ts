import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { valueAt } from '../../config/jsonText';
import { modelMemory, type ModelMemory } from '../../core/model/memoryEstimate';
import { detectModelType, type DetectedModelType } from '../../core/model/modelType';
import { withInputShape } from '../../core/model/topology/inlineInput';
import { asText, isObject } from '../../core/model/topology/json';
import {
  forTfjs,
  inlineTopology,
  readTopology,
  type Topology,
} from '../../core/model/topology/readTopology';
import { lossNamed } from '../../core/model/losses';
import { topologyCost } from '../../core/model/topology/topologyCost';
import { stringAt } from './configDocument';

/** What is known of a config's model from its layers, without training it. */
export interface ConfigModel {
  readonly detected: DetectedModelType;
  /** Layers whose weights and values are not known. */
  readonly unknown: readonly string[];
  /** Null where nothing says the shape of a sample. */
  readonly memory: ModelMemory | null;
  /** The optimizer the model was compiled with. */
  readonly optimizer: string | null;
}

/** Read once for as long as what it was read from stays the same. */
interface Known {
  readonly stamp: string;
  readonly model: ConfigModel | null;
}

const largestTopologyBytes = 32 * 2 ** 20;
const largestInlineModels = 16;
const files = new Map<string, Known>();
const inline = new Map<string, ConfigModel | null>();

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
  const loss = stringAt(config, 'training', 'loss') ?? stringAt(config, 'training', 'loss', 'name');
  const given = { inputShape, loss, backend: stringAt(config, 'backend') };
  try {
    if (Array.isArray(layers) && layers.length > 0) return fromLayers(layers, given);
    const topology = stringAt(config, 'model', 'topology');
    return topology === null
      ? null
      : fromFile(path.resolve(path.dirname(configFile), topology), given);
  } catch {
    return null; // half-written layers
  }
}

interface Given {
  readonly inputShape: readonly number[];
  readonly loss: string | null;
  readonly backend: string | null;
}

function fromLayers(layers: readonly unknown[], given: Given): ConfigModel | null {
  const key = JSON.stringify([layers, given]);
  const known = inline.get(key);
  if (known !== undefined) return known;
  // What was typed before is seldom typed again.
  if (inline.size >= largestInlineModels) inline.clear();
  const model = modelOf(inlineTopology(layers), given);
  inline.set(key, model);
  return model;
}

function fromFile(file: string, given: Given): ConfigModel | null {
  const { mtimeMs, size } = statSync(file);
  const stamp = JSON.stringify([mtimeMs, size, given]);
  const known = files.get(file);
  if (known?.stamp === stamp) return known.model;
  if (size > largestTopologyBytes) return null;
  const read = readTopology(readFileSync(file, 'utf8'), file, { file });
  const model = read.ok ? modelOf(read.value, given) : null;
  files.set(file, { stamp, model });
  return model;
}

function modelOf(topology: Topology, { inputShape, loss, backend }: Given): ConfigModel {
  const model = withInputShape(forTfjs(topology), inputShape);
  const { compiled } = topology;
  const cost = topologyCost(model, inputShape);
  const isShaped = cost.input.length > 0 && cost.input.every((length) => length !== null);
  const lossName = lossNamed(loss ?? compiled?.loss);
  return {
    detected: detectModelType(cost.classNames),
    unknown: cost.unknown,
    memory: isShaped ? modelMemory(model, inputShape, lossName, backend) : null,
    optimizer: optimizerName(compiled?.optimizer),
  };
}

/** As Keras and tfjs write it: a name, or a class name with its settings. */
function optimizerName(compiled: unknown): string | null {
  if (!isObject(compiled)) return asText(compiled);
  const { class_name: name, config } = compiled;
  const hasMomentum =
    isObject(config) && typeof config.momentum === 'number' && config.momentum > 0;
  return String(name).toLowerCase() === 'sgd' && hasMomentum ? 'momentum' : asText(name);
}
