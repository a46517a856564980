import type { Chart } from 'chart.js';
import type { Point } from '../model/lossModel';

/** A curve as it is drawn. */
export interface Curve {
  readonly batchSize: number;
  readonly kind: 'train' | 'validation' | 'compared';
  readonly points: readonly Point[];
  readonly colour: string;
  readonly width: number;
}

/** Where a curve's values lie; `end` is the greatest x. */
export interface Extent {
  readonly low: number;
  readonly high: number;
  readonly end: number;
}

const dashes: Record<Curve['kind'], number[]> = { train: [3, 3], validation: [], compared: [8, 4] };
/** Canvases draw nothing sensible beyond. */
const farthestPixel = 32_768;

/**
 * Draws curves of thousands of points into a chart. Those that stand still are drawn once, onto a
 * layer of their own, and only what has changed since is drawn over it: Chart.js's own lines cost
 * an element a point, and all of them at each update.
 */
export class CurvePainter {
  readonly #layer: HTMLCanvasElement;
  #place = '';
  #still: readonly Curve[] = [];
  #before: readonly Curve[] = [];

  constructor(document: Document) {
    this.#layer = document.createElement('canvas');
  }

  /** @param curves the first is on top */
  draw(chart: Chart, curves: readonly Curve[]): void {
    const { ctx, canvas, chartArea, currentDevicePixelRatio: ratio } = chart;
    const mapping = mappingOf(chart);
    if (!mapping) return;
    const { left, top, right, bottom } = chartArea;
    const place = [canvas.width, canvas.height, left, top, right, bottom, ...mapping].join();
    const isOnLayer = place === this.#place && areAmong(this.#still, curves);
    if (!isOnLayer) {
      this.#place = place;
      const known = new Map(this.#before.map((curve) => [keyOf(curve), curve.points]));
      // What moved between the last two draws will move again.
      this.#still = curves.filter((curve) => {
        const points = known.get(keyOf(curve));
        return points === undefined || points === curve.points;
      });
      [this.#layer.width, this.#layer.height] = [canvas.width, canvas.height];
      const context = this.#layer.getContext('2d');
      context?.scale(ratio, ratio);
      if (context) strokeAll(context, chart, this.#still, mapping);
    }
    this.#before = curves;
    const onLayer = new Set(this.#still.map(keyOf));
    ctx.save();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.#layer, 0, 0);
    ctx.restore();
    strokeAll(
      ctx,
      chart,
      curves.filter((curve) => !onLayer.has(keyOf(curve))),
      mapping,
    );
  }
}

/** The point of any curve that is nearest to a place in the chart; pixels. */
export function nearestPoint(
  chart: Chart,
  curves: readonly Curve[],
  at: { readonly x: number; readonly y: number },
): { readonly curve: Curve; readonly point: Point; readonly x: number; readonly y: number } | null {
  const mapping = mappingOf(chart);
  if (!mapping) return null;
  const { chartArea } = chart;
  let found: ReturnType<typeof nearestPoint> = null;
  let least = Infinity;
  for (const curve of curves) {
    for (const point of curve.points) {
      const [x, y] = pixelOf(point, mapping);
      const distance = (x - at.x) ** 2 + (y - at.y) ** 2;
      if (distance >= least || y < chartArea.top || x < chartArea.left || x > chartArea.right)
        continue;
      least = distance;
      found = { curve, point, x, y };
    }
  }
  return found;
}

const extents = new WeakMap<readonly Point[], Extent>();

/** Computed once for a curve that does not change. */
export function extentOf(points: readonly Point[]): Extent {
  const known = extents.get(points);
  if (known) return known;
  const extent = extentWithin(points, -Infinity, Infinity);
  extents.set(points, extent);
  return extent;
}

/** Of the points whose x lies within the bounds. */
export function extentWithin(points: readonly Point[], from: number, to: number): Extent {
  let [low, high, end] = [Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    if (x < from || x > to) continue;
    low = Math.min(low, y);
    high = Math.max(high, y);
    end = Math.max(end, x);
  }
  return { low, high, end };
}

/** Pixels of x = 0 and per unit of x, then the same for y. */
type Mapping = readonly [number, number, number, number];

function mappingOf({ scales: { x, y } }: Chart): Mapping | null {
  if (!x || !y) return null;
  const across = (x.getPixelForValue(x.max) - x.getPixelForValue(x.min)) / (x.max - x.min);
  const up = (y.getPixelForValue(y.max) - y.getPixelForValue(y.min)) / (y.max - y.min);
  return [
    x.getPixelForValue(x.min) - across * x.min,
    across,
    y.getPixelForValue(y.min) - up * y.min,
    up,
  ];
}

function pixelOf({ x, y }: Point, [left, across, zero, up]: Mapping): [number, number] {
  const limited = (pixel: number) => Math.max(-farthestPixel, Math.min(farthestPixel, pixel));
  return [limited(left + across * x), limited(zero + up * y)];
}

function strokeAll(
  context: CanvasRenderingContext2D,
  { chartArea: { left, top, right, bottom } }: Chart,
  curves: readonly Curve[],
  mapping: Mapping,
): void {
  context.save();
  context.beginPath();
  context.rect(left - 1, top - 1, right - left + 2, bottom - top + 2);
  context.clip();
  context.lineJoin = 'round';
  for (const { kind, points, colour, width } of curves.toReversed()) {
    const [first] = points;
    if (!first) continue;
    context.beginPath();
    if (points.length === 1) {
      context.arc(...pixelOf(first, mapping), width + 1, 0, 2 * Math.PI);
      context.fillStyle = colour;
      context.fill();
      continue;
    }
    for (const point of points) context.lineTo(...pixelOf(point, mapping));
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash(dashes[kind]);
    context.stroke();
  }
  context.restore();
}

function keyOf({ batchSize, kind }: Curve): string {
  return `${batchSize} ${kind}`;
}

/** Whether all of them are there and look the same. */
function areAmong(some: readonly Curve[], all: readonly Curve[]): boolean {
  const byKey = new Map(all.map((curve) => [keyOf(curve), curve]));
  return some.every((curve) => {
    const now = byKey.get(keyOf(curve));
    return now?.points === curve.points && now.colour === curve.colour && now.width === curve.width;
  });
}
