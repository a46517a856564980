import { createCanvas, type Canvas } from '@napi-rs/canvas';
import type { Chart } from 'chart.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CurvePainter,
  extentOf,
  extentWithin,
  nearestPoint,
  type Curve,
} from '../../../webview/charts/curves';

const [width, height] = [160, 120];
const bands = 4;

/** A chart of x from 0 to 10 and y from 0 to 4 that counts the lines drawn into it. */
function chartOf(canvas: Canvas, end = 10) {
  const ctx = canvas.getContext('2d');
  const lines = { count: 0 };
  const stroke = ctx.stroke.bind(ctx);
  ctx.stroke = () => {
    lines.count++;
    stroke();
  };
  const scale = (max: number, pixel: (share: number) => number) => ({
    min: 0,
    max,
    getPixelForValue: (value: number) => pixel(value / max),
  });
  const chart = {
    ctx,
    canvas,
    chartArea: { left: 0, top: 0, right: width, bottom: height },
    currentDevicePixelRatio: 1,
    scales: {
      x: scale(end, (share) => share * width),
      y: scale(bands, (share) => (1 - share) * height),
    },
  };
  return { chart: chart as unknown as Chart, lines };
}

const documentOf = () =>
  ({ createElement: () => createCanvas(width, height) }) as unknown as Document;

/** A curve in a band of its own, so that none is drawn over another. */
const curveOf = (band: number, ys: readonly number[], changes: Partial<Curve> = {}): Curve => ({
  batchSize: band,
  kind: 'validation',
  points: ys.map((y, x) => ({ x, y: band + 0.2 + 0.6 * y })),
  colour: 'red',
  width: 1,
  isGrowing: false,
  ...changes,
});

const pixels = (canvas: Canvas) =>
  Buffer.from(canvas.getContext('2d').getImageData(0, 0, width, height).data);

describe('the painter of curves', () => {
  it('shows the same, however it came there', () => {
    const ys = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
    const colour = fc.constantFrom('red', 'blue');
    const change = fc.record({
      band: fc.nat(bands - 1),
      ys,
      colour,
      isGone: fc.boolean(),
      isGrowing: fc.boolean(),
    });
    const step = fc.record({ change, end: fc.constantFrom(8, 10), most: fc.nat(12) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const painter = new CurvePainter(documentOf());
        const shown = new Map<number, Curve>();
        let end = 10;
        let canvas = createCanvas(width, height);
        let isWhole = true;
        const draw = (most?: number) => {
          canvas = createCanvas(width, height);
          return painter.draw(chartOf(canvas, end).chart, [...shown.values()], most);
        };
        for (const { change: next, most, ...place } of steps) {
          end = place.end;
          if (next.isGone) shown.delete(next.band);
          else shown.set(next.band, curveOf(next.band, next.ys, next));
          isWhole = draw(most);
        }
        for (let part = 0; !isWhole && part < bands; part++) isWhole = draw(1);
        expect(isWhole).toBe(true);
        const fresh = createCanvas(width, height);
        new CurvePainter(documentOf()).draw(chartOf(fresh, end).chart, [...shown.values()]);
        expect(pixels(canvas).equals(pixels(fresh))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('has nothing left to draw once the curves are again as they are shown', () => {
    const painter = new CurvePainter(documentOf());
    const curvesIn = (colour: string) => [0, 1, 2].map((band) => curveOf(band, [0, 1], { colour }));
    const red = curvesIn('red');
    const draw = (curves: readonly Curve[], most?: number) =>
      painter.draw(chartOf(createCanvas(width, height)).chart, curves, most);
    expect(draw(red)).toBe(true);
    // A pointer passes over one of them.
    expect(draw(curvesIn('blue'), 1)).toBe(false);
    expect(draw(red, 1)).toBe(true);
  });

  it('draws only the curve that grows, once the others are drawn', () => {
    const painter = new CurvePainter(documentOf());
    const still = [0, 1, 2].map((band) => curveOf(band, [0, 1, 0.5]));
    const linesAt = (length: number) => {
      const { chart, lines } = chartOf(createCanvas(width, height));
      const ys = Array.from({ length }, (_, index) => index / length);
      painter.draw(chart, [...still, curveOf(3, ys, { isGrowing: true })]);
      return lines.count;
    };
    expect([2, 3, 4, 5].map(linesAt)).toEqual([1, 1, 1, 1]);
  });

  it('shows the old curves, where the axes are now, until the new ones are whole', () => {
    const painter = new CurvePainter(documentOf());
    const ys = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5];
    const curvesIn = (colour: string) => [0, 1, 2].map((band) => curveOf(band, ys, { colour }));
    const curves = { red: curvesIn('red'), blue: curvesIn('blue') };
    const parts: boolean[] = [];
    /** The colour in the middle of each curve, and how far right the curve goes. */
    const drawn = (colour: 'red' | 'blue', end: number, most?: number) => {
      const canvas = createCanvas(width, height);
      parts.push(painter.draw(chartOf(canvas, end).chart, curves[colour], most));
      const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
      return [0, 1, 2].map((band) => {
        const row = Math.round(height * (1 - (band + 0.5) / bands));
        const at = (x: number) => 4 * ((row - 1) * width + x);
        const inked = Array.from({ length: width }, (_, x) => x).filter(
          (x) => (data[at(x) + 3] ?? 0) + (data[at(x) + 4 * width + 3] ?? 0) > 0,
        );
        const middle = at(20) + ((data[at(20) + 3] ?? 0) > 0 ? 0 : 4 * width);
        const [red = 0, , blue = 0] = data.subarray(middle, middle + 3);
        return { colour: red > blue ? 'red' : 'blue', end: Math.max(...inked) };
      });
    };
    const red = { colour: 'red', end: expect.closeTo(127, -0.5) as number };
    const blue = { colour: 'blue', end: expect.closeTo(127, -0.5) as number };
    expect(drawn('red', 10)).toEqual([red, red, red]);
    // Half as long an axis: the curve, to 8, reaches beyond its end.
    const farRed = { colour: 'red', end: 159 };
    const farBlue = { colour: 'blue', end: 159 };
    expect(drawn('blue', 5, 1)).toEqual([farRed, farRed, farRed]);
    expect(drawn('blue', 5, 1)).toEqual([farRed, farRed, farRed]);
    expect(drawn('blue', 5, 1)).toEqual([farBlue, farBlue, farBlue]);
    expect(drawn('blue', 10)).toEqual([blue, blue, blue]);
    expect(parts).toEqual([true, false, false, true, true]);
  });
});

describe('extents', () => {
  it('are those of the points in view', () => {
    const { points } = curveOf(0, [0, 1, 0.5]);
    expect(extentOf(points)).toEqual({ low: 0.2, high: 0.8, end: 2 });
    expect(extentWithin(points, 0, 0.5)).toEqual({ low: 0.2, high: 0.2, end: 0 });
    expect(extentOf([])).toEqual({ low: Infinity, high: -Infinity, end: -Infinity });
  });
});

describe('what is pointed at', () => {
  const curves = [curveOf(0, [0, 1]), curveOf(2, [0.5, 0.5])];
  const { chart } = chartOf(createCanvas(width, height));

  it('is the point that is nearest in pixels, of whatever curve', () => {
    const found = nearestPoint(chart, curves, { x: 18, y: 45 });
    expect(found).toMatchObject({ curve: { batchSize: 2 }, point: { x: 1 }, x: 16 });
    expect(found?.y).toBeCloseTo(45);
  });

  it('is nothing where there are no curves', () => {
    expect(nearestPoint(chart, [], { x: 0, y: 0 })).toBeNull();
  });
});
