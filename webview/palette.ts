/**
 * A perceptually ordered colour for each batch size: evenly spaced along log2 in OKLCH, running
 * violet, blue, teal, green. On dark backgrounds larger sizes are lighter, on light ones darker, so
 * that every colour keeps at least 3:1 against the background (WCAG 1.4.11).
 */
export type ThemeKind = 'dark' | 'light' | 'highContrast' | 'highContrastLight';

const ramps: Record<
  ThemeKind,
  { readonly from: number; readonly to: number; readonly chroma: number }
> = {
  dark: { from: 0.62, to: 0.9, chroma: 0.14 },
  light: { from: 0.63, to: 0.4, chroma: 0.15 },
  highContrast: { from: 0.72, to: 0.95, chroma: 0.16 },
  highContrastLight: { from: 0.55, to: 0.34, chroma: 0.15 },
};
const hues = { from: 300, to: 140 } as const;

/** CSS colours, by batch size. */
export function sizeColours(
  batchSizes: readonly number[],
  kind: ThemeKind,
): ReadonlyMap<number, string> {
  const positions = batchSizes.map((size) => Math.log2(size));
  const low = Math.min(...positions);
  const span = Math.max(...positions) - low;
  const { from, to, chroma } = ramps[kind];
  return new Map(
    batchSizes.map((size) => {
      const share = span === 0 ? 0.5 : (Math.log2(size) - low) / span;
      const lightness = from + (to - from) * share;
      const hue = hues.from + (hues.to - hues.from) * share;
      return [size, `oklch(${lightness.toFixed(3)} ${chroma} ${hue.toFixed(1)})`];
    }),
  );
}
