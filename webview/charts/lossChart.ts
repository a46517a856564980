import * as l10n from '@vscode/l10n';
import type { ChartDataset, Chart as ChartOf } from 'chart.js';
import { axisLabel } from '../model/labels';
import type { LossModel, LossSeries, Point } from '../model/lossModel';
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
import { Chart } from './register';

export interface LossChartInput extends LossModel {
  readonly hidden: readonly number[];
  /** The curves of an earlier sweep, drawn dashed. */
  readonly compared?: readonly LossSeries[];
}

export interface LossChartView extends ChartView<LossChartInput> {
  /** 1.25 looks closer, 0.8 from farther away. */
  zoom(factor: number): void;
  pan(pixels: number): void;
  resetZoom(): void;
}

/** More curves with their training losses would hide each other. */
const mostWithTraining = 24;

/** Training curves give way where an earlier sweep is laid over, too: three of a colour are too many. */
export function showsTraining({ compared, series, hidden }: LossChartInput): boolean {
  const shown = series.filter(({ batchSize }) => !hidden.includes(batchSize));
  return !compared?.length && shown.length <= mostWithTraining;
}

type Dataset = ChartDataset<'line', Point[]> & {
  batchSize: number;
  kind: 'train' | 'validation' | 'compared';
};

/** Loss per batch size: validation solid, training dashed, the target as a line. */
export function createLossChart(
  canvas: HTMLCanvasElement,
  firstLook: Look,
  onZoom: (zoomed: boolean) => void,
): LossChartView {
  let look = firstLook;
  let model: LossChartInput | null = null;
  const getLook = () => look;
  const datasets = new Map<string, Dataset>();
  const drawn = new Map<string, readonly Point[]>();

  const chart: ChartOf<'line', Point[]> = new Chart<'line', Point[]>(canvas, {
    type: 'line',
    data: { datasets: [] },
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
        },
        y: {
          ...axisLook(getLook, true),
          ticks: {
            ...tickLook(getLook),
            maxTicksLimit: 6,
            callback: (value) => look.format.number(Number(value)),
          },
          afterDataLimits: (axis) => {
            const top = highestOrdinaryLoss();
            if (top !== null && axis.max > top) axis.max = top;
          },
        },
      },
      plugins: {
        tooltip: {
          ...tooltipLook(getLook),
          callbacks: {
            title: ([item]) => {
              const dataset = item?.dataset as Dataset | undefined;
              if (!dataset) return '';
              return l10n.t('Batch size {size}', { size: look.format.count(dataset.batchSize) });
            },
            label: (item) => {
              const value = look.format.loss(item.parsed.y ?? 0);
              const { kind } = item.dataset as Dataset;
              if (kind === 'compared')
                return l10n.t('Validation loss {value} in the earlier sweep', { value });
              return kind === 'train'
                ? l10n.t('Training loss {value}', { value })
                : l10n.t('Validation loss {value}', { value });
            },
            footer: ([item]) => (item ? position(item.parsed.x ?? 0) : ''),
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

  /** A diverging trial must not flatten all the others. */
  function highestOrdinaryLoss(): number | null {
    const shown = model?.series.filter(
      ({ batchSize, diverged }) => !diverged && !model?.hidden.includes(batchSize),
    );
    const values = shown?.flatMap(({ train, validation }) => [...train, ...validation]) ?? [];
    return values.length ? 1.05 * values.reduce((top, { y }) => Math.max(top, y), 0) : null;
  }

  function dataset(series: LossSeries, kind: Dataset['kind']): Dataset {
    const key = `${series.batchSize} ${kind}`;
    const { batchSize } = series;
    const isStrong = look.chosen === batchSize || look.highlighted === batchSize;
    const made: Dataset = datasets.get(key) ?? {
      batchSize,
      kind,
      data: [],
      borderDash: { train: [3, 3], validation: [], compared: [8, 4] }[kind],
      borderJoinStyle: 'round',
      pointRadius: 0,
      pointHoverRadius: 4,
      pointHitRadius: 8,
      tension: 0,
    };
    datasets.set(key, made);
    const points = kind === 'train' ? series.train : series.validation;
    // Chart.js reads data anew that is another array.
    if (drawn.get(key) !== points) made.data = [...points];
    drawn.set(key, points);
    // Values, not functions: those would be asked for each of thousands of points.
    made.borderColor = sizeColour(look, batchSize, kind === 'train' ? 0.6 : 1);
    made.backgroundColor = sizeColour(look, batchSize);
    made.borderWidth = kind === 'train' ? 1 : isStrong ? 3 : 1.5;
    // The emphasised size is drawn last, above the others.
    made.order = kind === 'train' ? 2 : isStrong ? 0 : 1;
    return made;
  }

  return {
    update: (next, nextLook) => {
      if (model && model.axis !== next.axis && chart.isZoomedOrPanned()) {
        chart.resetZoom('none');
        onZoom(false);
      }
      model = next;
      look = nextLook;
      chart.data.datasets = next.series
        .filter(({ batchSize }) => !next.hidden.includes(batchSize))
        .flatMap((series) =>
          showsTraining(next) || series.validation.length === 0
            ? [dataset(series, 'validation'), dataset(series, 'train')]
            : [dataset(series, 'validation')],
        );
      const compared = (next.compared ?? []).filter(
        ({ batchSize, diverged }) => !diverged && !next.hidden.includes(batchSize),
      );
      chart.data.datasets.push(...compared.map((series) => dataset(series, 'compared')));
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
    destroy: () => {
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
