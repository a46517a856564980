import * as l10n from '@vscode/l10n';
import type { ChartDataset } from 'chart.js';
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

/** Peak memory by batch size, stacked by what holds it, with the model's line and the limit. */
export function createMemoryChart(
  canvas: HTMLCanvasElement,
  firstLook: Look,
  onSelect: (batchSize: number) => void,
): ChartView<MemoryChartInput> {
  let look = firstLook;
  let model: MemoryChartInput = {
    bars: [],
    limitBytes: null,
    largestBatchSize: null,
    hiddenParts: [],
  };
  const getLook = () => look;
  const sizeAt = (index: number) => model.bars[index]?.batchSize ?? 0;
  /** One colour, or one a bar while a size is pointed at: a function would be asked for each bar. */
  const barColours = (colour: string) => {
    if (look.highlighted === null) return colour;
    const dimmed = look.theme.resolve(`color-mix(in srgb, ${colour} 30%, transparent)`);
    return model.bars.map(({ batchSize }) => (batchSize === look.highlighted ? colour : dimmed));
  };

  const chart = new Chart<'bar' | 'line', Values, string>(canvas, {
    type: 'bar',
    data: { labels: [], datasets: [] },
    options: {
      ...noAnimation,
      layout: { padding: { top: 16, right: 8 } },
      interaction: { mode: 'index', intersect: false },
      onClick: (_event, [element]) => {
        if (element) onSelect(sizeAt(element.index));
      },
      scales: {
        x: {
          type: 'category',
          stacked: true,
          ...axisLook(getLook, false),
          ticks: { ...tickLook(getLook), maxRotation: 0, autoSkipPadding: 6 },
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
            callback: (value) => look.format.bytes(Number(value)),
          },
        },
      },
      plugins: {
        tooltip: {
          ...tooltipLook(getLook),
          callbacks: {
            title: ([item]) =>
              l10n.t('Batch size {size}', {
                size: look.format.count(sizeAt(item?.dataIndex ?? 0)),
              }),
            label: ({ dataset, raw }) =>
              typeof raw === 'number' && raw > 0
                ? `${dataset.label ?? ''} ${look.format.bytes(raw)}`
                : [],
          },
        },
        annotation: { clip: false, annotations: {} },
      },
    },
  });

  const parts: Record<MemoryPart | 'whole', Mixed> = {
    data: part(),
    parameters: part(),
    optimizer: part(),
    gradients: part(),
    activations: part(),
    whole: part(),
  };

  function part(): Mixed {
    return {
      type: 'bar',
      data: [],
      stack: 'memory',
      order: 3,
      barPercentage: 0.9,
      categoryPercentage: 0.8,
      maxBarThickness: 36,
    };
  }

  const modelLine: Mixed = {
    type: 'line',
    data: [],
    order: 2,
    stack: 'model',
    borderWidth: 1,
    borderDash: [4, 3],
    pointRadius: 0,
    pointHitRadius: 0,
    spanGaps: true,
  };
  const peak: Mixed = {
    type: 'line',
    data: [],
    order: 1,
    stack: 'peak',
    showLine: false,
    pointStyle: 'circle',
    pointHoverRadius: 6,
    borderWidth: 1,
  };
  const failed: Mixed = {
    type: 'line',
    data: [],
    order: 0,
    stack: 'failed',
    showLine: false,
    pointStyle: 'crossRot',
    pointRadius: 6,
    pointHoverRadius: 7,
    borderWidth: 2,
  };

  return {
    update: (next, nextLook) => {
      model = next;
      look = nextLook;
      const { bars, limitBytes } = next;
      chart.data.labels = bars.map(({ batchSize }) => look.format.count(batchSize));
      for (const name of memoryParts) {
        parts[name].data = bars.map((bar) => bar.parts?.[name] ?? null);
        parts[name].label = partLabel(name);
        parts[name].backgroundColor = barColours(look.theme.parts[name]);
      }
      parts.whole.data = bars.map((bar) => (bar.parts ? null : bar.peakBytes));
      parts.whole.label = l10n.t('Peak');
      parts.whole.backgroundColor = barColours(look.theme.muted);
      modelLine.data = bars.map(({ modelBytes }) => modelBytes);
      modelLine.borderColor = look.theme.foreground;
      modelLine.label = next.lineLabel ?? l10n.t('Memory model');
      peak.data = bars.map(({ peakBytes }) => peakBytes);
      peak.label = l10n.t('Peak');
      peak.borderColor = look.theme.background;
      Object.assign(peak, {
        pointBackgroundColor: bars.map(({ batchSize }) => sizeColour(look, batchSize)),
        pointRadius: bars.map(({ batchSize }) => (batchSize === look.chosen ? 6 : 4)),
      });
      const ceiling = limitBytes ?? tallestBar(next);
      failed.data = bars.map(({ outOfMemory }) => (outOfMemory ? ceiling : null));
      failed.borderColor = look.theme.danger;
      failed.label = l10n.t('Out of memory above');
      const shown: Mixed[] = memoryParts
        .filter((name) => !next.hiddenParts.includes(name))
        .map((name) => parts[name]);
      chart.data.datasets = [peak, modelLine, failed, ...shown, parts.whole].filter(({ data }) =>
        data.some((value) => value !== null),
      );

      const near = limitIsNear(next);
      titleAxes(chart.options.scales, look, { x: l10n.t('Batch size'), y: l10n.t('Peak memory') });
      const y = chart.options.scales?.['y'];
      if (y) {
        y.suggestedMax = near && limitBytes !== null ? limitBytes * 1.1 : tallestBar(next) * 1.1;
        // A size that did not fit has a modelled need far beyond the limit.
        if (near && limitBytes !== null) y.max = limitBytes * 1.12;
        else delete y.max;
      }
      const { annotation } = chart.options.plugins ?? {};
      if (annotation)
        annotation.annotations = {
          ...(near ? { limit: limitLine(limitBytes ?? 0, look) } : {}),
          ...markedLine(next, look),
        };
      // Not 'none': bars share their options, which only other modes bring up to date.
      chart.update();
    },
    destroy: () => {
      chart.destroy();
    },
  };
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
