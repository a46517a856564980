import { decompressBlock } from 'lz4js';
import { damaged } from '../../../core/text/errorText';

const magic = 0x184d2204;
const flags = { dictionary: 0x01, contentSum: 0x04, contentSize: 0x08, blockSum: 0x10 };
/** Marks a block that is stored as it is. */
const isStored = 0x80000000;

/**
 * Unpacks an LZ4 frame of blocks that may refer to each other, without its checksums.
 * Its format: lz4_Frame_format.md of the LZ4 project.
 * @param length what it unpacks to: never more is written
 * @throws Error for a frame that is damaged, or unpacks to another length
 */
export function unpackLz4Frame(frame: Uint8Array, length: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const flag = frame[4] ?? 0;
  if (view.getUint32(0, true) !== magic || flag >> 6 !== 1 || flag & flags.dictionary) damaged();
  const unpacked = new Uint8Array(length);
  let position = 7 + (flag & flags.contentSize ? 8 : 0);
  let filled = 0;
  for (;;) {
    const header = view.getUint32(position, true);
    position += 4;
    if (header === 0) break;
    const size = header & ~isStored;
    const end = position + size;
    if (end > frame.length) damaged();
    if (header >= isStored) {
      if (filled + size > length) damaged();
      unpacked.set(frame.subarray(position, end), filled);
      filled += size;
    } else filled = decompressBlock(frame, unpacked, position, size, filled);
    // What lies beyond the end was not written.
    if (!(filled <= length)) damaged();
    position = end + (flag & flags.blockSum ? 4 : 0);
  }
  if (filled !== length) damaged();
  return unpacked;
}
