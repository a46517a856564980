import type { FileHandle } from 'node:fs/promises';
import { Message, type Schema } from 'apache-arrow';
import { DictionaryBatch as DictionaryTable } from 'apache-arrow/fb/dictionary-batch';
import type { Field as FieldTable } from 'apache-arrow/fb/field';
import { Footer as FooterTable } from 'apache-arrow/fb/footer';
import { Message as MessageTable } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { RecordBatch as BatchTable } from 'apache-arrow/fb/record-batch';
import { Schema as SchemaTable } from 'apache-arrow/fb/schema';
import { Footer } from 'apache-arrow/ipc/metadata/file';
import { ByteBuffer } from 'flatbuffers';
import { damaged } from '../../../core/text/errorText';
import { unpackedBytes } from './arrowBatches';
import type { Reading } from './columnarRows';

/** What a file, unlike a stream, begins and ends with. */
const magic = 'ARROW1';
/** Behind the magic of a file stands its first message. */
const messagesStart = 8;
/** Stands before the length of a message's header. */
const continuation = -1;
/** As much as one call reads. */
const mostRead = 2 ** 30;

/**
 * The messages of a file or stream, as bytes of a stream: a schema, dictionaries and batches of rows.
 * Each is checked before it is given away, for the library believes what headers say: a few changed
 * bytes make it read, unpack or build gigabytes.
 * @throws Error that says what is wrong
 */
export async function* checkedMessages(
  handle: FileHandle,
  { onRead, requireBytes }: Reading,
): AsyncGenerator<Uint8Array> {
  const { size } = await handle.stat();
  const read = (position: number, length: number) =>
    position >= 0 && position + length <= size
      ? readAt(handle, position, length, onRead)
      : damaged();
  const footer = await readFooter(read, size);
  let found = await readMessage(read, footer ? messagesStart : 0, size);
  let schema: Schema;
  if (found?.message.isSchema()) {
    schema = found.message.header();
    yield found.bytes;
  } else {
    // Some writers put the schema into the table of contents alone.
    schema = footer?.schema ?? damaged();
    yield streamed(Message.encode(Message.from(schema)));
  }
  const blocks = footer && [...footer.dictionaryBatches(), ...footer.recordBatches()];
  if (blocks && new Set(blocks.map(({ offset }) => offset)).size < blocks.length) damaged();
  for (let index = 0; ; index++) {
    const position = blocks ? blocks[index]?.offset : found?.end;
    if (position === undefined) return;
    found = await readMessage(read, position, size);
    if (!found && blocks) damaged();
    if (!found) return;
    const { message, bytes, end } = found;
    if (!message.isRecordBatch() && !message.isDictionaryBatch()) damaged();
    const body = await read(end - message.bodyLength, message.bodyLength);
    requireBytes(unpackedBytes(message.header(), schema, body));
    yield bytes;
    yield body;
  }
}

type Read = (position: number, length: number) => Promise<Uint8Array>;

/** The table of contents of a file, which is its last part: one that was cut off lacks it. Null for a stream. */
async function readFooter(read: Read, size: number): Promise<Footer | null> {
  const isMagic = async (position: number) =>
    Buffer.from(await read(position, magic.length)).toString('latin1') === magic;
  if (!(await isMagic(0))) return null;
  const end = size - magic.length - 4;
  if (end < messagesStart || !(await isMagic(size - magic.length))) damaged();
  const length = viewOf(await read(end, 4)).getInt32(0, true);
  if (length < 0 || end - length < messagesStart) damaged();
  const footer = await read(end - length, length);
  checkFooter(footer);
  return Footer.decode(footer);
}

interface FoundMessage {
  readonly message: Message;
  /** What a stream holds of it, without its body. */
  readonly bytes: Uint8Array;
  /** Where its body ends. */
  readonly end: number;
}

/** Reads a message but for its body; null at the end of a stream. */
async function readMessage(
  read: Read,
  position: number,
  size: number,
): Promise<FoundMessage | null> {
  if (position + 4 > size) return null;
  const numberAt = async (at: number) => viewOf(await read(at, 4)).getInt32(0, true);
  const first = await numberAt(position);
  const length = first === continuation ? await numberAt(position + 4) : first;
  if (length === 0) return null;
  if (length < 0) damaged();
  const start = position + (first === continuation ? 8 : 4);
  const header = await read(start, length);
  checkHeader(header);
  const message = Message.decode(header);
  if (!(message.bodyLength >= 0)) damaged();
  return { message, bytes: streamed(header), end: start + length + message.bodyLength };
}

/** The header of a message as it stands in a stream. */
function streamed(header: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + header.length);
  viewOf(bytes).setInt32(0, continuation, true);
  viewOf(bytes).setInt32(4, header.length, true);
  bytes.set(header, 8);
  return bytes;
}

async function readAt(
  handle: FileHandle,
  position: number,
  length: number,
  onRead: (bytes: number) => void,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const part = Math.min(mostRead, length - filled);
    const { bytesRead } = await handle.read(bytes, filled, part, position + filled);
    if (bytesRead === 0) damaged();
    onRead(bytesRead);
    filled += bytesRead;
  }
  return bytes;
}

/** Refuses a header whose lists are longer than its bytes allow: they are read entry by entry. */
function checkHeader(header: Uint8Array): void {
  const room = new Room(header.length);
  const message = MessageTable.getRootAsMessage(new ByteBuffer(header));
  room.take(message.customMetadataLength());
  const type = message.headerType();
  if (type === MessageHeader.Schema)
    room.takeSchema(message.header(new SchemaTable()) as SchemaTable | null);
  else if (type === MessageHeader.RecordBatch)
    room.takeBatch(message.header(new BatchTable()) as BatchTable | null);
  else if (type === MessageHeader.DictionaryBatch) {
    const dictionary = message.header(new DictionaryTable()) as DictionaryTable | null;
    room.takeBatch(dictionary?.data() ?? null);
  } else damaged();
}

function checkFooter(bytes: Uint8Array): void {
  const room = new Room(bytes.length);
  const footer = FooterTable.getRootAsFooter(new ByteBuffer(bytes));
  room.takeSchema(footer.schema());
  room.take(footer.dictionariesLength(), 24);
  room.take(footer.recordBatchesLength(), 24);
}

/** The bytes of a header, of which each entry of its lists takes some. */
class Room {
  #bytes: number;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  take(entries: number, bytesEach = 4): void {
    this.#bytes -= entries * bytesEach;
    // A damaged length can be negative.
    if (entries < 0 || this.#bytes < 0) damaged();
  }

  takeSchema(schema: SchemaTable | null): void {
    if (!schema) damaged();
    this.take(schema.customMetadataLength());
    const fields = schema.fieldsLength();
    this.take(fields);
    for (let index = 0; index < fields; index++) this.#takeField(schema.fields(index));
  }

  #takeField(field: FieldTable | null): void {
    if (!field) return;
    this.take(field.customMetadataLength());
    const children = field.childrenLength();
    this.take(children);
    for (let index = 0; index < children; index++) this.#takeField(field.children(index));
  }

  takeBatch(batch: BatchTable | null): void {
    if (!batch) damaged();
    this.take(batch.nodesLength(), 16);
    this.take(batch.buffersLength(), 16);
    this.take(batch.variadicBufferCountsLength(), 8);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
