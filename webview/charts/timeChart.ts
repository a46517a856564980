import * as l10n from '@vscode/l10n';
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
  tickLook,
  titleAxes,
  tooltipLook,
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
  let look = firstLook;
  let model: TimeModel = {
    axisSizes: [],
    reached: [],
    stopped: [],
    unraced: [],
    failed: [],
    sizes: [],
    range: null,
    recommended: null,
  };
  let marks = noMarks;
  const getLook = () => look;
  const layerAt = (index: number): Layer => layers[index] ?? 'marker';
  const markAt = (datasetIndex: number, index: number): Mark | undefined => {
    const layer = layerAt(datasetIndex);
    return layer === 'marker' ? undefined : marks[layer][index];
  };
  const colourAt = (layer: Exclude<Layer, 'marker'>, index: number) =>
    sizeColour(look, marks[layer][index]?.batchSize ?? 0);

  const chart = new Chart<'line', Point[]>(canvas, {
    type: 'line',
    data: {
      datasets: [
        {
          data: [],
          showLine: false,
          pointRadius: 11,
          pointHoverRadius: 12,
          pointHitRadius: 14,
          backgroundColor: 'transparent',
          borderColor: () => look.theme.foreground,
          pointBorderWidth: 2,
        },
        {
          data: [],
          borderColor: () => look.theme.muted,
          borderWidth: 1,
          backgroundColor: ({ dataIndex }) => colourAt('reached', dataIndex),
          pointBorderColor: () => look.theme.background,
          pointRadius: 6,
          pointHoverRadius: 7,
          pointHitRadius: 10,
        },
        // Its arrow is drawn by a plugin; the point is there to be pointed at.
        { data: [], showLine: false, pointRadius: 0, pointHitRadius: 14 },
        {
          data: [],
          showLine: false,
          pointRadius: 5,
          pointHoverRadius: 6,
          pointHitRadius: 10,
          backgroundColor: () => look.theme.background,
          borderColor: ({ dataIndex }) => colourAt('predicted', dataIndex),
          borderWidth: 1.5,
        },
        {
          data: [],
          showLine: false,
          pointStyle: 'crossRot',
          pointRadius: 6,
          pointHoverRadius: 7,
          pointHitRadius: 10,
          borderColor: () => look.theme.danger,
          borderWidth: 2,
        },
        {
          data: [],
          borderColor: () => look.theme.muted,
          borderWidth: 1,
          borderDash: [4, 3],
          pointStyle: 'rectRot',
          pointRadius: 4,
          pointHoverRadius: 5,
          backgroundColor: () => look.theme.background,
        },
      ],
    },
    options: {
      ...noAnimation,
      parsing: false,
      layout: { padding: { top: 16, right: 12 } },
      interaction: { mode: 'nearest', intersect: true },
      onClick: (_event, elements) => {
        const [hit] = elements.flatMap(
          ({ datasetIndex, index }) => markAt(datasetIndex, index) ?? [],
        );
        if (hit && model.sizes.includes(hit.batchSize)) onSelect(hit.batchSize);
      },
      onHover: (_event, elements) => {
        const overMarker = elements.some(({ datasetIndex }) => layerAt(datasetIndex) === 'marker');
        const overMark = elements.some(({ datasetIndex, index }) => markAt(datasetIndex, index));
        canvas.style.cursor =
          overMarker && !model.followsCursor ? 'grab' : overMark ? 'pointer' : '';
      },
      scales: {
        x: sizeAxis(getLook, () => model.axisSizes),
        y: {
          type: 'logarithmic',
          ...axisLook(getLook, true),
          ticks: {
            ...tickLook(getLook),
            callback: (value) => look.format.roughSeconds(Number(value)),
          },
          afterDataLimits: (axis) => {
            [axis.min, axis.max] = limitsOf(model);
          },
          afterBuildTicks: decadeTicks,
        },
      },
      plugins: {
        tooltip: {
          ...tooltipLook(getLook),
          filter: (item) => layerAt(item.datasetIndex) !== 'marker',
          callbacks: {
            title: ([item]) =>
              item
                ? l10n.t('Batch size {size}', { size: look.format.count(item.parsed.x ?? 0) })
                : '',
            label: (item) => markAt(item.datasetIndex, item.dataIndex)?.says ?? '',
            footer: ([item]) => (item && markAt(item.datasetIndex, item.dataIndex)?.why) ?? '',
          },
        },
        annotation: { clip: false, annotations: {} },
      },
    },
    plugins: [
      whiskers(() =>
        model.reached.flatMap(({ batchSize, interval }) =>
          interval
            ? [
                {
                  x: batchSize,
                  low: interval[0],
                  high: interval[1],
                  colour: sizeColour(look, batchSize, 0.8),
                },
              ]
            : [],
        ),
      ),
      stoppedArrows(() =>
        model.stopped.map(({ batchSize, seconds, predicted }) => ({
          x: batchSize,
          from: seconds,
          to: predicted,
          colour: sizeColour(look, batchSize),
        })),
      ),
    ],
  });

  const ringAt = () => chart.getDatasetMeta(0).data[0];
  const place = (batchSize: number): Point | null => {
    const seconds = markedSeconds(model, batchSize);
    return seconds === null ? null : { x: batchSize, y: seconds };
  };
  const stopDragging = draggable(canvas, {
    grabs: (x, y) => {
      const ring = ringAt();
      return (
        !model.followsCursor &&
        ring !== undefined &&
        Math.hypot(ring.x - x, ring.y - y) <= ringRadius
      );
    },
    moved: (x) => {
      const size = nearestSize(model.sizes, chart.scales['x']?.getValueForPixel(x) ?? 0);
      const [ring] = chart.data.datasets;
      const there = size === null ? null : place(size);
      if (!ring || !there) return;
      ring.data = [there];
      chart.update('none');
    },
    dropped: () => {
      const point = chart.data.datasets[0]?.data[0];
      if (point) onSelect(point.x);
    },
  });

  return {
    update: (next, nextLook) => {
      model = next;
      look = nextLook;
      marks = marksOf(next, look);
      const ring = look.chosen === null ? null : place(look.chosen);
      for (const [index, dataset] of chart.data.datasets.entries()) {
        const layer = layerAt(index);
        dataset.data =
          layer === 'marker'
            ? ring
              ? [ring]
              : []
            : marks[layer].map(({ batchSize, seconds }) => ({ x: batchSize, y: seconds }));
      }
      titleAxes(chart.options.scales, look, {
        x: l10n.t('Batch size'),
        y: l10n.t('Time to target'),
      });
      const { annotation } = chart.options.plugins ?? {};
      // The cursor may be on a size that was not run: it has a line, though no point.
      const line = next.followsCursor || ring ? look.chosen : null;
      if (annotation)
        annotation.annotations =
          line === null ? {} : { chosen: chosenLine(line, ring !== null, next, look) };
      chart.update('none');
    },
    destroy: () => {
      stopDragging();
      chart.destroy();
    },
  };
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
