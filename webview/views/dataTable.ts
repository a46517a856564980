import { html, type TemplateResult } from 'lit-html';
import * as l10n from '@vscode/l10n';
import { axisLabel, outcomeLabel, partLabel } from '../model/labels';
import { memoryParts, type ChartName } from '../store';
import type { SweepContext } from './viewContext';

/** A chart's numbers as a table: what the canvas draws, for eyes and screen readers alike. */
export function dataTable(
  context: SweepContext,
  chart: ChartName,
  caption: string,
): TemplateResult {
  const { head, rows } = tables[chart](context);
  return html`<div class="scroll" tabindex="0" role="group" aria-label=${caption}>
    <table class="data" data-table=${chart}>
      <caption class="hidden">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first, ...cells]) =>
            html`<tr>
              <th scope="row">${first}</th>
              ${cells.map((cell) => html`<td>${cell ?? '–'}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

interface TableContent {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const tables: Record<ChartName, (context: SweepContext) => TableContent> = {
  time: ({ models, format, summaries }) => ({
    head: [
      l10n.t('Batch size'),
      l10n.t('Time to target'),
      l10n.t('95% interval'),
      l10n.t('Predicted'),
    ],
    rows: summaries.flatMap(({ batchSize, trial, outcome }) => {
      const here = (each: { readonly batchSize: number }) => each.batchSize === batchSize;
      const reached = models.time.reached.find(here);
      const stopped = models.time.stopped.find(here);
      if (!reached && !stopped && ![...models.time.unraced, ...models.time.failed].some(here))
        return [];
      const predicted = trial.predictedTimeToTargetSeconds;
      return [
        [
          format.count(batchSize),
          reached
            ? format.seconds(reached.seconds)
            : stopped
              ? l10n.t('not reached in {time}', { time: format.seconds(stopped.seconds) })
              : outcome === 'measured'
                ? l10n.t('not raced')
                : outcomeLabel(outcome),
          reached?.interval ? reached.interval.map((end) => format.seconds(end)).join(' – ') : null,
          predicted === null ? null : format.seconds(predicted),
        ],
      ];
    }),
  }),
  loss: ({ models, format }) => ({
    head: [
      l10n.t('Batch size'),
      l10n.t('Training loss'),
      l10n.t('Validation loss'),
      l10n.t('Best validation loss'),
      l10n.t('Best at ({axis})', { axis: axisLabel(models.loss.axis) }),
    ],
    rows: models.loss.series.map((series) => [
      format.count(series.batchSize),
      series.lastTrain === null ? null : format.loss(series.lastTrain),
      series.lastValidation === null ? null : format.loss(series.lastValidation),
      series.bestValidation && format.loss(series.bestValidation.y),
      series.bestValidation &&
        (models.loss.axis === 'seconds' ? format.seconds : format.count)(series.bestValidation.x),
    ]),
  }),
  throughput: ({ models, format }) => ({
    head: [
      l10n.t('Batch size'),
      l10n.t('Throughput'),
      l10n.t('95% interval'),
      l10n.t('Time per iteration'),
    ],
    rows: models.throughput.points.map(({ batchSize, samplesPerSecond, interval, stepMs }) => [
      format.count(batchSize),
      format.perSecond(samplesPerSecond),
      interval && interval.map((end) => format.perSecond(end)).join(' – '),
      stepMs === null ? null : format.milliseconds(stepMs),
    ]),
  }),
  memory: ({ models, format }) => ({
    head: [
      l10n.t('Batch size'),
      l10n.t('Peak memory'),
      l10n.t('Memory model'),
      ...memoryParts.map(partLabel),
    ],
    rows: models.memory.bars
      .filter(({ peakBytes, outOfMemory }) => peakBytes !== null || outOfMemory)
      .map(({ batchSize, peakBytes, modelBytes, parts, outOfMemory }) => [
        format.count(batchSize),
        outOfMemory ? l10n.t('Out of memory') : peakBytes === null ? null : format.bytes(peakBytes),
        modelBytes === null ? null : format.bytes(modelBytes),
        ...memoryParts.map((part) => (parts && !outOfMemory ? format.bytes(parts[part]) : null)),
      ]),
  }),
};
