import type { Text } from '../../../core/text/problem';
import { streamUnpacked, unpackedStart } from '../fileBytes';
import type { Source } from '../rawData';

/** The encoding of a text file. */
export interface TextEncoding {
  readonly name: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
  readonly notes: readonly Text[];
}

/**
 * Finds a text file's encoding: by its byte order mark, by zero bytes beside letters, else UTF-8
 * where all of it is, else Western European (windows-1252, which Latin-1 is a part of). A source that
 * is taken for UTF-8 is not looked through: reading it throws NotUtf8 where it is not.
 */
export async function textEncoding(source: Source): Promise<TextEncoding> {
  const found = ofStart(await unpackedStart(source.file, 512));
  const isOwn = found === null && (source.isUtf8 ?? (await isUtf8(source)));
  const name = found ?? (isOwn ? 'utf-8' : 'windows-1252');
  if (name === 'utf-8') return { name, notes: [] };
  return {
    name,
    notes: [{ id: 'dataNoteEncoding', values: { path: source.name, encoding: name } }],
  };
}

function ofStart(start: Uint8Array): TextEncoding['name'] | null {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  const zeros = (odd: number) => start.filter((byte, at) => at % 2 === odd && byte === 0).length;
  const most = start.length / 4;
  if (start.length > 3 && zeros(1) > most && zeros(0) === 0) return 'utf-16le';
  return start.length > 3 && zeros(0) > most && zeros(1) === 0 ? 'utf-16be' : null;
}

async function isUtf8(source: Source): Promise<boolean> {
  const quiet = { ...source, onRead: undefined };
  const stream = await streamUnpacked(quiet, source.file, false);
  try {
    const pieces = textPieces(stream as AsyncIterable<Uint8Array>, { name: 'utf-8' });
    while (!(await pieces.next()).done);
    return true;
  } catch (error) {
    if (error instanceof NotUtf8) return false;
    throw error;
  } finally {
    stream.destroy();
  }
}

/** A text that was taken for UTF-8 is not. */
export class NotUtf8 extends Error {
  override readonly name = 'NotUtf8';
  /** As faults of the file system have one, for a file that changes while it is read. */
  readonly code = 'ERR_ENCODING';
}

/** A stream of bytes as text, without its byte order mark. @throws NotUtf8 */
export async function* textPieces(
  stream: AsyncIterable<Uint8Array>,
  { name }: Pick<TextEncoding, 'name'>,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(name, { fatal: name === 'utf-8' });
  const decoded = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      throw error instanceof TypeError ? new NotUtf8('It is not UTF-8.') : error;
    }
  };
  for await (const chunk of stream) yield decoded(chunk);
  yield decoded();
}
