import * as l10n from '@vscode/l10n';
import type { Point } from '../model/lossModel';
import type { ThroughputModel } from '../model/sizeModels';
import {
  axisLook,
  noAnimation,
  sizeAxis,
  sizeColour,
  sizeTicks,
  tickLook,
  titleAxes,
  tooltipLook,
  viewOf,
  whiskers,
  type ChartView,
  type Look,
} from './chartView';
import { Chart } from './register';

/** Samples per second by batch size, with the fitted line that levels off. */
export function createThroughputChart(
  canvas: HTMLCanvasElement,
  firstLook: Look,
  onSelect: (batchSize: number) => void,
): ChartView<ThroughputModel> {
  let look = firstLook;
  let model: ThroughputModel = { axisSizes: [], points: [], fit: [] };
  const getLook = () => look;
  const sizeAt = (index: number) => model.points[index]?.batchSize ?? 0;

  const chart = new Chart<'line', Point[]>(canvas, {
    type: 'line',
    data: {
      datasets: [
        {
          data: [],
          showLine: false,
          backgroundColor: ({ dataIndex }) => sizeColour(look, sizeAt(dataIndex)),
          borderColor: () => look.theme.background,
          borderWidth: 1,
          pointRadius: ({ dataIndex }) => (sizeAt(dataIndex) === look.chosen ? 7 : 5),
          pointHoverRadius: 7,
          pointHitRadius: 12,
        },
        {
          data: [],
          borderColor: () => look.theme.muted,
          borderWidth: 1,
          borderDash: [4, 3],
          pointRadius: 0,
          pointHitRadius: 0,
        },
      ],
    },
    options: {
      ...noAnimation,
      parsing: false,
      layout: { padding: { top: 8, right: 8 } },
      interaction: { mode: 'nearest', intersect: true },
      onClick: (_event, elements) => {
        const hit = elements.find(({ datasetIndex }) => datasetIndex === 0);
        if (hit) onSelect(sizeAt(hit.index));
      },
      scales: {
        x: sizeAxis(getLook, () => model.axisSizes),
        y: {
          beginAtZero: true,
          ...axisLook(getLook, true),
          // A poor fit runs off the chart rather than flattening what was measured.
          afterDataLimits: (axis) => {
            const values = model.points.flatMap(({ samplesPerSecond, interval }) => [
              samplesPerSecond,
              interval?.[1] ?? 0,
            ]);
            if (values.length) axis.max = 1.08 * Math.max(...values);
          },
          ticks: {
            ...tickLook(getLook),
            maxTicksLimit: 6,
            includeBounds: false,
            callback: (value) => look.format.short(Number(value)),
          },
        },
      },
      plugins: {
        tooltip: {
          ...tooltipLook(getLook),
          filter: ({ datasetIndex }) => datasetIndex === 0,
          callbacks: {
            title: ([item]) =>
              l10n.t('Batch size {size}', { size: look.format.count(item?.parsed.x ?? 0) }),
            label: (item) => look.format.perSecond(item.parsed.y ?? 0),
            footer: ([item]) => {
              const stepMs = item ? model.points[item.dataIndex]?.stepMs : null;
              return stepMs === null || stepMs === undefined
                ? ''
                : l10n.t('{time} per iteration', { time: look.format.milliseconds(stepMs) });
            },
          },
        },
      },
    },
    plugins: [
      sizeTicks(getLook, () => model.axisSizes),
      whiskers(() =>
        model.points.flatMap(({ batchSize, interval }) =>
          interval
            ? [{ x: batchSize, low: interval[0], high: interval[1], colour: look.theme.muted }]
            : [],
        ),
      ),
    ],
  });

  return viewOf(chart, (next, nextLook) => {
    model = next;
    look = nextLook;
    const [measured, fit] = chart.data.datasets;
    if (measured) {
      measured.data = next.points.map(({ batchSize: x, samplesPerSecond: y }) => ({ x, y }));
    }
    titleAxes(chart.options.scales, look, {
      x: l10n.t('Batch size'),
      y: l10n.t('Samples per second'),
    });
    if (fit) fit.data = [...next.fit];
    chart.update('none');
  });
}
