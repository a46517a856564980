/** Colours for programs that do not know `oklch()`, as most that show SVG files do not. */

/** Red, green and blue from 0 to 1. */
export type Rgb = readonly [number, number, number];

const clamped = (value: number) => Math.min(1, Math.max(0, value));

/** `oklch(L C H)` as `#rrggbb`. */
export function hexColour(oklch: string): string {
  const encoded = linearRgb(oklch).map((value) => {
    // IEC 61966-2-1.
    const curved = value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
    return Math.round(255 * curved)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${encoded.join('')}`;
}

/** `oklch(L C H)` as linear sRGB; chroma gives way where the colour is out of gamut, as in CSS. */
export function linearRgb(oklch: string): Rgb {
  const [lightness = 0, chroma = 0, hue = 0] = [...oklch.matchAll(/[\d.]+/g)].map(Number);
  for (let c = chroma; ; c -= 0.002) {
    const rgb = fromOklch(lightness, Math.max(0, c), hue);
    if (c <= 0 || rgb.every((value) => value >= -0.0005 && value <= 1.0005))
      return [clamped(rgb[0]), clamped(rgb[1]), clamped(rgb[2])];
  }
}

/** Björn Ottosson's OKLab, https://bottosson.github.io/posts/oklab/ */
function fromOklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}
