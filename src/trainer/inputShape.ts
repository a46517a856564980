import { readFile, stat } from 'node:fs/promises';
import { resolvePath } from '../config/workspacePaths';
import type { Config } from '../config/schema';

/** Larger files hold weights as well; reading them twice is not worth it. */
const mostBytes = 64 * 2 ** 20;
const withBatch = ['batch_input_shape', 'batchInputShape', 'batch_shape', 'batchShape'];
const withoutBatch = ['input_shape', 'inputShape'];

/**
 * The shape of one sample by the model's JSON, before the model is built: it decides which
 * columns of a table, and which size of images, are meant. Null where the file says none; what is
 * wrong with the model is reported when it is loaded.
 */
export async function inputShapeOf(
  model: Config['model'],
  { configFile, root }: { configFile: string; root: string },
): Promise<readonly number[] | null> {
  if (model.layers !== undefined) return shapeIn(model.layers);
  if (model.topology === undefined) return null;
  try {
    const file = await resolvePath(model.topology, configFile, root, ['model'], 'modelNotFound');
    if (!file.ok) return null;
    const found = await stat(file.value);
    if (!found.isFile() || found.size > mostBytes) return null;
    return shapeIn(JSON.parse(await readFile(file.value, 'utf8')));
  } catch {
    return null;
  }
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
