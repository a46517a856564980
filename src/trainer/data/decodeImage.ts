import { decode as decodePng, type DecodedPng } from 'fast-png';
import { decode as decodeJpeg } from 'jpeg-js';
import { inflateSync } from 'node:zlib';
import type { MessageId } from '../../core/text/messages';
import type { Values } from '../../core/text/problem';
import { mostDeflated } from '../zipArchive';

/** One image as bytes, row by row; one channel where it is gray, else red, green and blue. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/** What is wrong with an image, in our own words. */
export class ImageError extends Error {
  constructor(
    readonly reason: MessageId,
    readonly values: Values = {},
  ) {
    super(reason);
    this.name = 'ImageError';
  }
}

/** As the JPEG decoder has it. */
const mostPixels = 100e6;
/** A JPEG has a bit for each block of 8 by 8 pixels at least. */
const mostJpegPixelsOfByte = 512;
/** Smaller files cannot unpack to more than some hundred megabytes. */
const uncheckedBytes = 2 ** 18;

/**
 * Decodes a PNG or JPEG. Transparency is dropped, 16 bits are reduced to 8.
 * @throws ImageError, or the decoder's Error, for bytes that are not an image
 */
export function decodeImage(bytes: Uint8Array): Image {
  if (bytes.length === 0) throw new ImageError('causeImageEmpty');
  if (bytes[0] === 0x89 && bytes[1] === 0x50) {
    checkPng(bytes);
    return fromPng(decodePng(bytes));
  }
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new ImageError('causeImageOther');
  return fromJpeg(bytes);
}

/** By the colour type in a PNG's header. */
const pngChannels: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Refuses a PNG that would unpack to more than the size in its header takes. */
function checkPng(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 24) return;
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const pixels = width * height;
  const channels = pngChannels[bytes[25] ?? 0] ?? 1;
  const unpacked = height * (1 + Math.ceil((width * channels * (bytes[24] ?? 8)) / 8));
  if (pixels === 0 || pixels > mostPixels || unpacked > mostDeflated * bytes.length)
    throw new ImageError('causeImageSize', { width, height });
  if (bytes.length < uncheckedBytes) return;
  const parts: Uint8Array[] = [];
  for (let start = 8; start + 8 <= bytes.length; start += view.getUint32(start) + 12) {
    const length = view.getUint32(start);
    const isData = view.getUint32(start + 4) === 0x49444154;
    if (isData) parts.push(bytes.subarray(start + 8, start + 8 + length));
  }
  // Eight bytes a pixel are the most; interlacing and filters add little.
  const maxOutputLength = 16 * pixels + 2 ** 16;
  try {
    inflateSync(Buffer.concat(parts), { maxOutputLength });
  } catch (error) {
    if (error instanceof RangeError) throw new ImageError('causeImageData', { width, height });
    // Other faults are the decoder's to tell.
  }
}

function fromPng(png: DecodedPng): Image {
  const { width, height } = png;
  const count = width * height;
  const levels = png.depth < 8 ? unpack(png) : png.data;
  if (png.palette) {
    const pixels = new Uint8Array(count * 3);
    for (let pixel = 0; pixel < count; pixel++) {
      const [red = 0, green = 0, blue = 0] = png.palette[levels[pixel] ?? 0] ?? [];
      pixels.set([red, green, blue], pixel * 3);
    }
    return { width, height, channels: 3, pixels };
  }
  const channels = png.channels < 3 ? 1 : 3;
  const scale = 255 / (2 ** png.depth - 1);
  const pixels = new Uint8Array(count * channels);
  for (let pixel = 0; pixel < count; pixel++) {
    for (let channel = 0; channel < channels; channel++) {
      const level = levels[pixel * png.channels + channel] ?? 0;
      pixels[pixel * channels + channel] = Math.round(level * scale);
    }
  }
  return { width, height, channels, pixels };
}

/** One value per pixel from rows of packed bits; rows start at whole bytes. */
function unpack({ width, height, depth, data }: DecodedPng): Uint8Array {
  const values = new Uint8Array(width * height);
  const rowBytes = Math.ceil((width * depth) / 8);
  const mask = 2 ** depth - 1;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const bit = column * depth;
      const byte = data[row * rowBytes + (bit >> 3)] ?? 0;
      values[row * width + column] = (byte >> (8 - depth - (bit & 7))) & mask;
    }
  }
  return values;
}

function fromJpeg(bytes: Uint8Array): Image {
  const frame = jpegFrame(bytes);
  const most = Math.min(mostPixels, mostJpegPixelsOfByte * bytes.length);
  if (frame && frame.width * frame.height > most) {
    const { width, height } = frame;
    throw new ImageError('causeImageSize', { width, height });
  }
  const { width, height, data } = decodeJpeg(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    maxResolutionInMP: most / 1e6,
  });
  // The decoder gives three channels always; a gray image says so in its frame header.
  if (frame?.components !== 1) return { width, height, channels: 3, pixels: data };
  const pixels = new Uint8Array(width * height);
  for (let pixel = 0; pixel < pixels.length; pixel++) pixels[pixel] = data[pixel * 3] ?? 0;
  return { width, height, channels: 1, pixels };
}

/** What a JPEG's frame header (markers C0 to C2) says; null where none is found. */
function jpegFrame(
  bytes: Uint8Array,
): { readonly width: number; readonly height: number; readonly components: number } | null {
  const number = (at: number) => (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xc2)
      return { height: number(at + 5), width: number(at + 7), components: bytes[at + 9] ?? 3 };
    at += 2 + number(at + 2);
  }
  return null;
}
