import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { mostTrainedPixels } from '../../config/dataSchema';
import { isInside } from '../../config/workspacePaths';
import { causeInFile } from '../../core/text/errorText';
import { ProblemError, type Place } from '../../core/text/problem';
import { ImageError, decodeImage, type Image } from './decodeImage';
import { fitImage, type ImageSize } from './fitImage';
import { readBytes } from './fileBytes';
import {
  TextCollector,
  dataKey,
  listed,
  product,
  refuse,
  type OwnValidation,
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
  const folder = await findImageFolder(source);
  for await (const { image, className } of classImages(source, folder)) {
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
    ownValidation: ownValidation(source, folder),
    file: source.file,
  };
}

/**
 * The images of a folder with one folder of PNG or JPEG images per class, brought to one size: the
 * config's, else the model's, else that of the first image.
 */
export async function* classImages(
  source: Source,
  folder: ImageFolder,
): AsyncGenerator<ClassImage> {
  const place = dataKey(source, source.key);
  if (source.labelsFile !== null) {
    const values = { path: source.name, key: source.labelsKey };
    refuse('dataLabelsFileUnused', values, dataKey(source, source.labelsKey));
  }
  let size = sizeWanted(source);
  if (size) requireFewPixels(size, source);
  let resized = 0;
  let count = 0;
  for (const { className, directory, files } of await classFolders(source, folder)) {
    if (files === 0) await refuseEmpty(source, directory);
    const real = await insideRoot(directory, source);
    for (const entry of await imagesIn(real)) {
      source.hash.update(`${className}/${entry.name}\n`);
      const image = await readImage(await imageFile(real, entry, source), source);
      if (!size) requireFewPixels(image, source);
      size ??= { width: image.width, height: image.height };
      const fitted = fitImage(image, size, source.options.image?.resize ?? 'stretch');
      if (fitted !== image) resized++;
      count++;
      source.onRead?.(1);
      yield { image: inChannels(fitted, source), className };
    }
  }
  if (!size || count === 0) refuse('dataNoClassFolders', { path: source.name }, place);
  tellOfFolder(source, folder, { size, count, resized });
}

/** The size that the config or the model asks for. */
function sizeWanted({ options, inputShape }: Source): ImageSize | null {
  const asked = options.image?.size;
  if (asked !== undefined) {
    const [height, width] = typeof asked === 'number' ? [asked, asked] : asked;
    return { width, height };
  }
  const [height = 0, width = 0, channels = 0] = inputShape?.length === 3 ? inputShape : [];
  return height > 0 && width > 0 && (channels === 1 || channels === 3) ? { width, height } : null;
}

/** Refuses images of which one takes 200 MB: those of a config are refused when it is read. */
function requireFewPixels({ width, height }: ImageSize, source: Source): void {
  if (width * height <= mostTrainedPixels) return;
  const values = { size: sizeOf({ width, height }), most: mostTrainedPixels };
  refuse('dataImagesLarge', values, dataKey(source, source.key));
}

/** A gray image where the model takes three channels. */
function inChannels(image: Image, { inputShape }: Source): Image {
  if (image.channels === 3 || inputShape?.length !== 3 || inputShape[2] !== 3) return image;
  const pixels = new Uint8Array(image.pixels.length * 3);
  image.pixels.forEach((level, pixel) => pixels.fill(level, pixel * 3, pixel * 3 + 3));
  return { ...image, channels: 3, pixels };
}

function tellOfFolder(
  source: Source,
  { split }: ImageFolder,
  { size, count, resized }: { size: ImageSize; count: number; resized: number },
): void {
  const { name, options, key, note } = source;
  if (key === 'train') {
    if (split?.validation) note({ id: 'dataNoteFolderSplit', values: { ...split, path: name } });
    else if (split) note({ id: 'dataNoteFolderTrain', values: { ...split, path: name } });
  }
  if (resized === 0) return;
  const how = options.image?.resize ?? 'stretch';
  note({
    id: 'dataNoteImagesResized',
    values: { path: name, resized, count, size: sizeOf(size), how },
  });
}

const trainFolder = /^(?:train|training|train[_-]?set|train[_-]?(?:data|images))$/i;
const validationFolders = [
  /^(?:val|valid|validation|dev)(?:[_-]?(?:set|data|images))?$/i,
  /^(?:test|testing|eval)(?:[_-]?(?:set|data|images))?$/i,
];

interface FolderSplit {
  readonly train: string;
  /** Empty where there is none. */
  readonly validation: string;
}

/** Where folders of classes lie: in the folder that is named, or in one of its own for training. */
interface ImageFolder {
  readonly directory: string;
  readonly split: FolderSplit | null;
}

export async function findImageFolder(source: Source): Promise<ImageFolder> {
  const own = { directory: source.file, split: null };
  const folders = (await visible(source.file)).filter((entry) => entry.isDirectory());
  const train = folders.find(({ name }) => trainFolder.test(name));
  if (!train) return own;
  const directory = path.join(source.file, train.name);
  // A class may be called so: then it holds images.
  if (!(await holdsClasses(directory))) return own;
  for (const pattern of validationFolders) {
    const found = folders.find(({ name }) => pattern.test(name));
    if (found && (await holdsClasses(path.join(source.file, found.name))))
      return { directory, split: { train: train.name, validation: found.name } };
  }
  return { directory, split: { train: train.name, validation: '' } };
}

async function holdsClasses(directory: string): Promise<boolean> {
  const entries = await visible(directory);
  return (
    entries.some((entry) => entry.isDirectory()) &&
    !entries.some(({ name }) => imageName.test(name))
  );
}

/** The folder beside that of the training data, to validate with. */
export function ownValidation(source: Source, { split }: ImageFolder): OwnValidation | null {
  if (source.key !== 'train') return null;
  return split?.validation ? { validation: path.posix.join(source.name, split.validation) } : null;
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
  const folders = await classFolders(source, await findImageFolder(source));
  const images = folders.reduce((total, { files }) => total + files, 0);
  const first = folders.find(({ files }) => files > 0);
  const directory = first ? await insideRoot(first.directory, source) : '';
  const [entry] = first ? await imagesIn(directory) : [];
  if (!entry) return { images: 0, bytesEach: 0 };
  const file = await imageFile(directory, entry, source);
  const size =
    sizeWanted(source) ?? (await readImage(file, { ...source, hash: createHash('sha256') }));
  requireFewPixels(size, source);
  const { width, height } = size;
  return { images, bytesEach: width * height * 3 };
}

interface ClassFolder {
  readonly className: string;
  readonly directory: string;
  /** How many images it holds. */
  readonly files: number;
}

async function classFolders(
  source: Source,
  { directory: root }: ImageFolder,
): Promise<ClassFolder[]> {
  const found: ClassFolder[] = [];
  for (const folder of await visible(root)) {
    if (!(folder.isDirectory() || folder.isSymbolicLink())) continue;
    const directory = path.join(root, folder.name);
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

async function imagesIn(directory: string): Promise<Dirent[]> {
  const entries = await visible(directory);
  return entries.filter(
    (entry) => imageName.test(entry.name) && (entry.isFile() || entry.isSymbolicLink()),
  );
}

/** An image of a folder that lies in the workspace folder: only where it is a link it may be elsewhere. */
async function imageFile(directory: string, entry: Dirent, source: Source): Promise<string> {
  const file = path.join(directory, entry.name);
  if (entry.isFile()) return file;
  const real = await insideRoot(file, source);
  return (await stat(real)).isFile() ? real : refuse('dataNotFile', { path: real }, at(real));
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
  const bytes = await readBytes(file, source.hash);
  try {
    return decodeImage(bytes);
  } catch (error) {
    const known = error instanceof ImageError ? error : null;
    const cause = known?.reason ?? causeInFile(error);
    return refuse('dataImageUnreadable', { path: file, ...known?.values, cause }, at(file));
  }
}

function sizeOf({ width, height }: ImageSize): string {
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
