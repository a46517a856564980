import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearRgb } from '../../../src/core/report/oklch';
import { sizeColours } from '../../../src/core/report/sizeColours';
import { colourVisions, difference, luminance, seenWith } from './colourVision';

describe('sizeColours', () => {
  const kinds = ['dark', 'light', 'highContrast', 'highContrastLight'] as const;

  it('is monotonic in lightness, for any ladder', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 1e6 }), { minLength: 2, maxLength: 20 }),
        fc.constantFrom(...kinds),
        (unsorted, kind) => {
          const ladder = unsorted.sort((a, b) => a - b);
          const lightness = [...sizeColours(ladder, kind).values()].map((colour) =>
            Number(/^oklch\(([\d.]+) /.exec(colour)?.[1]),
          );
          const isLight = kind === 'light' || kind === 'highContrastLight';
          expect(lightness).toEqual(lightness.toSorted((a, b) => (isLight ? b - a : a - b)));
        },
      ),
    );
  });

  it.each(kinds)('keeps ten sizes apart for every kind of colour vision: %s', (kind) => {
    const ladder = Array.from({ length: 10 }, (_, power) => 8 * 2 ** power);
    const colours = [...sizeColours(ladder, kind).values()].map(linearRgb);
    for (const vision of colourVisions) {
      const seen = colours.map((colour) => seenWith(vision, colour));
      const steps = seen.slice(1).map((colour, index) => difference(colour, seen[index] ?? colour));
      // 0.02 is about what is just noticed in OKLab where two colours touch.
      expect(Math.min(...steps), vision).toBeGreaterThan(0.03);
    }
    // Relative luminance of #1e1e1e, black and white.
    const background = { dark: 0.013, light: 1, highContrast: 0, highContrastLight: 1 }[kind];
    for (const colour of colours) {
      const own = luminance(colour);
      const ratio = (Math.max(own, background) + 0.05) / (Math.min(own, background) + 0.05);
      expect(ratio).toBeGreaterThanOrEqual(3);
    }
  });
});
