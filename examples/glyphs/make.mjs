// Draws the data set of this example: `node examples/glyphs/make.mjs [seed]`, from the repository.
// Needs the devDependencies @napi-rs/canvas (a canvas for Node) and the @fontsource fonts below;
// no network. One seed gives one data set, byte for byte, on one version of them.
import { createCanvas, GlobalFonts } from '@napi-rs/canvas';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';

const samples = 2000;
const size = 28;
const fonts = [
  'open-sans',
  'roboto-slab',
  'courier-prime',
  'comic-neue',
  'oswald',
  'lora',
  'caveat',
];

/** Mulberry32: a small seeded generator of numbers in [0, 1). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(Number(process.argv[2] ?? 7));
const between = (low, high) => low + (high - low) * random();
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const require = createRequire(import.meta.url);
for (const font of fonts) {
  const file = require.resolve(`@fontsource/${font}/files/${font}-latin-400-normal.woff2`);
  if (!GlobalFonts.registerFromPath(file, font)) throw new Error(`${file} is not a font`);
}

/** One digit, white on black: any font, off the centre, turned, slanted, stretched, with noise. */
function draw(digit) {
  const canvas = createCanvas(size, size);
  const context = canvas.getContext('2d');
  context.fillStyle = 'black';
  context.fillRect(0, 0, size, size);
  context.translate(size / 2 + between(-3, 3), size / 2 + between(-3, 3));
  context.rotate(between(-0.35, 0.35));
  context.transform(between(0.8, 1.2), 0, between(-0.25, 0.25), between(0.8, 1.2), 0, 0);
  context.font = `${Math.round(between(17, 25))}px "${fonts[Math.floor(random() * fonts.length)]}"`;
  context.textAlign = 'center';
  context.fillStyle = 'white';
  // Old-style figures differ in height: centre the ink, not the line.
  const { actualBoundingBoxAscent: ascent, actualBoundingBoxDescent: descent } =
    context.measureText(String(digit));
  context.fillText(String(digit), 0, (ascent - descent) / 2);

  const { data } = context.getImageData(0, 0, size, size);
  const ink = between(0.6, 1);
  const noise = between(5, 35);
  return Uint8Array.from({ length: size * size }, (_, pixel) =>
    Math.max(0, Math.min(255, Math.round(data[4 * pixel] * ink + noise * normal()))),
  );
}

/** IDX, the format of MNIST: 0, 0, 8 (unsigned bytes), the rank, big-endian sizes, the bytes. */
function idx(shape, bytes) {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((length, axis) => header.writeUInt32BE(length, 4 + 4 * axis));
  return gzipSync(Buffer.concat([header, bytes]), { level: 9 });
}

const labels = Uint8Array.from({ length: samples }, () => Math.floor(random() * 10));
const images = Buffer.concat([...labels].map(draw));
const here = (name) => new URL(name, import.meta.url);
writeFileSync(here('train-images-idx3-ubyte.gz'), idx([samples, size, size], images));
writeFileSync(here('train-labels-idx1-ubyte.gz'), idx([samples], labels));
