import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isInside } from '../../config/workspacePaths';
import { causeOf } from '../../core/text/errorText';
import { ProblemError, type Place } from '../../core/text/problem';
import { ImageError, decodeImage, type Image } from './decodeImage';
import { readBytes } from './fileBytes';
import {
  TextCollector,
  dataKey,
  listed,
  product,
  refuse,
  type RawData,
  type Source,
} from './rawData';

const imageName = /\.(png|jpe?g)$/i;

/** One image of a folder of classes. */
interface ClassImage {
  readonly image: Image;
  readonly className: string;
}

/** Reads a folder with one folder of PNG or JPEG images per class into memory. */
export async function readImageFolder(source: Source): Promise<RawData> {
  const labels = new TextCollector();
  const images: Image[] = [];
  for await (const { image, className } of classImages(source)) {
    images.push(image);
    labels.push(className);
  }
  const [first] = images;
  const channels = images.some((image) => image.channels === 3) ? 3 : 1;
  const sampleShape = [first?.height ?? 0, first?.width ?? 0, channels];
  return {
    count: images.length,
    sampleShape,
    features: stack(images, product(sampleShape), channels),
    scale: 'bytes',
    featureNames: null,
    labels: labels.toTexts(),
    file: source.file,
  };
}

/** The images of a folder with one folder of PNG or JPEG images per class; all of one size. */
export async function* classImages(source: Source): AsyncGenerator<ClassImage> {
  const place = dataKey(source, source.key);
  if (source.labelsFile !== null) {
    const values = { path: source.name, key: source.labelsKey };
    refuse('dataLabelsFileUnused', values, dataKey(source, source.labelsKey));
  }
  let first: { readonly file: string; readonly image: Image } | null = null;
  for (const { className, directory, files } of await classFolders(source)) {
    if (files === 0) await refuseEmpty(source, directory);
    for (const name of await imagesIn(await insideRoot(directory, source))) {
      const file = await insideRoot(path.join(directory, name), source);
      source.hash.update(`${className}/${name}\n`);
      const image = await readImage(file, source);
      first ??= { file: path.join(className, name), image };
      if (image.width !== first.image.width || image.height !== first.image.height) {
        const values = { path: file, found: sizeOf(image), other: first.file };
        refuse('dataImageSize', { ...values, expected: sizeOf(first.image) }, { file });
      }
      source.onRead?.(1);
      yield { image, className };
    }
  }
  if (!first) refuse('dataNoClassFolders', { path: source.name }, place);
}

const otherImage = /\.(webp|gif|bmp|tiff?|avif|heic|ico|svg)$/i;

/** A folder without images: of pictures in other formats, or itself one of classes. */
async function refuseEmpty(source: Source, directory: string): Promise<never> {
  const entries = await visible(await insideRoot(directory, source));
  const other = entries.find(({ name }) => otherImage.test(name));
  if (other) {
    const values = { path: directory, actual: listed([other.name]) };
    refuse('dataImagesOther', values, { file: directory });
  }
  if (entries.some((entry) => entry.isDirectory())) {
    const names = (await visible(source.file)).filter((entry) => entry.isDirectory());
    const train = names.find(({ name }) => /train/i.test(name)) ?? names[0];
    const values = {
      path: source.name,
      known: listed(names.map(({ name }) => name)),
      train: `${source.name.replace(/\/$/, '')}/${train?.name ?? ''}`,
    };
    refuse('dataImagesSplit', values, dataKey(source, source.key));
  }
  return refuse('dataNoImages', { path: directory }, { file: directory });
}

/** How many images a folder of classes holds, and how many bytes each takes with three channels. */
export async function measureImageFolder(
  source: Source,
): Promise<{ readonly images: number; readonly bytesEach: number }> {
  const folders = await classFolders(source);
  const images = folders.reduce((total, { files }) => total + files, 0);
  const first = folders.find(({ files }) => files > 0);
  const [name] = first ? await imagesIn(await insideRoot(first.directory, source)) : [];
  if (!first || name === undefined) return { images: 0, bytesEach: 0 };
  const file = await insideRoot(path.join(first.directory, name), source);
  const { width, height } = await readImage(file, { ...source, hash: createHash('sha256') });
  return { images, bytesEach: width * height * 3 };
}

interface ClassFolder {
  readonly className: string;
  readonly directory: string;
  /** How many images it holds. */
  readonly files: number;
}

async function classFolders(source: Source): Promise<ClassFolder[]> {
  const found: ClassFolder[] = [];
  for (const folder of await visible(source.file)) {
    if (!(folder.isDirectory() || folder.isSymbolicLink())) continue;
    const directory = path.join(source.file, folder.name);
    if (folder.isSymbolicLink()) {
      const real = await insideRoot(directory, source);
      if (isInside(real, source.file)) refuse('dataLinkCircle', { path: directory }, at(directory));
      if (!(await stat(real)).isDirectory()) continue;
    }
    const { length: files } = await imagesIn(await insideRoot(directory, source));
    found.push({ className: folder.name, directory, files });
  }
  return found;
}

/** Entries in the order of their names, hidden ones left out. */
async function visible(directory: string): Promise<Dirent[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries
    .filter(({ name }) => !name.startsWith('.'))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function imagesIn(directory: string): Promise<string[]> {
  const entries = await visible(directory);
  return entries
    .filter((entry) => imageName.test(entry.name) && (entry.isFile() || entry.isSymbolicLink()))
    .map(({ name }) => name);
}

/** Images may be links, but only to what lies in the workspace folder. */
async function insideRoot(file: string, source: Source): Promise<string> {
  const { root } = source;
  try {
    const real = await realpath(file);
    return isInside(root, real) ? real : refuse('dataImageOutside', { path: file, root }, at(file));
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ELOOP' || code === 'ENOENT') refuse('dataLinkBroken', { path: file }, at(file));
    throw error;
  }
}

function at(file: string): Place {
  return { file };
}

async function readImage(file: string, source: Source): Promise<Image> {
  if (!(await stat(file)).isFile()) refuse('dataNotFile', { path: file }, at(file));
  const bytes = await readBytes(file, source.hash);
  try {
    return decodeImage(bytes);
  } catch (error) {
    const known = error instanceof ImageError ? error : null;
    const cause = known?.reason ?? causeOf(error);
    return refuse('dataImageUnreadable', { path: file, ...known?.values, cause }, at(file));
  }
}

function sizeOf({ width, height }: Image): string {
  return `${width}×${height}`;
}

/** Gray images among coloured ones get their one channel three times. */
function stack(images: readonly Image[], size: number, channels: 1 | 3): Float32Array {
  const features = new Float32Array(images.length * size);
  images.forEach((image, index) => {
    if (image.channels === channels) {
      features.set(image.pixels, index * size);
      return;
    }
    image.pixels.forEach((level, pixel) => {
      features.fill(level, index * size + pixel * 3, index * size + pixel * 3 + 3);
    });
  });
  return features;
}
