import * as l10n from '@vscode/l10n';
import type { ChartDataset, ChartOptions } from 'chart.js';
import { partLabel } from '../model/labels';
import { limitIsNear, tallestBar, type MemoryChartModel } from '../model/sizeModels';
import { memoryParts, type MemoryPart } from '../store';
import {
  axisLook,
  noAnimation,
  sizeLine,
  sizeColour,
  tickLook,
  titleAxes,
  tooltipLook,
  viewOf,
  type ChartView,
  type Look,
} from './chartView';
import { Chart } from './register';

export interface MemoryChartInput extends MemoryChartModel {
  readonly hiddenParts: readonly MemoryPart[];
  /** What the dashed line is; the memory model where nothing is said. */
  readonly lineLabel?: string;
  /** A size of `bars` that a vertical line marks. */
  readonly markedSize?: number | null;
}

type Values = (number | null)[];
type Mixed = ChartDataset<'bar' | 'line', Values>;

/** What the chart shows just now. */
interface Shown {
  look: Look;
  model: MemoryChartInput;
}

const noModel: MemoryChartInput = {
  bars: [],
  limitBytes: null,
  largestBatchSize: null,
  hiddenParts: [],
};

const sizeAt = ({ model }: Shown, index: number): number => model.bars[index]?.batchSize ?? 0;

/** Peak memory by batch size, stacked by what holds it, with the model's line and the limit. */
export function createMemoryChart(
  canvas: HTMLCanvasElement,
  firstLook: Look,
  onSelect: (batchSize: number) => void,
): ChartView<MemoryChartInput> {
  const shown: Shown = { look: firstLook, model: noModel };
  const chart = new Chart<'bar' | 'line', Values, string>(canvas, {
    type: 'bar',
    data: { labels: [], datasets: [] },
    options: {
      ...optionsOf(shown),
      onClick: (_event, [element]) => {
        if (element) onSelect(sizeAt(shown, element.index));
      },
    },
  });
  const layers = layersOf();
  return viewOf(chart, (model, look) => {
    Object.assign(shown, { model, look });
    const { bars, limitBytes } = model;
    chart.data.labels = bars.map(({ batchSize }) => look.format.count(batchSize));
    fillBars(layers, shown);
    fillMarks(layers, shown);
    chart.data.datasets = [
      layers.peak,
      layers.model,
      layers.failed,
      ...memoryParts
        .filter((name) => !model.hiddenParts.includes(name))
        .map((name) => layers[name]),
      layers.whole,
    ].filter(({ data }) => data.some((value) => value !== null));

    const near = limitIsNear(model);
    titleAxes(chart.options.scales, look, { x: l10n.t('Batch size'), y: l10n.t('Peak memory') });
    const y = chart.options.scales?.['y'];
    if (y) {
      y.suggestedMax = near && limitBytes !== null ? limitBytes * 1.1 : tallestBar(model) * 1.1;
      // A size that did not fit has a modelled need far beyond the limit.
      if (near && limitBytes !== null) y.max = limitBytes * 1.12;
      else delete y.max;
    }
    const { annotation } = chart.options.plugins ?? {};
    if (annotation)
      annotation.annotations = {
        ...(near ? { limit: limitLine(limitBytes ?? 0, look) } : {}),
        ...markedLine(model, look),
      };
    // Not 'none': bars share their options, which only other modes bring up to date.
    chart.update();
  });
}

type Layers = Readonly<Record<MemoryPart | 'whole' | 'model' | 'peak' | 'failed', Mixed>>;

function layersOf(): Layers {
  const bar = (): Mixed => ({
    type: 'bar',
    data: [],
    stack: 'memory',
    order: 3,
    barPercentage: 0.9,
    categoryPercentage: 0.8,
    maxBarThickness: 36,
  });
  return {
    data: bar(),
    parameters: bar(),
    optimizer: bar(),
    gradients: bar(),
    activations: bar(),
    whole: bar(),
    model: {
      type: 'line',
      data: [],
      order: 2,
      stack: 'model',
      borderWidth: 1,
      borderDash: [4, 3],
      pointRadius: 0,
      pointHitRadius: 0,
      spanGaps: true,
    },
    peak: {
      type: 'line',
      data: [],
      order: 1,
      stack: 'peak',
      showLine: false,
      pointStyle: 'circle',
      pointHoverRadius: 6,
      borderWidth: 1,
    },
    failed: {
      type: 'line',
      data: [],
      order: 0,
      stack: 'failed',
      showLine: false,
      pointStyle: 'crossRot',
      pointRadius: 6,
      pointHoverRadius: 7,
      borderWidth: 2,
    },
  };
}

function fillBars(layers: Layers, { model: { bars }, look }: Shown): void {
  /** One colour, or one a bar while a size is pointed at: a function would be asked for each bar. */
  const barColours = (colour: string) => {
    if (look.highlighted === null) return colour;
    const dimmed = look.theme.resolve(`color-mix(in srgb, ${colour} 30%, transparent)`);
    return bars.map(({ batchSize }) => (batchSize === look.highlighted ? colour : dimmed));
  };
  for (const name of memoryParts)
    Object.assign(layers[name], {
      data: bars.map((bar) => bar.parts?.[name] ?? null),
      label: partLabel(name),
      backgroundColor: barColours(look.theme.parts[name]),
    });
  Object.assign(layers.whole, {
    data: bars.map((bar) => (bar.parts ? null : bar.peakBytes)),
    label: l10n.t('Peak'),
    backgroundColor: barColours(look.theme.muted),
  });
}

function fillMarks(layers: Layers, { model, look }: Shown): void {
  const { bars, limitBytes } = model;
  Object.assign(layers.model, {
    data: bars.map(({ modelBytes }) => modelBytes),
    label: model.lineLabel ?? l10n.t('Memory model'),
    borderColor: look.theme.foreground,
  });
  Object.assign(layers.peak, {
    data: bars.map(({ peakBytes }) => peakBytes),
    label: l10n.t('Peak'),
    borderColor: look.theme.background,
    pointBackgroundColor: bars.map(({ batchSize }) => sizeColour(look, batchSize)),
    pointRadius: bars.map(({ batchSize }) => (batchSize === look.chosen ? 6 : 4)),
  });
  const ceiling = limitBytes ?? tallestBar(model);
  Object.assign(layers.failed, {
    data: bars.map(({ outOfMemory }) => (outOfMemory ? ceiling : null)),
    label: l10n.t('Out of memory above'),
    borderColor: look.theme.danger,
  });
}

function optionsOf(shown: Shown) {
  const getLook = () => shown.look;
  return {
    ...noAnimation,
    layout: { padding: { top: 16, right: 8 } },
    interaction: { mode: 'index', intersect: false },
    scales: {
      x: {
        type: 'category',
        stacked: true,
        ...axisLook(getLook, false),
        // Of many labels Chart.js measures some: it takes long for each.
        ticks: { ...tickLook(getLook), maxRotation: 0, autoSkipPadding: 6, sampleSize: 12 },
      },
      y: {
        type: 'linear',
        stacked: true,
        beginAtZero: true,
        ...axisLook(getLook, true),
        ticks: {
          ...tickLook(getLook),
          maxTicksLimit: 6,
          includeBounds: false,
          callback: (value) => shown.look.format.bytes(Number(value)),
        },
      },
    },
    plugins: {
      tooltip: {
        ...tooltipLook(getLook),
        callbacks: {
          title: ([item]) =>
            l10n.t('Batch size {size}', {
              size: shown.look.format.count(sizeAt(shown, item?.dataIndex ?? 0)),
            }),
          label: ({ dataset, raw }) =>
            typeof raw === 'number' && raw > 0
              ? `${dataset.label ?? ''} ${shown.look.format.bytes(raw)}`
              : [],
        },
      },
      annotation: { clip: false, annotations: {} },
    },
  } satisfies ChartOptions<'bar' | 'line'>;
}

function markedLine({ bars, markedSize = null }: MemoryChartInput, look: Look) {
  const at = bars.findIndex(({ batchSize }) => batchSize === markedSize);
  if (at < 0 || markedSize === null) return {};
  const label = l10n.t('{size} here', { size: look.format.count(markedSize) });
  return { marked: sizeLine(at, label, at / Math.max(1, bars.length - 1), look) };
}

function limitLine(limitBytes: number, { theme, format }: Look) {
  return {
    type: 'line' as const,
    yMin: limitBytes,
    yMax: limitBytes,
    borderColor: theme.danger,
    borderWidth: 1.5,
    label: {
      display: true,
      content: l10n.t('limit {bytes}', { bytes: format.bytes(limitBytes) }),
      position: 'start' as const,
      yAdjust: 10,
      backgroundColor: 'transparent',
      color: theme.foreground,
      font: { family: theme.fontFamily, size: theme.fontSize, weight: 'normal' as const },
      padding: 0,
    },
  };
}
