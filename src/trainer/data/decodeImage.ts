import { decode as decodePng, type DecodedPng } from 'fast-png';
import { decode as decodeJpeg } from 'jpeg-js';

/** One image as bytes, row by row; one channel where it is gray, else red, green and blue. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/**
 * Decodes a PNG or JPEG. Transparency is dropped, 16 bits are reduced to 8.
 * @throws Error of the decoder, for bytes that are not an image
 */
export function decodeImage(bytes: Uint8Array): Image {
  return bytes[0] === 0x89 ? fromPng(decodePng(bytes)) : fromJpeg(bytes);
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
  const { width, height, data } = decodeJpeg(bytes, { useTArray: true, formatAsRGBA: false });
  // The decoder gives three channels always; a gray image says so in its frame header.
  if (jpegComponents(bytes) !== 1) return { width, height, channels: 3, pixels: data };
  const pixels = new Uint8Array(width * height);
  for (let pixel = 0; pixel < pixels.length; pixel++) pixels[pixel] = data[pixel * 3] ?? 0;
  return { width, height, channels: 1, pixels };
}

/** How many colour components a JPEG's frame header (markers C0 to C2) names; 3 where none is found. */
function jpegComponents(bytes: Uint8Array): number {
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xc2) return bytes[at + 9] ?? 3;
    at += 2 + (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
  }
  return 3;
}
