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

/** The pixels that make one pixel of the result, from `first` on, and the share of each. */
interface Blend {
  readonly first: number;
  readonly shares: readonly number[];
}

/**
 * Brings an image to a size by bilinear interpolation; where it gets smaller, over all pixels that
 * lie under a new one (as Pillow and torchvision do with `antialias`).
 */
export function fitImage(image: Image, size: ImageSize, resize: Resize): Image {
  const { width, height, channels } = image;
  if (width === size.width && height === size.height) return image;
  const [x, y] = placements(image, size, resize);
  const across = blends(x, width);
  const narrow = new Float32Array(height * x.written * channels);
  for (let row = 0, at = 0; row < height; row++)
    for (const { first, shares } of across)
      for (let channel = 0; channel < channels; channel++, at++) {
        let level = 0;
        let from = (row * width + first) * channels + channel;
        for (const share of shares) {
          level += share * (image.pixels[from] ?? 0);
          from += channels;
        }
        narrow[at] = level;
      }
  const pixels = new Uint8Array(size.width * size.height * channels);
  const line = x.written * channels;
  blends(y, height).forEach(({ first, shares }, row) => {
    const start = ((y.to + row) * size.width + x.to) * channels;
    for (let at = 0; at < line; at++) {
      let level = 0;
      let from = first * line + at;
      for (const share of shares) {
        level += share * (narrow[from] ?? 0);
        from += line;
      }
      pixels[start + at] = Math.round(level);
    }
  });
  return { ...size, channels, pixels };
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

function blends({ from, read, written }: Placement, length: number): Blend[] {
  const step = read / written;
  const reach = Math.max(1, step);
  return Array.from({ length: written }, (_, index) => {
    const centre = from + (index + 0.5) * step;
    const first = Math.max(0, Math.floor(centre - reach));
    const end = Math.min(length, Math.ceil(centre + reach));
    const weights = Array.from({ length: end - first }, (_each, at) =>
      Math.max(0, 1 - Math.abs(first + at + 0.5 - centre) / reach),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, shares: weights.map((weight) => weight / total) };
  });
}
