import { open, stat } from 'node:fs/promises';
import { announcedBytes, headerBytes, isGzip, readStart, unpackedStart } from './fileBytes';
import { idxLayout, isIdx } from './idx';
import { measureImageFolder } from './imageFolder';
import { isNpy, npyLayout } from './npy';
import { product, type Source } from './rawData';
import { extensionOf, isModule } from './sources';

/** What reading a source will take, estimated from its size and header. */
interface SizeEstimate {
  /** The most bytes that its features can take in memory; null where only reading shows it. */
  readonly memoryBytes: number | null;
  /** What unpacking or parsing it to disk takes, about. */
  readonly diskBytes: number;
  /** What reading it counts: bytes on disk, or images. */
  readonly units: number;
}

/** Texts take two bytes a value at least ("0,"), and most take six or more. */
const leastBytesPerValue = 2;
const floatBytes = 4;
/** Columns that are packed well take so many times their bytes as numbers. */
const packedColumns = 8;

/** Estimates a source; null for modules, whose data is known only once they have run. */
export async function estimateSize(source: Source): Promise<SizeEstimate | null> {
  if (isModule(source.file)) return null;
  const { size, isDirectory } = await describe(source.file);
  if (isDirectory) {
    const { images, bytesEach } = await measureImageFolder(source);
    const diskBytes = images * bytesEach;
    return { memoryBytes: floatBytes * diskBytes, diskBytes, units: images };
  }
  const labels = source.labelsFile === null ? 0 : (await stat(source.labelsFile)).size;
  const units = size + labels;
  const start = await readStart(source.file, headerBytes);
  const unpacked = isGzip(start) ? await unpackedSize(source.file, size) : size;
  switch (extensionOf(source.file)) {
    case '.npz':
      return { memoryBytes: null, diskBytes: size, units };
    case '.parquet':
    case '.parq':
    case '.pq':
    case '.arrow':
    case '.arrows':
    case '.feather':
    case '.ipc':
      return {
        memoryBytes: packedColumns * size,
        diskBytes: packedColumns * size,
        units: units + size,
      };
    default:
      if (!isNpy(start) && !isIdx(start) && !isIdx(await unpackedStart(source.file, 2 ** 12))) {
        // Tables are read twice.
        const memoryBytes = (floatBytes / leastBytesPerValue) * unpacked;
        return { memoryBytes, diskBytes: unpacked, units: units + size };
      }
      if (isGzip(start)) {
        const bytes = await announced(source, unpacked);
        return { memoryBytes: floatBytes * bytes, diskBytes: bytes, units };
      }
      return { memoryBytes: floatBytes * valuesIn(start, size, source), diskBytes: 0, units };
  }
}

async function describe(file: string) {
  const found = await stat(file);
  return { size: found.size, isDirectory: found.isDirectory() };
}

/** Errors in the header are reported when the file is read; here it counts as empty. */
function valuesIn(start: Uint8Array, size: number, { name, file }: Source): number {
  try {
    if (isNpy(start)) return product(npyLayout(start, size, name, { file }).shape);
    if (isIdx(start)) return product(idxLayout(start, size, name, { file }).shape);
  } catch {
    return 0;
  }
  return 0;
}

/** Faults of the header are told when it is read. */
async function announced({ file, name }: Source, otherwise: number): Promise<number> {
  try {
    return (await announcedBytes(file, name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** What gzip's last four bytes say, which wraps around at 4 GiB: never less than is packed. */
async function unpackedSize(file: string, packed: number): Promise<number> {
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, Math.max(0, packed - 4));
    return Math.max(packed, buffer.readUInt32LE(0));
  } finally {
    await handle.close();
  }
}
