import * as l10n from '@vscode/l10n';
import type { ChartOptions, Plugin, Scale } from 'chart.js';
import { axisLabel } from '../model/labels';
import {
  showsTraining,
  type LossChartInput,
  type LossSeries,
  type Point,
} from '../model/lossModel';
import {
  axisLook,
  noAnimation,
  sizeColour,
  tickLook,
  titleAxes,
  tooltipLook,
  viewOf,
  type ChartView,
  type Look,
} from './chartView';
import { CurvePainter, extentOf, extentWithin, nearestPoint, type Curve } from './curves';
import { Chart, zoom } from './register';

export interface LossChartView extends ChartView<LossChartInput> {
  /** 1.25 looks closer, 0.8 from farther away. */
  zoom(factor: number): void;
  resetZoom(): void;
}

/** What the chart shows just now. */
interface Shown {
  look: Look;
  model: LossChartInput | null;
  /** The first is on top. */
  curves: readonly Curve[];
  /** What is pointed at. */
  pointed: ReturnType<typeof nearestPoint>;
}

/** What axes and labels depend on; the same again means that only curves have to be drawn. */
interface Frame extends Pick<Look, 'theme' | 'format'> {
  readonly key: string;
}

/**
 * Loss per batch size: validation solid, training dashed, the target as a line.
 *
 * @param onUnfinished there are more curves than one frame can draw: `draw` goes on with them
 */
export function createLossChart(
  canvas: HTMLCanvasElement,
  firstLook: Look,
  onZoom: (zoomed: boolean) => void,
  onUnfinished: () => void,
): LossChartView {
  const shown: Shown = { look: firstLook, model: null, curves: [], pointed: null };
  const painter = new CurvePainter(canvas.ownerDocument);
  let frame: Frame | null = null;
  const chart = new Chart<'line', Point[]>(canvas, {
    type: 'line',
    // One point, which stands wherever a curve is pointed at: the painter draws the curves.
    data: { datasets: [{ data: [{ x: 0, y: 0 }], pointRadius: 0, pointHoverRadius: 0 }] },
    options: optionsOf(shown, onZoom),
    plugins: [zoom, curvesPlugin(shown, painter, onUnfinished)],
  });

  /** Whether the horizontal axis still ends where the longest curve wants it to. */
  function isLongEnough(): boolean {
    if (chart.isZoomedOrPanned()) return true;
    const [last = 0, end = 0] = chart.scales['x']?.ticks.slice(-2).map(({ value }) => value) ?? [];
    const longest = longestCurve(shown);
    return longest > last && longest <= end;
  }

  const view = viewOf<LossChartInput>(chart, (next, look) => {
    if (shown.model && shown.model.axis !== next.axis) {
      painter.clear();
      if (chart.isZoomedOrPanned()) {
        chart.resetZoom('none');
        onZoom(false);
      }
    }
    Object.assign(shown, { model: next, look, curves: curvesOf(next, look) });
    const before = frame;
    const { axis, targetLoss } = next;
    const key = [axis, targetLoss, ...lossLimits(shown, chart.scales['x'])].join();
    frame = { key, theme: look.theme, format: look.format };
    const isSame =
      before?.key === key && before.theme === look.theme && before.format === look.format;
    if (isSame && !chart.isFilling && isLongEnough()) {
      chart.draw();
      return;
    }
    titleAxes(chart.options.scales, look, { x: axisLabel(axis), y: l10n.t('Loss') });
    const { annotation } = chart.options.plugins ?? {};
    if (annotation)
      annotation.annotations = targetLoss === null ? {} : { target: targetLine(targetLoss, look) };
    chart.update('none');
  });
  return {
    ...view,
    zoom: (factor) => {
      chart.zoom({ x: factor }, 'none');
      onZoom(chart.isZoomedOrPanned());
    },
    resetZoom: () => {
      chart.resetZoom('none');
      onZoom(false);
    },
    complete: () => {
      painter.draw(chart, shown.curves, Infinity);
      chart.draw();
    },
  };
}

function optionsOf(shown: Shown, onZoom: (zoomed: boolean) => void) {
  const getLook = () => shown.look;
  return {
    ...noAnimation,
    parsing: false,
    layout: { padding: { top: 8, right: 8 } },
    interaction: { mode: 'nearest', intersect: false, axis: 'xy' },
    scales: {
      x: {
        type: 'linear',
        min: 0,
        ...axisLook(getLook, false),
        ticks: {
          ...tickLook(getLook),
          maxRotation: 0,
          autoSkipPadding: 16,
          callback: (value) =>
            shown.model?.axis === 'seconds'
              ? shown.look.format.roughSeconds(Number(value))
              : shown.look.format.short(Number(value)),
        },
        afterDataLimits: (axis) => {
          if (!axis.getUserBounds().maxDefined) axis.max = longestCurve(shown) || 1;
        },
      },
      y: {
        ...axisLook(getLook, true),
        ticks: {
          ...tickLook(getLook),
          maxTicksLimit: 6,
          callback: (value) => shown.look.format.number(Number(value)),
        },
        afterDataLimits: (axis) => {
          [axis.min, axis.max] = lossLimits(shown, axis.chart.scales['x']);
        },
      },
    },
    plugins: {
      tooltip: {
        ...tooltipLook(getLook),
        callbacks: {
          title: () =>
            shown.pointed
              ? l10n.t('Batch size {size}', {
                  size: shown.look.format.count(shown.pointed.curve.batchSize),
                })
              : '',
          label: () => pointedLoss(shown),
          footer: () => (shown.pointed ? positionText(shown, shown.pointed.point.x) : ''),
        },
      },
      zoom: {
        limits: { x: { min: 'original', max: 'original' } },
        zoom: {
          mode: 'x',
          wheel: { enabled: true, modifierKey: 'ctrl' },
          pinch: { enabled: true },
          drag: { enabled: true, threshold: 6 },
          onZoomComplete: ({ chart: zoomed }) => {
            onZoom(zoomed.isZoomedOrPanned());
          },
        },
        pan: { enabled: true, mode: 'x', modifierKey: 'shift' },
      },
      annotation: { annotations: {} },
    },
  } satisfies ChartOptions<'line'>;
}

/** Draws the curves, and the point that is pointed at. */
function curvesPlugin(
  shown: Shown,
  painter: CurvePainter,
  onUnfinished: () => void,
): Plugin<'line'> {
  return {
    id: 'curves',
    beforeEvent: (self, { event, inChartArea }) => {
      if (event.x === null || event.y === null || !inChartArea) return;
      shown.pointed = nearestPoint(self, shown.curves, { x: event.x, y: event.y });
      const { pointed } = shown;
      const [mark] = self.getDatasetMeta(0).data;
      if (mark && pointed) [mark.x, mark.y] = [pointed.x, pointed.y];
    },
    beforeDatasetsDraw: (self) => {
      if (!painter.draw(self, shown.curves)) onUnfinished();
    },
    afterDatasetsDraw: (self) => {
      const { pointed } = shown;
      if (!pointed || self.getActiveElements().length === 0) return;
      const { ctx } = self;
      ctx.save();
      ctx.beginPath();
      ctx.arc(pointed.x, pointed.y, 4, 0, 2 * Math.PI);
      ctx.fillStyle = sizeColour(shown.look, pointed.curve.batchSize);
      ctx.fill();
      ctx.restore();
    },
  };
}

function pointedLoss({ pointed, look }: Shown): string {
  const value = look.format.loss(pointed?.point.y ?? 0);
  switch (pointed?.curve.kind) {
    case 'compared':
      return l10n.t('Validation loss {value} in the earlier sweep', { value });
    case 'train':
      return l10n.t('Training loss {value}', { value });
    case 'validation':
    case undefined:
      return l10n.t('Validation loss {value}', { value });
  }
}

function positionText({ model, look }: Shown, x: number): string {
  switch (model?.axis ?? 'samples') {
    case 'samples':
      return l10n.t('after {count} samples', { count: look.format.count(x) });
    case 'iterations':
      return x === 1
        ? l10n.t('after 1 iteration')
        : l10n.t('after {count} iterations', { count: look.format.count(x) });
    case 'seconds':
      return l10n.t('after {time}', { time: look.format.seconds(x) });
  }
}

function longestCurve({ curves }: Shown): number {
  return curves.reduce((longest, { points }) => Math.max(longest, extentOf(points).end), 0);
}

/** The least and the greatest loss in view; a diverging trial must not flatten all the others. */
function lossLimits(shown: Shown, x: Scale | undefined): [number, number] {
  const bounds = x?.getUserBounds();
  const extents = shown.curves.map(({ points }) =>
    bounds?.maxDefined ? extentWithin(points, bounds.min, bounds.max) : extentOf(points),
  );
  const low = Math.min(...extents.map((extent) => extent.low));
  const high = Math.min(
    highestOrdinaryLoss(shown),
    Math.max(...extents.map((extent) => extent.high)),
  );
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const margin = high > low ? 0 : Math.abs(high) * 0.05 || 1;
  return [low - margin, high + margin];
}

function highestOrdinaryLoss({ model, curves }: Shown): number {
  const diverged = model?.series.filter((series) => series.diverged) ?? [];
  const isOrdinary = ({ batchSize, kind }: Curve) =>
    kind !== 'compared' && !diverged.some((series) => series.batchSize === batchSize);
  const highest = curves
    .filter(isOrdinary)
    .reduce((top, { points }) => Math.max(top, extentOf(points).high), 0);
  return highest > 0 ? 1.05 * highest : Infinity;
}

/** Training curves lie below all others, and the emphasised size above them. */
function curvesOf(model: LossChartInput, look: Look): readonly Curve[] {
  const isShown = ({ batchSize }: LossSeries) => !model.hidden.includes(batchSize);
  const isEmphasised = (batchSize: number) =>
    look.chosen === batchSize || look.highlighted === batchSize;
  const curveOf = (series: LossSeries, kind: Curve['kind']): Curve => {
    const { batchSize } = series;
    const isTraining = kind === 'train';
    return {
      batchSize,
      kind,
      // Only one of them: both are computed when they are asked for.
      points: isTraining ? series.train : series.validation,
      colour: sizeColour(look, batchSize, isTraining ? 0.6 : 1),
      width: isTraining ? 1 : isEmphasised(batchSize) ? 3 : 1.5,
      isGrowing: series.isGrowing && kind !== 'compared',
    };
  };
  const depth = ({ batchSize, kind }: Curve) =>
    kind === 'train' ? 2 : isEmphasised(batchSize) ? 0 : 1;
  return [
    ...model.series
      .filter(isShown)
      .flatMap((series) =>
        showsTraining(model) || series.lastValidation === null
          ? [curveOf(series, 'validation'), curveOf(series, 'train')]
          : [curveOf(series, 'validation')],
      ),
    ...(model.compared ?? [])
      .filter((series) => isShown(series) && !series.diverged)
      .map((series) => curveOf(series, 'compared')),
  ].sort((a, b) => depth(a) - depth(b));
}

function targetLine(targetLoss: number, { theme, format }: Look) {
  return {
    type: 'line' as const,
    yMin: targetLoss,
    yMax: targetLoss,
    borderColor: theme.foreground,
    borderWidth: 1,
    borderDash: [1, 3],
    label: {
      display: true,
      content: l10n.t('target {value}', { value: format.number(targetLoss) }),
      position: 'end' as const,
      yAdjust: -10,
      backgroundColor: theme.background,
      color: theme.foreground,
      font: { family: theme.fontFamily, size: theme.fontSize, weight: 'normal' as const },
      padding: { x: 4, y: 0 },
    },
  };
}
