import { readFile, stat } from 'node:fs/promises';
import type { Config } from '../config/schema';
import { resolvePath } from '../config/workspacePaths';
import { forTfjs, readTopology } from '../core/model/topology/readTopology';
import { takeTextLookup, type TextLookup } from '../core/model/topology/textLookup';
import { signatureOf, type Signature } from '../core/model/topology/signature';
import { readModelFile } from './model/files/modelFile';

/** Larger files hold weights as well; reading them twice is not worth it. */
const mostBytes = 64 * 2 ** 20;
const withBatch = ['batch_input_shape', 'batchInputShape', 'batch_shape', 'batchShape'];
const withoutBatch = ['input_shape', 'inputShape'];

/** What a model's file shows before the model is built; null for what it does not. */
export interface ModelHints {
  /**
   * The shape of one sample: it decides which columns of a table, and which size of images, are
   * meant.
   */
  readonly inputShape: readonly number[] | null;
  /** Inputs and outputs by name. */
  readonly signature: Signature | null;
  /** The layer it begins with, where that turns texts into numbers. */
  readonly lookup: TextLookup | null;
  /** The losses it was compiled with, as its file writes them. */
  readonly compiledLoss: unknown;
}

const noHints: ModelHints = {
  inputShape: null,
  signature: null,
  lookup: null,
  compiledLoss: null,
};

/** Looks at a model's file; what is wrong with the model is reported when it is loaded. */
export async function modelHints(
  model: Config['model'],
  context: { readonly configFile: string; readonly root: string },
): Promise<ModelHints> {
  if (model.layers !== undefined) return { ...noHints, inputShape: shapeIn(model.layers) };
  if (model.topology === undefined) return noHints;
  try {
    const text = await topologyText(model.topology, context);
    const topology = text === null ? null : readTopology(text, '', { file: '' });
    if (text === null || !topology?.ok) return noHints;
    const layers = forTfjs(topology.value);
    const lookup = takeTextLookup(layers)?.lookup ?? null;
    const words = lookup?.length ?? null;
    return {
      // Of texts, as many numbers are made as the layer gives.
      inputShape: lookup?.rule.splits
        ? words === null
          ? null
          : [words]
        : shapeIn(JSON.parse(text)),
      signature: signatureOf(layers),
      lookup,
      compiledLoss: topology.value.compiled?.loss ?? null,
    };
  } catch {
    return noHints;
  }
}

async function topologyText(
  name: string,
  { configFile, root }: { readonly configFile: string; readonly root: string },
): Promise<string | null> {
  const file = await resolvePath(name, configFile, root, ['model'], 'modelNotFound');
  if (!file.ok) return null;
  const found = await stat(file.value);
  if (!found.isFile() || found.size > mostBytes) return null;
  if (!/\.json$/i.test(name)) {
    const read = await readModelFile(name, { configFile, root }, { file: configFile });
    return read.ok ? read.value.text : null;
  }
  return readFile(file.value, 'utf8');
}

/** The first input shape in the order of the file, which is that of the layers. */
function shapeIn(value: unknown, depth = 0): readonly number[] | null {
  if (typeof value !== 'object' || value === null || depth > 12) return null;
  const found = value as Readonly<Record<string, unknown>>;
  for (const key of withBatch) {
    const shape = sizes(found[key], 1);
    if (shape) return shape;
  }
  for (const key of withoutBatch) {
    const shape = sizes(found[key], 0);
    if (shape) return shape;
  }
  for (const inner of Object.values(found)) {
    const shape = shapeIn(inner, depth + 1);
    if (shape) return shape;
  }
  return null;
}

function sizes(shape: unknown, from: number): readonly number[] | null {
  if (!Array.isArray(shape) || shape.length <= from) return null;
  const own: unknown[] = shape.slice(from);
  return own.every((size): size is number => typeof size === 'number' && size > 0) ? own : null;
}
