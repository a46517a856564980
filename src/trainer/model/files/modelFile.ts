import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { io, type Tensor } from '@tensorflow/tfjs-core';
import { isInside, resolvePath } from '../../../config/workspacePaths';
import type { MessageId } from '../../../core/text/messages';
import { fail, ok, type Place, type Result } from '../../../core/text/problem';
import { causeInFile, firstLine } from '../../../core/text/errorText';
import type { SavedLayer, SavedWeights } from './savedWeights';

/** A model's file: its JSON, and the weights that were saved with it. */
export interface ModelFile {
  readonly text: string;
  readonly content: Buffer;
  /** Null where none were saved; false where they were, but cannot be read. */
  readonly weights: SavedWeights | null | false;
}

/** Formats that hold no layers, by the file's name: with what to do instead. */
const foreign: readonly { readonly names: RegExp; readonly reason: MessageId }[] = [
  { names: /\.onnx$/i, reason: 'modelIsOnnx' },
  { names: /\.(pt|pth|ckpt|bin|safetensors|pkl|pickle|joblib)$/i, reason: 'modelIsPytorch' },
  { names: /\.(pb|pbtxt|tflite|lite|mlmodel)$/i, reason: 'modelIsFrozenGraph' },
  { names: /\.py$/i, reason: 'modelIsPython' },
  { names: /\.(m?js|cjs|m?ts|cts)$/i, reason: 'modelIsModule' },
];

const kerasFile = /\.(keras|h5|hdf5)$/i;

/** Reads the file that `model.topology` names, whatever its format, or says what it is. */
export async function readModelFile(
  written: string,
  { configFile, root }: { readonly configFile: string; readonly root: string },
  place: Place,
): Promise<Result<ModelFile>> {
  const resolved = await resolvePath(
    written,
    configFile,
    root,
    place.pointer ?? [],
    'modelNotFound',
  );
  if (!resolved.ok) return resolved;
  const file = resolved.value;
  const values = { path: written };
  const other = foreign.find(({ names }) => names.test(written));
  if (other) return fail(other.reason, values, place);
  try {
    if ((await stat(file)).isDirectory()) return await folderProblem(file, written, place);
    const content = await readFile(file);
    const isKeras = kerasFile.test(written) || isHdf5(content);
    if (isKeras) return await wholeModel(content, written, place);
    const reason = foreignContent(content);
    if (reason) return fail(reason, values, place);
    const text = content.toString('utf8');
    return ok({ text, content, weights: await shards(text, path.dirname(file), root) });
  } catch (error) {
    return fail('modelUnreadable', { ...values, cause: firstLine(error) }, place);
  }
}

async function folderProblem(
  folder: string,
  written: string,
  place: Place,
): Promise<Result<ModelFile>> {
  const names = await readdir(folder);
  if (names.includes('saved_model.pb') || names.includes('keras_metadata.pb'))
    return fail('modelIsSavedModel', { path: written }, place);
  const model =
    names.find((name) => name === 'model.json') ?? names.find((name) => kerasFile.test(name));
  return model === undefined
    ? fail('modelIsFolder', { path: written }, place)
    : fail('modelIsFolderWith', { path: written, file: path.posix.join(written, model) }, place);
}

function isHdf5(content: Buffer): boolean {
  return content.subarray(1, 4).toString('latin1') === 'HDF';
}

/** Binary files under a name that says nothing. */
function foreignContent(content: Buffer): MessageId | null {
  const start = content.subarray(0, 2048);
  if (start.subarray(0, 2).toString('latin1') === 'PK') return 'modelIsPytorch';
  // Control characters other than white space occur in no JSON.
  const isText = start.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
  return isText ? null : 'modelIsBinary';
}

async function wholeModel(
  content: Buffer,
  written: string,
  place: Place,
): Promise<Result<ModelFile>> {
  try {
    const { readKerasFile } = await import('./kerasFile');
    return ok({ content, ...(await readKerasFile(new Uint8Array(content))) });
  } catch (error) {
    return fail('modelKerasUnreadable', { path: written, cause: causeInFile(error) }, place);
  }
}

interface Manifest {
  readonly paths: readonly string[];
  readonly weights: io.WeightsManifestEntry[];
}

/** The binary files that a `weightsManifest` names, which lie beside the topology. */
async function shards(
  text: string,
  folder: string,
  root: string,
): Promise<SavedWeights | null | false> {
  const groups = manifestOf(text);
  if (groups.length === 0) return null;
  try {
    const layers = new Map<string, SavedLayer>();
    for (const { paths, weights } of groups) {
      const files = paths.map(async (name) => {
        const real = await realpath(path.join(folder, name));
        const isOwn = path.basename(name) === name && isInside(await realpath(root), real);
        if (!isOwn || !(await stat(real)).isFile()) throw new Error(`${name} lies elsewhere`);
        return readFile(real);
      });
      const bytes = new Uint8Array(Buffer.concat(await Promise.all(files)));
      const tensors = io.decodeWeights(bytes.buffer, weights);
      for (const [name, tensor] of Object.entries(tensors)) layers.set(name, await taken(tensor));
    }
    return { by: 'weight', layers };
  } catch {
    return false;
  }
}

async function taken(tensor: Tensor): Promise<SavedLayer> {
  const values = Float32Array.from(await tensor.data());
  tensor.dispose();
  return { weights: [{ shape: tensor.shape, values }], inner: new Map() };
}

function manifestOf(text: string): Manifest[] {
  try {
    const parsed = JSON.parse(text) as { weightsManifest?: unknown };
    return Array.isArray(parsed.weightsManifest) ? (parsed.weightsManifest as Manifest[]) : [];
  } catch {
    // Invalid JSON is reported where the text is parsed.
    return [];
  }
}
