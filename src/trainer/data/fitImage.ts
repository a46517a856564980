import type { Config } from '../../config/schema';
import type { Image } from './decodeImage';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

type Resize = NonNullable<Config['data']['image']>['resize'];

/** What of one axis is read, and where it goes, in pixels. */
interface Placement {
  readonly from: number;
  readonly read: number;
  readonly to: number;
  readonly written: number;
}

/** The pixels that make each pixel of the result: from one on, and the share of each of them. */
interface Blends {
  readonly firsts: Int32Array;
  /** Where the shares of a pixel begin, and behind them those of the next. */
  readonly starts: Int32Array;
  readonly shares: Float64Array;
}

/**
 * Brings an image to a size by bilinear interpolation; where it gets smaller, over all pixels that
 * lie under a new one (as Pillow and torchvision do with `antialias`).
 */
export function fitImage(image: Image, size: ImageSize, resize: Resize): Image {
  const { width, height, channels } = image;
  if (width === size.width && height === size.height) return image;
  const [x, y] = placements(image, size, resize);
  const narrow = blendRows(image, blends(x, width), channels);
  const pixels = new Uint8Array(size.width * size.height * channels);
  const line = x.written * channels;
  const { firsts, starts, shares } = blends(y, height);
  const levels = new Float64Array(line);
  for (let row = 0; row < y.written; row++) {
    levels.fill(0);
    let from = (firsts[row] ?? 0) * line;
    for (let share = starts[row] ?? 0; share < (starts[row + 1] ?? 0); share++, from += line) {
      const weight = shares[share] ?? 0;
      for (let at = 0; at < line; at++)
        levels[at] = (levels[at] ?? 0) + weight * (narrow[from + at] ?? 0);
    }
    const start = ((y.to + row) * size.width + x.to) * channels;
    for (let at = 0; at < line; at++) pixels[start + at] = Math.round(levels[at] ?? 0);
  }
  return { ...size, channels, pixels };
}

/** Each row brought to its new width. */
function blendRows(
  { width, height, pixels }: Image,
  { firsts, starts, shares }: Blends,
  channels: number,
): Float32Array {
  const written = firsts.length;
  const narrow = new Float32Array(height * written * channels);
  for (let row = 0, at = 0; row < height; row++)
    for (let column = 0; column < written; column++) {
      const start = starts[column] ?? 0;
      const end = starts[column + 1] ?? 0;
      const first = (row * width + (firsts[column] ?? 0)) * channels;
      for (let channel = 0; channel < channels; channel++, at++) {
        let level = 0;
        let from = first + channel;
        for (let share = start; share < end; share++, from += channels)
          level += (shares[share] ?? 0) * (pixels[from] ?? 0);
        narrow[at] = level;
      }
    }
  return narrow;
}

function placements(
  image: ImageSize,
  size: ImageSize,
  resize: Resize,
): readonly [Placement, Placement] {
  const scales = [size.width / image.width, size.height / image.height];
  const scale = resize === 'pad' ? Math.min(...scales) : Math.max(...scales);
  const place = (own: number, wanted: number): Placement => {
    const whole = { from: 0, read: own, to: 0, written: wanted };
    if (resize === 'stretch') return whole;
    const read = Math.min(own, wanted / scale);
    if (resize === 'crop') return { ...whole, from: (own - read) / 2, read };
    const written = Math.min(wanted, Math.max(1, Math.round(own * scale)));
    return { ...whole, to: (wanted - written) >> 1, written };
  };
  return [place(image.width, size.width), place(image.height, size.height)];
}

function blends({ from, read, written }: Placement, length: number): Blends {
  const step = read / written;
  const reach = Math.max(1, step);
  const firsts = new Int32Array(written);
  const starts = new Int32Array(written + 1);
  const shares: number[] = [];
  for (let index = 0; index < written; index++) {
    const centre = from + (index + 0.5) * step;
    const first = Math.max(0, Math.floor(centre - reach));
    const end = Math.min(length, Math.ceil(centre + reach));
    const weights = Array.from({ length: end - first }, (_each, at) =>
      Math.max(0, 1 - Math.abs(first + at + 0.5 - centre) / reach),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    firsts[index] = first;
    for (const weight of weights) shares.push(weight / total);
    starts[index + 1] = shares.length;
  }
  return { firsts, starts, shares: Float64Array.from(shares) };
}
