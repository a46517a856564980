import {
  CompressionType,
  DataType,
  MetadataVersion,
  UnionMode,
  type Data,
  type Message,
  type MessageHeader,
  type Schema,
} from 'apache-arrow';
import { strideForType } from 'apache-arrow/type';
import { damaged } from '../../../core/text/errorText';

type BatchHeader = ReturnType<Message<MessageHeader.RecordBatch>['header']>;
type DictionaryHeader = ReturnType<Message<MessageHeader.DictionaryBatch>['header']>;

/** Stands before a compressed buffer: what it unpacks to. */
const lengthBytes = 8;
/** The length of a buffer that is not compressed after all. */
const plainLength = -1;
/** Writers fill buffers up to multiples of this. */
const padding = 64;
/** The most bytes that one byte of each compression can unpack to. */
const mostRatio: Readonly<Record<number, number>> = {
  [CompressionType.LZ4_FRAME]: 255,
  [CompressionType.ZSTD]: 2 ** 15,
};
/** The last version whose unions say which values are missing. */
const unionsWithNulls = MetadataVersion.V4;

/**
 * What a batch of rows, or of values of a dictionary, takes unpacked; at least a byte a value.
 * @throws Error where its buffers hold less than its values need, or announce more
 */
export function unpackedBytes(
  header: BatchHeader | DictionaryHeader,
  schema: Schema,
  body: Uint8Array,
): number {
  const isDictionary = 'isDelta' in header;
  const batch = isDictionary ? header.data : header;
  const types = isDictionary
    ? [schema.dictionaries.get(header.id)]
    : schema.fields.map(({ type }) => type as DataType);
  const check = new BatchCheck(batch, body, schema.metadataVersion);
  for (const type of types) {
    if (!type) damaged();
    if (check.column(type) !== batch.length) damaged();
  }
  return Math.max(check.bytes, check.values);
}

/** Goes through nodes and buffers of a batch in the order of the columns, as its reader will. */
class BatchCheck {
  readonly #batch: BatchHeader;
  readonly #body: Uint8Array;
  readonly #unionsHaveNulls: boolean;
  #node = 0;
  #buffer = 0;
  #views = 0;
  bytes = 0;
  values = 0;

  constructor(batch: BatchHeader, body: Uint8Array, version: MetadataVersion) {
    this.#batch = batch;
    this.#body = body;
    this.#unionsHaveNulls = version <= unionsWithNulls;
  }

  /** @returns how many values the column holds */
  column(type: DataType): number {
    const { length, nullCount } = this.#batch.nodes[this.#node++] ?? damaged();
    if (!(length >= 0)) damaged();
    this.values += length;
    const bits = Math.ceil(length / 8);
    const isUnion = DataType.isUnion(type);
    if (!DataType.isNull(type) && (!isUnion || this.#unionsHaveNulls))
      this.#take(nullCount > 0 ? bits : 0, bits);
    const children = (least: number) => {
      for (const child of type.children) if (this.column(child.type as DataType) < least) damaged();
    };
    const offsets = (bytesEach: number) => {
      this.#take(length === 0 ? 0 : (length + 1) * bytesEach, (length + 1) * bytesEach);
    };
    if (DataType.isNull(type)) return length;
    if (DataType.isBool(type)) this.#take(bits);
    else if (DataType.isStruct(type)) children(length);
    else if (DataType.isFixedSizeList(type)) children(length * type.listSize);
    else if (isUnion) {
      this.#take(length);
      if (type.mode === UnionMode.Dense) offsets(4);
      children(type.mode === UnionMode.Dense ? 0 : length);
    } else if (DataType.isList(type) || DataType.isMap(type) || DataType.isLargeList(type)) {
      offsets(DataType.isLargeList(type) ? 8 : 4);
      children(0);
    } else if (DataType.isUtf8(type) || DataType.isBinary(type)) {
      offsets(4);
      this.#take(0, Infinity);
    } else if (DataType.isLargeUtf8(type) || DataType.isLargeBinary(type)) {
      offsets(8);
      this.#take(0, Infinity);
    } else if (DataType.isUtf8View(type) || DataType.isBinaryView(type)) {
      this.#take(length * 16);
      const texts = this.#batch.variadicBufferCounts[this.#views++] ?? 0;
      for (let text = 0; text < texts; text++) this.#take(0, Infinity);
    } else {
      const stored = DataType.isDictionary(type) ? (type.indices as DataType) : type;
      const { BYTES_PER_ELEMENT } = stored.ArrayType as { readonly BYTES_PER_ELEMENT: number };
      this.#take(length * BYTES_PER_ELEMENT * strideForType(stored));
    }
    return length;
  }

  /** Takes the next buffer, whose values need so many bytes, and have no use for more than `most`. */
  #take(least: number, most = least): void {
    const { offset, length } = this.#batch.buffers[this.#buffer++] ?? damaged();
    const end = offset + length;
    if (!(offset >= 0 && length >= 0 && end <= this.#body.length)) damaged();
    const { compression } = this.#batch;
    let unpacked = length;
    if (compression !== null && length > 0) {
      if (length < lengthBytes) damaged();
      unpacked = announcedLength(this.#body.subarray(offset + lengthBytes, end));
      const ratio = mostRatio[compression.type] ?? 1;
      const room = Math.ceil(most / padding + 1) * padding;
      if (unpacked > Math.min(room, ratio * length)) throw new Error('causeArrowBuffers');
    }
    if (!(unpacked >= least)) damaged();
    this.bytes += unpacked;
  }
}

/** What a compressed buffer says that it unpacks to, in front of its bytes. */
export function announcedLength({ buffer, byteOffset, length }: Uint8Array): number {
  const announced = Number(new DataView(buffer, byteOffset - lengthBytes).getBigInt64(0, true));
  return announced === plainLength ? length : announced;
}

/**
 * Refuses texts and lists that overlap or leave what was read: a few bytes could mean any number of them.
 * @param checked what was checked of batches before: they share dictionaries
 */
export function checkOffsets(data: Data, checked: WeakSet<Data>): void {
  if (checked.has(data)) return;
  checked.add(data);
  const { type, length, children, dictionary } = data;
  const offsets = data.valueOffsets as ArrayLike<number | bigint> | undefined;
  if (!DataType.isUnion(type) && length > 0 && offsets !== undefined && offsets.length > 0) {
    const [child] = children;
    const most = child ? child.length : (data.values as Uint8Array).length;
    let last = 0;
    for (let row = 0; row <= length; row++) {
      const offset = Number(offsets[row]);
      if (!(offset >= last && offset <= most)) damaged();
      last = offset;
    }
  }
  const others = [...children, ...(dictionary?.data ?? [])] as readonly Data[];
  for (const other of others) checkOffsets(other, checked);
}
