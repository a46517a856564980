import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl';

/** More files are no archive of arrays or of a model. */
const mostMembers = 10_000;
/** Deflate makes bytes at most so many times as many: https://zlib.net/zlib_tech.html */
export const mostDeflated = 1032;

/** A file in an archive. */
export interface ZipMember {
  readonly name: string;
  /** How many bytes it holds unpacked, as the archive says. */
  readonly bytes: number;
  readonly entry: Entry;
}

/** An archive in memory, whose files are unpacked one by one, and no further than is asked for. */
export class ZipArchive {
  readonly #zip: ZipFile;

  private constructor(
    zip: ZipFile,
    readonly members: readonly ZipMember[],
  ) {
    this.#zip = zip;
  }

  /** @throws Error for what is no whole archive */
  static async open(bytes: Uint8Array): Promise<ZipArchive> {
    const zip = await fromBufferPromise(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    );
    if (zip.entryCount > mostMembers)
      throw new Error(`it holds ${zip.entryCount} files, more than ${mostMembers}`);
    const members: ZipMember[] = [];
    for await (const entry of zip.eachEntry())
      members.push({ name: entry.fileName, bytes: entry.uncompressedSize, entry });
    return new ZipArchive(zip, members);
  }

  /** The first bytes of a file: all of it where it is shorter. */
  async start(member: ZipMember, length: number): Promise<Uint8Array> {
    return this.#unpack(member, Math.min(length, member.bytes));
  }

  /** A whole file. @throws Error where it holds more or less than the archive says */
  async read(member: ZipMember): Promise<Uint8Array> {
    const { compressedSize, uncompressedSize } = member.entry;
    if (uncompressedSize > mostDeflated * (compressedSize + 1))
      throw new Error(`${member.name} cannot hold the ${uncompressedSize} bytes it announces`);
    return this.#unpack(member, uncompressedSize);
  }

  async #unpack({ entry }: ZipMember, length: number): Promise<Uint8Array> {
    const stream = await this.#zip.openReadStreamPromise(entry);
    try {
      const bytes = new Uint8Array(length);
      let filled = 0;
      // The stream ends in an error where the file is longer than the archive says.
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        bytes.set(chunk.subarray(0, length - filled), filled);
        filled += Math.min(chunk.length, length - filled);
        if (filled === length && length < entry.uncompressedSize) break;
      }
      return bytes.subarray(0, filled);
    } finally {
      stream.destroy();
    }
  }
}
