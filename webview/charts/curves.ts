import type { Chart } from 'chart.js';
import type { Point } from '../model/lossModel';

/** A curve as it is drawn. */
export interface Curve {
  readonly batchSize: number;
  readonly kind: 'train' | 'validation' | 'compared';
  readonly points: readonly Point[];
  readonly colour: string;
  readonly width: number;
  /** More points will come soon. */
  readonly isGrowing: boolean;
}

/** The chart that curves are drawn into. */
type Plot = Pick<Chart, 'ctx' | 'canvas' | 'chartArea' | 'scales' | 'currentDevicePixelRatio'>;

/** Where a curve's values lie; `end` is the greatest x. */
export interface Extent {
  readonly low: number;
  readonly high: number;
  readonly end: number;
}

const dashes: Record<Curve['kind'], number[]> = { train: [3, 3], validation: [], compared: [8, 4] };
/** Canvases draw nothing sensible beyond. */
const farthestPixel = 32_768;

/** Points that are drawn onto a layer in one frame: some 10 ms of a slow machine. */
const pointsAFrame = 2000;

/** Curves on a canvas of their own, of which the first `drawn` are there. */
interface Layer {
  readonly canvas: HTMLCanvasElement;
  readonly curves: readonly Curve[];
  /** Size and axes that it was drawn for. */
  readonly place: string;
  readonly mapping: Mapping;
  drawn: number;
}

/**
 * Draws curves of thousands of points into a chart. Those that stand still are drawn once, onto a
 * layer that only growing ones are drawn over: Chart.js's own lines cost an element a point, and all
 * of them at each update. A layer is drawn a part a frame; until it is whole the one before is shown,
 * moved to where the axes are now.
 */
export class CurvePainter {
  readonly #document: Document;
  #shown: Layer | null = null;
  #next: Layer | null = null;
  /** What was drawn over the layer the last time. */
  #over = new Set<string>();

  constructor(document: Document) {
    this.#document = document;
  }

  /** Forgets what is drawn: it says nothing about what comes. */
  clear(): void {
    [this.#shown, this.#next] = [null, null];
  }

  /**
   * @param curves the first is on top
   * @param most points onto a layer in this frame
   * @returns whether all of them are drawn; else more is in the next frame
   */
  draw(chart: Plot, curves: readonly Curve[], most = pointsAFrame): boolean {
    const { canvas, chartArea, currentDevicePixelRatio } = chart;
    const mapping = mappingOf(chart);
    if (!mapping) return true;
    const { left, top, right, bottom } = chartArea;
    const area = [canvas.width, canvas.height, currentDevicePixelRatio, left, top, right, bottom];
    const place = [...area, ...mapping].join();
    const still = curves.filter(({ isGrowing }) => !isGrowing);
    if (isLayerOf(this.#shown, place, still)) this.#next = null;
    else {
      if (!isLayerOf(this.#next, place, still))
        this.#next = { canvas: this.#newCanvas(chart), curves: still, place, mapping, drawn: 0 };
      if (this.#next) drawMore(this.#next, chart, most);
      if (this.#next && isWhole(this.#next)) [this.#shown, this.#next] = [this.#next, null];
    }
    const layer = this.#shown ?? this.#next;
    const onLayer = new Set(layer?.curves.map(keyOf));
    // One that has just stopped growing is on the next layer only.
    const over = curves.filter(
      (curve) => curve.isGrowing || (this.#over.has(keyOf(curve)) && !onLayer.has(keyOf(curve))),
    );
    this.#over = new Set(over.map(keyOf));
    if (layer) showLayer(layer, chart, mapping);
    strokeAll(chart.ctx, chart, over.toReversed(), mapping);
    return this.#next === null;
  }

  #newCanvas({ canvas: { width, height }, currentDevicePixelRatio: ratio }: Plot) {
    const canvas = this.#document.createElement('canvas');
    [canvas.width, canvas.height] = [width, height];
    canvas.getContext('2d')?.scale(ratio, ratio);
    return canvas;
  }
}

const isWhole = ({ curves, drawn }: Layer): boolean => drawn >= curves.length;

/** The next curves of a layer, at least one; the topmost first. */
function drawMore(layer: Layer, chart: Plot, most: number): void {
  let end = layer.drawn;
  for (let points = 0; end < layer.curves.length && points < most; end++)
    points += layer.curves[end]?.points.length ?? 0;
  const part = layer.curves.slice(layer.drawn, end);
  layer.drawn = end;
  const context = layer.canvas.getContext('2d');
  if (!context) return;
  context.globalCompositeOperation = 'destination-over';
  strokeAll(context, chart, part, layer.mapping);
}

/** Draws a layer where the axes are now. */
function showLayer({ canvas, mapping }: Layer, chart: Plot, now: Mapping): void {
  const { ctx, chartArea, currentDevicePixelRatio: ratio } = chart;
  const [left, across, zero, up] = mapping;
  const [wide, tall] = [now[1] / across, now[3] / up];
  const [right, down] = [now[0] - wide * left, now[2] - tall * zero];
  ctx.save();
  if (wide !== 1 || tall !== 1 || right !== 0 || down !== 0) {
    ctx.beginPath();
    const { left: from, top, right: to, bottom } = chartArea;
    ctx.rect(from, top, to - from, bottom - top);
    ctx.clip();
  }
  ctx.setTransform(wide, 0, 0, tall, right * ratio, down * ratio);
  ctx.drawImage(canvas, 0, 0);
  ctx.restore();
}

/** The point of any curve that is nearest to a place in the chart; pixels. */
export function nearestPoint(
  chart: Plot,
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

function mappingOf({ scales: { x, y } }: Plot): Mapping | null {
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
  { chartArea: { left, top, right, bottom } }: Plot,
  curves: readonly Curve[],
  mapping: Mapping,
): void {
  context.save();
  context.beginPath();
  context.rect(left - 1, top - 1, right - left + 2, bottom - top + 2);
  context.clip();
  context.lineJoin = 'round';
  for (const { kind, points, colour, width } of curves) {
    const [first] = points;
    if (!first) continue;
    context.beginPath();
    if (points.length === 1) {
      context.arc(...pixelOf(first, mapping), width + 1, 0, 2 * Math.PI);
      context.fillStyle = colour;
      context.fill();
      continue;
    }
    for (const point of points) {
      const [x, y] = pixelOf(point, mapping);
      context.lineTo(x, y);
    }
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

/** Whether a layer holds these curves, as they look there. */
function isLayerOf(layer: Layer | null, place: string, curves: readonly Curve[]): boolean {
  return (
    layer?.place === place &&
    layer.curves.length === curves.length &&
    layer.curves.every((curve, index) => {
      const now = curves[index];
      return (
        now !== undefined &&
        keyOf(now) === keyOf(curve) &&
        now.points === curve.points &&
        now.colour === curve.colour &&
        now.width === curve.width
      );
    })
  );
}
