import { encode as encodePng, type ImageData } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../../src/trainer/data/decodeImage';
import { configSchema } from '../../../../src/config/schema';
import { loadDataset } from '../../../../src/trainer/data/loadDataset';
import { load, pairs, refusal, workspace } from './workspace';

const data = { train: 'images', normalize: false };

function png(pixels: readonly number[], channels: number, width = 2): Uint8Array {
  const height = pixels.length / channels / width;
  const image: ImageData = { width, height, channels, depth: 8, data: Uint8Array.from(pixels) };
  return encodePng(image);
}

/** A PNG with packed pixels or a palette, which the encoder does not write. */
function rawPng(
  [width, height]: [number, number],
  depth: number,
  colour: number,
  rows: readonly (readonly number[])[],
  palette?: readonly number[],
): Uint8Array {
  const crcTable = Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc >>> 0;
  });
  const chunk = (type: string, body: Buffer) => {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
    let crc = 0xffffffff;
    for (const byte of named) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(body.length, 0);
    ends.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 4);
    return Buffer.concat([ends.subarray(0, 4), named, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour], 8);
  const scanlines = Buffer.from(rows.flatMap((row) => [0, ...row]));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', Buffer.from(palette))] : []),
    chunk('IDAT', deflateSync(scanlines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('decoding', () => {
  it.each([
    ['gray', png([1, 2, 3, 4], 1), 1, [1, 2, 3, 4]],
    ['gray with alpha', png([1, 0, 2, 0, 3, 9, 4, 9], 2), 1, [1, 2, 3, 4]],
    ['RGB', png([1, 2, 3, 4, 5, 6], 3), 3, [1, 2, 3, 4, 5, 6]],
    ['RGBA', png([1, 2, 3, 0, 4, 5, 6, 255], 4), 3, [1, 2, 3, 4, 5, 6]],
    ['1 bit', rawPng([3, 2], 1, 0, [[0b10100000], [0b01000000]]), 1, [255, 0, 255, 0, 255, 0]],
    ['4 bits', rawPng([3, 1], 4, 0, [[0x0f, 0x80]]), 1, [0, 255, 136]],
    [
      'palette',
      rawPng([3, 1], 2, 3, [[0b00011000]], [9, 8, 7, 1, 2, 3, 4, 5, 6]),
      3,
      [9, 8, 7, 1, 2, 3, 4, 5, 6],
    ],
  ])('a PNG of %s', (_, bytes, channels, pixels) => {
    const image = decodeImage(bytes);
    expect(image.channels).toBe(channels);
    expect([...image.pixels]).toEqual(pixels);
  });

  it('a PNG of 16 bits', () => {
    const levels = Uint16Array.of(0, 257, 65_535, 32_896);
    const bytes = encodePng({ width: 2, height: 2, channels: 1, depth: 16, data: levels });
    expect([...decodeImage(bytes).pixels]).toEqual([0, 1, 255, 128]);
  });

  it('a JPEG of one colour', () => {
    const rgba = Buffer.from(Array.from({ length: 64 }, () => [200, 100, 50, 255]).flat());
    const image = decodeImage(encodeJpeg({ width: 8, height: 8, data: rgba }, 100).data);
    expect(image).toMatchObject({ width: 8, height: 8, channels: 3 });
    [200, 100, 50].forEach((level, channel) => {
      expect(Math.abs((image.pixels[channel] ?? 0) - level)).toBeLessThan(4);
    });
  });
});

describe('a folder of images', () => {
  const dark = png([0, 1, 2, 3], 1);
  const light = png([252, 253, 254, 255], 1);

  it('takes its folders as classes', async () => {
    const files = { 'images/b/1.png': light, 'images/a/1.PNG': dark, 'images/a/notes.txt': 'x' };
    const dataset = await load({ ...files, 'images/.cache/x.png': 'no' }, data);
    expect(dataset).toMatchObject({ sampleShape: [2, 2, 1], classes: ['a', 'b'] });
    expect(pairs(dataset)).toEqual(['0,1,2,3,0', '252,253,254,255,1']);
  });

  it('gives gray images three channels among coloured ones', async () => {
    const colour = png([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 3);
    const dataset = await load({ 'images/a/1.png': dark, 'images/b/1.png': colour }, data);
    expect(dataset.sampleShape).toEqual([2, 2, 3]);
    expect(pairs(dataset)[0]).toBe('0,0,0,1,1,1,2,2,2,3,3,3,0');
  });

  it.each([
    [{ 'images/a/1.png': dark, 'images/b/2.png': dark.subarray(0, 40) }, /2.png cannot be read: /],
    [{ 'images/a/1.png': dark, 'images/b/2.jpg': 'hello' }, /2.jpg cannot be read: /],
    [
      { 'images/a/1.png': dark, 'images/b/notes.txt': 'x' },
      /class folder .*b holds no PNG or JPEG/,
    ],
    [{ 'images/1.png': dark }, /#data\/train .*images holds no folders/],
    [{ 'images/a/1.png': dark, 'images/a/2.png': dark }, /Every sample has the label "a"/],
  ])('is refused where it is wrong: %#', async (files, expected) => {
    expect(await refusal(files, data)).toMatch(expected);
  });

  it('does not follow links out of the workspace', async () => {
    const outside = await workspace({ 'secret.png': dark });
    const folder = await workspace({ 'images/a/1.png': dark, 'images/b/1.png': light });
    await symlink(path.join(outside, 'secret.png'), path.join(folder, 'images', 'b', '2.png'));
    const config = configSchema.parse({ model: { topology: 'm' }, data });
    const configFile = path.join(folder, 'batchwise.json');
    const result = await loadDataset(config, { configFile, root: folder, seed: 1, tf: null });
    expect(result).toMatchObject({ ok: false, problem: { reason: 'dataImageOutside' } });
  });
});
