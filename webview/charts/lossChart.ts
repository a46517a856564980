import * as l10n from '@vscode/l10n';
import type { Chart as ChartOf, Scale } from 'chart.js';
import { axisLabel } from '../model/labels';
import {
  showsTraining,
  type LossChartInput,
  type LossModel,
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
  type ChartView,
  type Look,
} from './chartView';
import { CurvePainter, extentOf, extentWithin, nearestPoint, type Curve } from './curves';
import { Chart } from './register';
import zoom from 'chartjs-plugin-zoom';

export interface LossChartView extends ChartView<LossChartInput> {
  /** 1.25 looks closer, 0.8 from farther away. */
  zoom(factor: number): void;
  pan(pixels: number): void;
  resetZoom(): void;
}

interface Frame extends Pick<Look, 'theme' | 'format'> {
  readonly key: string;
}

/** Loss per batch size: validation solid, training dashed, the target as a line. */
export function createLossChart(
  canvas: HTMLCanvasElement,
  firstLook: Look,
  onZoom: (zoomed: boolean) => void,
): LossChartView {
  let look = firstLook;
  let model: LossChartInput | null = null;
  const getLook = () => look;
  const painter = new CurvePainter(canvas.ownerDocument);
  /** The first is on top. */
  let curves: readonly Curve[] = [];
  let pointed: ReturnType<typeof nearestPoint> = null;
  let frame: Frame | null = null;

  let nextPart: number | null = null;

  /** Curves come onto the chart a part a frame. */
  function drawNextPart(): void {
    nextPart ??= requestAnimationFrame(() => {
      nextPart = null;
      chart.draw();
    });
  }

  const chart: ChartOf<'line', Point[]> = new Chart<'line', Point[]>(canvas, {
    type: 'line',
    // One point, which stands wherever a curve is pointed at: the painter draws the curves.
    data: { datasets: [{ data: [{ x: 0, y: 0 }], pointRadius: 0, pointHoverRadius: 0 }] },
    options: {
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
              model?.axis === 'seconds'
                ? look.format.roughSeconds(Number(value))
                : look.format.short(Number(value)),
          },
          afterDataLimits: (axis) => {
            if (!axis.getUserBounds().maxDefined) axis.max = longestCurve() || 1;
          },
        },
        y: {
          ...axisLook(getLook, true),
          ticks: {
            ...tickLook(getLook),
            maxTicksLimit: 6,
            callback: (value) => look.format.number(Number(value)),
          },
          afterDataLimits: (axis) => {
            [axis.min, axis.max] = lossLimits(axis.chart.scales['x']);
          },
        },
      },
      plugins: {
        tooltip: {
          ...tooltipLook(getLook),
          callbacks: {
            title: () =>
              pointed
                ? l10n.t('Batch size {size}', { size: look.format.count(pointed.curve.batchSize) })
                : '',
            label: () => {
              const value = look.format.loss(pointed?.point.y ?? 0);
              const kind = pointed?.curve.kind;
              if (kind === 'compared')
                return l10n.t('Validation loss {value} in the earlier sweep', { value });
              return kind === 'train'
                ? l10n.t('Training loss {value}', { value })
                : l10n.t('Validation loss {value}', { value });
            },
            footer: () => (pointed ? position(pointed.point.x) : ''),
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
    },
    plugins: [
      zoom,
      {
        id: 'curves',
        beforeEvent: (self, { event, inChartArea }) => {
          if (event.x === null || event.y === null || !inChartArea) return;
          pointed = nearestPoint(self, curves, { x: event.x, y: event.y });
          const [mark] = self.getDatasetMeta(0).data;
          if (mark && pointed) [mark.x, mark.y] = [pointed.x, pointed.y];
        },
        beforeDatasetsDraw: (self) => {
          if (!painter.draw(self, curves)) drawNextPart();
        },
        afterDatasetsDraw: (self) => {
          if (!pointed || self.getActiveElements().length === 0) return;
          const { ctx } = self;
          ctx.save();
          ctx.beginPath();
          ctx.arc(pointed.x, pointed.y, 4, 0, 2 * Math.PI);
          ctx.fillStyle = sizeColour(look, pointed.curve.batchSize);
          ctx.fill();
          ctx.restore();
        },
      },
    ],
  });

  function position(x: number): string {
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

  function longestCurve(): number {
    return curves.reduce((longest, { points }) => Math.max(longest, extentOf(points).end), 0);
  }

  /** The least and the greatest loss in view; a diverging trial must not flatten all the others. */
  function lossLimits(x: Scale | undefined): [number, number] {
    const bounds = x?.getUserBounds();
    const shown = curves.map(({ points }) =>
      bounds?.maxDefined ? extentWithin(points, bounds.min, bounds.max) : extentOf(points),
    );
    const low = Math.min(...shown.map((extent) => extent.low));
    const high = Math.min(highestOrdinaryLoss(), Math.max(...shown.map((extent) => extent.high)));
    if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
    const margin = high > low ? 0 : Math.abs(high) * 0.05 || 1;
    return [low - margin, high + margin];
  }

  function highestOrdinaryLoss(): number {
    const diverged = model?.series.filter((series) => series.diverged) ?? [];
    const isOrdinary = ({ batchSize, kind }: Curve) =>
      kind !== 'compared' && !diverged.some((series) => series.batchSize === batchSize);
    const highest = curves
      .filter(isOrdinary)
      .reduce((top, { points }) => Math.max(top, extentOf(points).high), 0);
    return highest > 0 ? 1.05 * highest : Infinity;
  }

  function curveOf(series: LossSeries, kind: Curve['kind']): Curve {
    const { batchSize, train, validation } = series;
    const isTraining = kind === 'train';
    return {
      batchSize,
      kind,
      points: isTraining ? train : validation,
      colour: sizeColour(look, batchSize, isTraining ? 0.6 : 1),
      width: isTraining ? 1 : isEmphasised(batchSize) ? 3 : 1.5,
      isGrowing: series.isGrowing && kind !== 'compared',
    };
  }

  function isEmphasised(batchSize: number): boolean {
    return look.chosen === batchSize || look.highlighted === batchSize;
  }

  /** Training curves lie below all others, and the emphasised size above them. */
  function depth({ batchSize, kind }: Curve): number {
    return kind === 'train' ? 2 : isEmphasised(batchSize) ? 0 : 1;
  }

  /** What axes and labels depend on; the same again means that only curves have to be drawn. */
  function frameOf({ axis, targetLoss }: LossChartInput): Frame {
    const key = [axis, targetLoss, ...lossLimits(chart.scales['x'])].join();
    return { key, theme: look.theme, format: look.format };
  }

  /** Whether the horizontal axis still ends where the longest curve wants it to. */
  function isLongEnough(): boolean {
    if (chart.isZoomedOrPanned()) return true;
    const [last = 0, end = 0] = chart.scales['x']?.ticks.slice(-2).map(({ value }) => value) ?? [];
    const longest = longestCurve();
    return longest > last && longest <= end;
  }

  return {
    update: (next, nextLook) => {
      if (model && model.axis !== next.axis) {
        painter.clear();
        if (chart.isZoomedOrPanned()) {
          chart.resetZoom('none');
          onZoom(false);
        }
      }
      model = next;
      look = nextLook;
      const shown = ({ batchSize }: LossSeries) => !next.hidden.includes(batchSize);
      curves = [
        ...next.series
          .filter(shown)
          .flatMap((series) =>
            showsTraining(next) || series.validation.length === 0
              ? [curveOf(series, 'validation'), curveOf(series, 'train')]
              : [curveOf(series, 'validation')],
          ),
        ...(next.compared ?? [])
          .filter((series) => shown(series) && !series.diverged)
          .map((series) => curveOf(series, 'compared')),
      ].sort((a, b) => depth(a) - depth(b));
      const before = frame;
      frame = frameOf(next);
      const isSame =
        before?.key === frame.key && before.theme === frame.theme && before.format === frame.format;
      if (isSame && isLongEnough()) {
        chart.draw();
        return;
      }
      titleAxes(chart.options.scales, look, { x: axisLabel(next.axis), y: l10n.t('Loss') });
      const { annotation } = chart.options.plugins ?? {};
      if (annotation) {
        annotation.annotations = next.targetLoss === null ? {} : { target: targetLine(next, look) };
      }
      chart.update('none');
    },
    zoom: (factor) => {
      chart.zoom({ x: factor }, 'none');
      onZoom(chart.isZoomedOrPanned());
    },
    pan: (pixels) => {
      chart.pan({ x: pixels }, undefined, 'none');
    },
    resetZoom: () => {
      chart.resetZoom('none');
      onZoom(false);
    },
    complete: () => {
      painter.draw(chart, curves, Infinity);
      chart.draw();
    },
    destroy: () => {
      if (nextPart !== null) cancelAnimationFrame(nextPart);
      chart.destroy();
    },
  };
}

function targetLine({ targetLoss }: LossModel, { theme, format }: Look) {
  return {
    type: 'line' as const,
    yMin: targetLoss ?? 0,
    yMax: targetLoss ?? 0,
    borderColor: theme.foreground,
    borderWidth: 1,
    borderDash: [1, 3],
    label: {
      display: true,
      content: l10n.t('target {value}', { value: format.number(targetLoss ?? 0) }),
      position: 'end' as const,
      yAdjust: -10,
      backgroundColor: theme.background,
      color: theme.foreground,
      font: { family: theme.fontFamily, size: theme.fontSize, weight: 'normal' as const },
      padding: { x: 4, y: 0 },
    },
  };
}
