import * as l10n from '@vscode/l10n';
import type { ChartDataset, ChartOptions, Plugin } from 'chart.js';
import { outcomeLabel, stopReasonLabel } from '../model/labels';
import type { Point } from '../model/lossModel';
import { nearestSize } from '../model/sizeModels';
import { markedSeconds, type TimeModel } from '../model/timeModel';
import {
  axisLook,
  decadeTicks,
  noAnimation,
  sizeLine,
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
import { draggable, stoppedArrows } from './timeMarks';

/** Data sets, in the order in which they are drawn: the first is on top. */
const layers = ['marker', 'reached', 'stopped', 'predicted', 'failed', 'compared'] as const;
type Layer = (typeof layers)[number];

/** What is marked of each size besides the ring, with what its tooltip says. */
interface Mark {
  readonly batchSize: number;
  readonly seconds: number;
  readonly says: string;
  readonly why: string;
}
type Marks = Readonly<Record<Exclude<Layer, 'marker'>, readonly Mark[]>>;

const noMarks: Marks = { reached: [], stopped: [], predicted: [], failed: [], compared: [] };
/** Pixels around the ring's centre that grab it. */
const ringRadius = 14;

/** What the chart shows just now. */
interface Shown {
  look: Look;
  model: TimeModel;
  marks: Marks;
}

const noModel: TimeModel = {
  axisSizes: [],
  reached: [],
  stopped: [],
  unraced: [],
  failed: [],
  sizes: [],
  range: null,
  recommended: null,
};

const layerAt = (index: number): Layer => layers[index] ?? 'marker';

function markAt({ marks }: Shown, datasetIndex: number, index: number): Mark | undefined {
  const layer = layerAt(datasetIndex);
  return layer === 'marker' ? undefined : marks[layer][index];
}

/**
 * Seconds to the target by batch size. A size that was stopped is an arrow upwards from there, a
 * prediction is hollow, and what could not be trained is crossed out above the rest. The ring marks
 * the chosen size and can be dragged to another one.
 */
export function createTimeChart(
  canvas: HTMLCanvasElement,
  firstLook: Look,
  onSelect: (batchSize: number) => void,
): ChartView<TimeModel> {
  const shown: Shown = { look: firstLook, model: noModel, marks: noMarks };
  const chart = new Chart<'line', Point[]>(canvas, {
    type: 'line',
    data: { datasets: datasetsOf(shown) },
    options: {
      ...optionsOf(shown),
      onClick: (_event, elements) => {
        const [hit] = elements.flatMap(
          ({ datasetIndex, index }) => markAt(shown, datasetIndex, index) ?? [],
        );
        if (hit && shown.model.sizes.includes(hit.batchSize)) onSelect(hit.batchSize);
      },
      onHover: (_event, elements) => {
        canvas.style.cursor = cursorOver(shown, elements);
      },
    },
    plugins: [
      sizeTicks(
        () => shown.look,
        () => shown.model.axisSizes,
      ),
      timeWhiskers(shown),
      timeArrows(shown),
    ],
  });
  const stopDragging = draggableRing(chart, shown, onSelect);
  const view = viewOf<TimeModel>(chart, (model, look) => {
    Object.assign(shown, { model, look, marks: marksOf(model, look) });
    const ring = look.chosen === null ? null : placeOf(model, look.chosen);
    for (const [index, dataset] of chart.data.datasets.entries()) {
      const layer = layerAt(index);
      if (layer === 'marker') dataset.data = ring ? [ring] : [];
      else
        dataset.data = shown.marks[layer].map(({ batchSize, seconds }) => ({
          x: batchSize,
          y: seconds,
        }));
    }
    titleAxes(chart.options.scales, look, {
      x: l10n.t('Batch size'),
      y: l10n.t('Time to target'),
    });
    const { annotation } = chart.options.plugins ?? {};
    // The cursor may be on a size that was not run: it has a line, though no point.
    const line = model.followsCursor || ring ? look.chosen : null;
    if (annotation)
      annotation.annotations =
        line === null ? {} : { chosen: chosenLine(line, ring !== null, model, look) };
    chart.update('none');
  });
  return {
    ...view,
    destroy: () => {
      stopDragging();
      view.destroy();
    },
  };
}

/** The layers' marks, in their order. */
function datasetsOf(shown: Shown): ChartDataset<'line', Point[]>[] {
  const colourAt = (layer: Exclude<Layer, 'marker'>, index: number) =>
    sizeColour(shown.look, shown.marks[layer][index]?.batchSize ?? 0);
  const looks: Record<Layer, Omit<ChartDataset<'line', Point[]>, 'data'>> = {
    marker: {
      showLine: false,
      pointRadius: 11,
      pointHoverRadius: 12,
      pointHitRadius: 14,
      backgroundColor: 'transparent',
      borderColor: () => shown.look.theme.foreground,
      pointBorderWidth: 2,
    },
    reached: {
      borderColor: () => shown.look.theme.muted,
      borderWidth: 1,
      backgroundColor: ({ dataIndex }) => colourAt('reached', dataIndex),
      pointBorderColor: () => shown.look.theme.background,
      pointRadius: 6,
      pointHoverRadius: 7,
      pointHitRadius: 10,
    },
    // Its arrow is drawn by a plugin; the point is there to be pointed at.
    stopped: { showLine: false, pointRadius: 0, pointHitRadius: 14 },
    predicted: {
      showLine: false,
      pointRadius: 5,
      pointHoverRadius: 6,
      pointHitRadius: 10,
      backgroundColor: () => shown.look.theme.background,
      borderColor: ({ dataIndex }) => colourAt('predicted', dataIndex),
      borderWidth: 1.5,
    },
    failed: {
      showLine: false,
      pointStyle: 'crossRot',
      pointRadius: 6,
      pointHoverRadius: 7,
      pointHitRadius: 10,
      borderColor: () => shown.look.theme.danger,
      borderWidth: 2,
    },
    compared: {
      borderColor: () => shown.look.theme.muted,
      borderWidth: 1,
      borderDash: [4, 3],
      pointStyle: 'rectRot',
      pointRadius: 4,
      pointHoverRadius: 5,
      backgroundColor: () => shown.look.theme.background,
    },
  };
  return layers.map((layer) => ({ data: [], ...looks[layer] }));
}

function optionsOf(shown: Shown) {
  const getLook = () => shown.look;
  return {
    ...noAnimation,
    parsing: false,
    layout: { padding: { top: 16, right: 12 } },
    interaction: { mode: 'nearest', intersect: true },
    scales: {
      x: sizeAxis(getLook, () => shown.model.axisSizes),
      y: {
        type: 'logarithmic',
        ...axisLook(getLook, true),
        ticks: {
          ...tickLook(getLook),
          callback: (value) => shown.look.format.roughSeconds(Number(value)),
        },
        afterDataLimits: (axis) => {
          [axis.min, axis.max] = limitsOf(shown.model);
        },
        afterBuildTicks: decadeTicks,
      },
    },
    plugins: {
      tooltip: {
        ...tooltipLook(getLook),
        filter: ({ datasetIndex }) => layerAt(datasetIndex) !== 'marker',
        callbacks: {
          title: ([item]) =>
            item
              ? l10n.t('Batch size {size}', { size: shown.look.format.count(item.parsed.x ?? 0) })
              : '',
          label: ({ datasetIndex, dataIndex }) =>
            markAt(shown, datasetIndex, dataIndex)?.says ?? '',
          footer: ([item]) => (item && markAt(shown, item.datasetIndex, item.dataIndex)?.why) ?? '',
        },
      },
      annotation: { clip: false, annotations: {} },
    },
  } satisfies ChartOptions<'line'>;
}

function cursorOver(
  shown: Shown,
  elements: readonly { readonly datasetIndex: number; readonly index: number }[],
): string {
  const overMarker = elements.some(({ datasetIndex }) => layerAt(datasetIndex) === 'marker');
  if (overMarker && !shown.model.followsCursor) return 'grab';
  return elements.some(({ datasetIndex, index }) => markAt(shown, datasetIndex, index))
    ? 'pointer'
    : '';
}

function timeWhiskers(shown: Shown): Plugin<'line'> {
  return whiskers(() =>
    shown.model.reached.flatMap(({ batchSize: x, interval }) =>
      interval
        ? [{ x, low: interval[0], high: interval[1], colour: sizeColour(shown.look, x, 0.8) }]
        : [],
    ),
  );
}

function timeArrows(shown: Shown): Plugin<'line'> {
  return stoppedArrows(() =>
    shown.model.stopped.map(({ batchSize: x, seconds, predicted }) => ({
      x,
      from: seconds,
      to: predicted,
      colour: sizeColour(shown.look, x),
    })),
  );
}

function placeOf(model: TimeModel, batchSize: number): Point | null {
  const seconds = markedSeconds(model, batchSize);
  return seconds === null ? null : { x: batchSize, y: seconds };
}

function draggableRing(
  chart: Chart<'line', Point[]>,
  shown: Shown,
  onSelect: (batchSize: number) => void,
): () => void {
  return draggable(chart.canvas, {
    grabs: (x, y) => {
      const ring = chart.getDatasetMeta(0).data[0];
      return (
        !shown.model.followsCursor &&
        ring !== undefined &&
        Math.hypot(ring.x - x, ring.y - y) <= ringRadius
      );
    },
    moved: (x) => {
      const { model } = shown;
      const size = nearestSize(model.sizes, chart.scales['x']?.getValueForPixel(x) ?? 0);
      const [ring] = chart.data.datasets;
      const there = size === null ? null : placeOf(model, size);
      if (!ring || !there) return;
      ring.data = [there];
      chart.update('none');
    },
    dropped: () => {
      const point = chart.data.datasets[0]?.data[0];
      if (point) onSelect(point.x);
    },
  });
}

/** A lone time stands in the middle; what could not be trained has room above all times. */
function limitsOf({ range, failed, compared = [] }: TimeModel): [number, number] {
  const times = [...(range ?? []), ...compared.map(({ seconds }) => seconds)];
  const [low, high] = times.length ? [Math.min(...times), Math.max(...times)] : [1, 10];
  const span = high / low;
  const margin = span < 4 ? Math.max(1.3, 2 / Math.sqrt(span)) : 1.3;
  return [low / margin, high * margin * (failed.length ? 1.25 * span ** 0.12 : 1)];
}

function marksOf(model: TimeModel, look: Look): Marks {
  const { format } = look;
  const [, top] = limitsOf(model);
  const expected = (seconds: number) =>
    l10n.t('predicted {time}', { time: format.seconds(seconds) });
  const predictions = [
    ...model.unraced.map((size) => ({
      ...size,
      why: l10n.t('Not raced: only its speed and memory were measured.'),
    })),
    ...model.stopped.map((size) => ({ ...size, why: stoppedText(size.seconds, look) })),
  ];
  return {
    reached: model.reached.map(({ batchSize, seconds, interval }) => ({
      batchSize,
      seconds,
      says: l10n.t('{time} to the target', { time: format.seconds(seconds) }),
      why: interval
        ? l10n.t('95% between {low} and {high}', {
            low: format.seconds(interval[0]),
            high: format.seconds(interval[1]),
          })
        : '',
    })),
    stopped: model.stopped.map(({ batchSize, seconds, predicted, stopReason }) => ({
      batchSize,
      seconds,
      says: stoppedText(seconds, look),
      why: [stopReasonLabel(stopReason, look.format), predicted === null ? '' : expected(predicted)]
        .filter((part) => part !== '')
        .join(' · '),
    })),
    predicted: predictions.flatMap(({ batchSize, predicted, why }) =>
      predicted === null ? [] : [{ batchSize, seconds: predicted, says: expected(predicted), why }],
    ),
    compared: (model.compared ?? []).map(({ batchSize, seconds }) => ({
      batchSize,
      seconds,
      says: l10n.t('{time} to the target', { time: format.seconds(seconds) }),
      why: l10n.t('in the earlier sweep'),
    })),
    failed: model.failed.map(({ batchSize, outcome }) => ({
      batchSize,
      seconds: top / 1.12,
      says: outcomeLabel(outcome),
      why: '',
    })),
  };
}

function stoppedText(seconds: number, { format }: Look): string {
  return l10n.t('target not reached in {time}', { time: format.seconds(seconds) });
}

function chosenLine(
  x: number,
  wasRun: boolean,
  { recommended, isProvisional, axisSizes, followsCursor }: TimeModel,
  look: Look,
) {
  const size = look.format.count(x);
  const label =
    x === recommended
      ? isProvisional
        ? l10n.t('{size} ahead', { size })
        : l10n.t('{size} recommended', { size })
      : followsCursor
        ? wasRun
          ? l10n.t('{size} here', { size })
          : l10n.t('{size} here, not run', { size })
        : l10n.t('{size} picked', { size });
  const share = axisSizes.indexOf(x) / Math.max(1, axisSizes.length - 1);
  return sizeLine(x, label, axisSizes.length > 1 ? share : 0.5, look);
}
