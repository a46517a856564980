import type { ChartType, Plugin } from 'chart.js';
import type { Format } from '../format';
import type { Chart, FillPart } from './register';
import type { ChartTheme } from './theme';

/** How charts are to look just now; scriptable options read it at every draw. */
export interface Look {
  readonly theme: ChartTheme;
  readonly format: Format;
  readonly colours: ReadonlyMap<number, string>;
  /** The batch size pointed at, if any: the others step back. */
  readonly highlighted: number | null;
  /** The batch size that is recommended or picked. */
  readonly chosen: number | null;
  readonly recommended: number | null;
}

export interface ChartView<M> {
  /** Redraws in place, without animation. */
  update(model: M, look: Look): void;
  /** A part of the first update, without its drawing: each takes long enough for a frame. */
  fill(model: M, look: Look, part: FillPart): void;
  draw(): void;
  /** Draws at once what was to come in the next frames. */
  complete?(): void;
  destroy(): void;
}

/** What all charts do alike. */
export function viewOf<M>(
  chart: Pick<Chart, 'fill' | 'draw' | 'destroy'>,
  update: ChartView<M>['update'],
): ChartView<M> {
  return {
    update,
    fill: (model, look, part) => {
      chart.fill(part, () => {
        update(model, look);
      });
    },
    draw: () => {
      chart.draw();
    },
    destroy: () => {
      chart.destroy();
    },
  };
}

type GetLook = () => Look;

/** Colour of a batch size, faded while another one is pointed at. */
export function sizeColour(look: Look, batchSize: number, strength = 1): string {
  const base = look.colours.get(batchSize) ?? look.theme.foreground;
  const away = look.highlighted !== null && look.highlighted !== batchSize;
  const share = Math.round((away ? 0.2 : 1) * strength * 100);
  return look.theme.resolve(
    share === 100 ? base : `color-mix(in srgb, ${base} ${share}%, transparent)`,
  );
}

export const noAnimation = {
  animation: false,
  responsive: true,
  maintainAspectRatio: false,
  normalized: true,
} as const;

function font(getLook: GetLook) {
  return () => ({ family: getLook().theme.fontFamily, size: getLook().theme.fontSize });
}

/** What every axis shares: quiet grid, small labels. Titles come with `titleAxes`. */
export function axisLook(getLook: GetLook, grid: boolean) {
  return {
    border: { display: false },
    grid: {
      display: grid,
      color: () => getLook().theme.grid,
      drawTicks: false,
    },
    title: { display: true, padding: 4 },
  };
}

/** Titles are not scriptable: they are set again with each update. */
export function titleAxes(
  scales: object | undefined,
  look: Look,
  titles: Readonly<Record<string, string>>,
): void {
  for (const [id, text] of Object.entries(titles)) {
    const scale: unknown = scales && Reflect.get(scales, id);
    if (!hasTitle(scale)) continue;
    scale.title['text'] = text;
    scale.title['color'] = look.theme.muted;
    scale.title['font'] = { family: look.theme.fontFamily, size: look.theme.fontSize };
  }
}

function hasTitle(scale: unknown): scale is { title: Record<string, unknown> } {
  return typeof scale === 'object' && scale !== null && 'title' in scale;
}

export function tickLook(getLook: GetLook) {
  return { color: () => getLook().theme.muted, font: font(getLook), padding: 6 };
}

interface SizeScale {
  readonly min: number;
  readonly max: number;
  readonly chart: { readonly width: number };
  ticks: { value: number; label?: string | string[] }[];
}

/** Room for a label such as `1,024` with a gap beside it. */
const labelPixels = 44;
const tickPixels = 5;

/**
 * A logarithmic axis of the batch sizes that were run, each with a tick (see `sizeTicks`). Where sizes
 * stand close together their labels take two rows; one without room in either has none.
 */
export function sizeAxis(getLook: GetLook, sizes: () => readonly number[]) {
  let rows: readonly number[] = [];
  const look = axisLook(getLook, false);
  return {
    type: 'logarithmic' as const,
    ...look,
    // Leaves room for ticks, and draws none.
    grid: { ...look.grid, drawTicks: true, tickLength: tickPixels },
    ticks: { ...tickLook(getLook), padding: 2, autoSkip: false, maxRotation: 0 },
    afterDataLimits: (axis: { min: number; max: number }) => {
      const known = sizes();
      const first = known[0];
      const last = known.at(-1);
      if (first === undefined || last === undefined) return;
      // A lone size stands in the middle.
      const margin = first === last ? 4 : 1.5;
      axis.min = first / margin;
      axis.max = last * margin;
    },
    // Chart.js takes long for each label, also for an empty one.
    afterBuildTicks: (axis: SizeScale) => {
      const labelled = sizes().map((value) => ({ value, row: 0 }));
      const pixelsPerOctave = axis.chart.width / Math.log2(axis.max / axis.min);
      const lastIn: [number, number] = [0, 0];
      for (const label of labelled) {
        const position = Math.log2(label.value / axis.min) * pixelsPerOctave + labelPixels;
        label.row = lastIn.findIndex((last) => position - last >= labelPixels);
        if (label.row >= 0) lastIn[label.row === 0 ? 0 : 1] = position;
      }
      const placed = labelled.filter(({ row }) => row >= 0);
      axis.ticks = placed.map(({ value }) => ({ value }));
      rows = placed.map(({ row }) => row);
    },
    afterTickToLabelConversion: (axis: SizeScale) => {
      for (const [index, tick] of axis.ticks.entries()) {
        const label = getLook().format.count(tick.value);
        tick.label = rows[index] === 1 ? ['', label] : label;
      }
    },
  };
}

/** Draws a tick below the plot for each size, whether it has a label or not. */
export function sizeTicks<T extends ChartType>(
  getLook: GetLook,
  sizes: () => readonly number[],
): Plugin<T> {
  return {
    id: 'sizeTicks',
    beforeDatasetsDraw: ({ ctx, scales: { x }, chartArea }) => {
      if (!x) return;
      ctx.save();
      ctx.strokeStyle = getLook().theme.muted;
      ctx.lineWidth = 1;
      ctx.beginPath();
      for (const size of sizes()) {
        const at = Math.round(x.getPixelForValue(size) - 0.5) + 0.5;
        ctx.moveTo(at, chartArea.bottom);
        ctx.lineTo(at, chartArea.bottom + tickPixels);
      }
      ctx.stroke();
      ctx.restore();
    },
  };
}

/** Round values per power of ten, coarse to fine: the first set that gives enough ticks is taken. */
const digitSets = [
  [1],
  [1, 3],
  [1, 2, 5],
  [1, 1.5, 2, 3, 5, 7],
  [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9],
] as const;

/** Even ticks for a logarithmic axis of any span. */
export function decadeTicks(axis: { min: number; max: number; ticks: { value: number }[] }): void {
  if (!(axis.min > 0) || !Number.isFinite(axis.max)) return;
  for (const digits of digitSets) {
    const ticks: { value: number }[] = [];
    for (let power = Math.floor(Math.log10(axis.min)); 10 ** power <= axis.max; power++) {
      for (const digit of digits) {
        const value = digit * 10 ** power;
        if (value >= axis.min && value <= axis.max) ticks.push({ value });
      }
    }
    axis.ticks = ticks;
    if (ticks.length >= 4) return;
  }
}

/** The look of VS Code's own hovers. */
export function tooltipLook(getLook: GetLook) {
  return {
    backgroundColor: () => getLook().theme.tooltipBackground,
    titleColor: () => getLook().theme.tooltipForeground,
    bodyColor: () => getLook().theme.tooltipForeground,
    footerColor: () => getLook().theme.muted,
    borderColor: () => getLook().theme.tooltipBorder,
    borderWidth: 1,
    cornerRadius: 3,
    padding: 8,
    displayColors: false,
    titleFont: font(getLook),
    bodyFont: font(getLook),
    footerFont: font(getLook),
    caretSize: 0,
    caretPadding: 10,
  };
}

interface Whisker {
  readonly x: number;
  readonly low: number;
  readonly high: number;
  readonly colour: string;
}

/** Draws intervals as thin whiskers behind the points. */
export function whiskers<T extends ChartType>(get: () => readonly Whisker[]): Plugin<T> {
  return {
    id: 'whiskers',
    beforeDatasetsDraw: ({ ctx, scales, chartArea }) => {
      const { x: xScale, y: yScale } = scales;
      if (!xScale || !yScale) return;
      ctx.save();
      ctx.lineWidth = 1.5;
      for (const { x, low, high, colour } of get()) {
        const at = xScale.getPixelForValue(x);
        const top = Math.max(chartArea.top, yScale.getPixelForValue(high));
        const bottom = Math.min(chartArea.bottom, yScale.getPixelForValue(low));
        ctx.strokeStyle = colour;
        ctx.beginPath();
        ctx.moveTo(at, top);
        ctx.lineTo(at, bottom);
        for (const end of [top, bottom]) {
          ctx.moveTo(at - 4, end);
          ctx.lineTo(at + 4, end);
        }
        ctx.stroke();
      }
      ctx.restore();
    },
  };
}

/**
 * An annotation: a vertical line with its label above the plot, where no data is.
 *
 * @param share where on the axis it stands, from 0 to 1: labels near an end are moved inwards
 */
export function sizeLine(x: number, label: string, share: number, { theme }: Look) {
  return {
    type: 'line' as const,
    xMin: x,
    xMax: x,
    borderColor: theme.muted,
    borderWidth: 1,
    drawTime: 'beforeDatasetsDraw' as const,
    label: {
      display: true,
      content: label,
      position: 'end' as const,
      yAdjust: -14,
      xAdjust: share > 0.8 ? -30 : share < 0.2 ? 30 : 0,
      backgroundColor: 'transparent',
      color: theme.foreground,
      font: { family: theme.fontFamily, size: theme.fontSize, weight: 'bold' as const },
      padding: 0,
    },
  };
}
