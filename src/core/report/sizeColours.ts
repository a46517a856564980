/**
 * A colour for each batch size, evenly spaced by rank in OKLCH. Lightness alone separates neighbours
 * apart, so that the order holds for every kind of colour vision; hue helps those who see it. On dark
 * backgrounds larger sizes are lighter, on light ones darker, and every colour keeps at least 3:1
 * against the background (WCAG 1.4.11).
 */
export type ThemeKind = 'dark' | 'light' | 'highContrast' | 'highContrastLight';

interface Ramp {
  /** OKLCH lightness of the smallest and the largest size. */
  readonly lightness: readonly [number, number];
  readonly chroma: number;
  /** Degrees; the way from the first to the second is the way the ramp takes. */
  readonly hue: readonly [number, number];
}

const ramps: Record<ThemeKind, Ramp> = {
  dark: { lightness: [0.55, 0.97], chroma: 0.16, hue: [345, 90] },
  light: { lightness: [0.66, 0.26], chroma: 0.12, hue: [90, -30] },
  highContrast: { lightness: [0.52, 0.98], chroma: 0.16, hue: [345, 90] },
  highContrastLight: { lightness: [0.66, 0.2], chroma: 0.12, hue: [90, -30] },
};

/** CSS colours, by batch size. */
export function sizeColours(
  batchSizes: readonly number[],
  kind: ThemeKind,
): ReadonlyMap<number, string> {
  const { lightness, chroma, hue } = ramps[kind];
  const at = ([from, to]: readonly [number, number], share: number) => from + (to - from) * share;
  const last = batchSizes.length - 1;
  return new Map(
    batchSizes.map((size, rank) => {
      const share = last > 0 ? rank / last : 0.5;
      const angle = (at(hue, share) + 360) % 360;
      return [size, `oklch(${at(lightness, share).toFixed(3)} ${chroma} ${angle.toFixed(1)})`];
    }),
  );
}
