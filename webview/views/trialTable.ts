import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Trial } from '../../src/core/sweep/result';
import { accuracyName, lastMetrics, metricNames } from '../../src/core/sweep/readings';
import { outcomeLabel, stopReasonLabel } from '../model/labels';
import { outcomeOf, repeatOf, secondsToTarget, trialOf, type Outcome } from '../model/trials';
import { sentence } from '../text';
import { dot } from './parts';
import type { SweepContext } from './viewContext';

/** Every trial with its numbers, smallest batch size first. */
export function trialTable(context: SweepContext): TemplateResult | typeof nothing {
  const { sweep } = context;
  const { rows } = context.extent;
  if (!rows || !sweep.trials.length) return nothing;
  const trials = sweep.trials.toSorted((a, b) => a.batchSize - b.batchSize).slice(0, rows);
  const metrics = metricNames(sweep.trials);
  const recommended = sweep.recommendation && trialOf(sweep, sweep.recommendation);
  return html`<section class="trials" aria-labelledby="title-trials">
    <h2 id="title-trials">${l10n.t('Trials')}</h2>
    <div class="scroll" tabindex="0" role="group" aria-labelledby="title-trials">
      <table>
        <thead>
          <tr>
            <th scope="col" class="text">${l10n.t('Batch size')}</th>
            <th scope="col" class="text">${l10n.t('Outcome')}</th>
            <th scope="col">${l10n.t('Time to target')}</th>
            <th scope="col">${l10n.t('Validation loss')}</th>
            ${metrics.map((name) => html`<th scope="col">${metricLabel(name)}</th>`)}
            <th scope="col">${l10n.t('Step time')}</th>
            <th scope="col">${l10n.t('Throughput')}</th>
            <th scope="col">${l10n.t('Peak memory')}</th>
            <th scope="col">${l10n.t('Learning rate')}</th>
            <th scope="col">${l10n.t('Iterations')}</th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            trials,
            ({ id }) => id,
            (trial) => {
              const said: RowFacts = {
                outcome: outcomeOf(trial, sweep),
                repeat: repeatOf(trial, sweep),
                seconds: secondsToTarget(trial, sweep),
                isRecommended: trial === recommended,
                isChosen: trial.batchSize === context.chosen,
                colour: context.colours.get(trial.batchSize),
              };
              // Most trials have ended: what they say does not change with each event.
              const from = [trial, context.format, metrics.join(), JSON.stringify(said)];
              return guard(from, () => row(context, trial, said, metrics));
            },
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** What a row says beside what the trial holds. */
interface RowFacts {
  readonly outcome: Outcome;
  readonly repeat: ReturnType<typeof repeatOf>;
  readonly seconds: number | null;
  readonly isRecommended: boolean;
  readonly isChosen: boolean;
  readonly colour: string | undefined;
}

/** Metrics are called as they were compiled. */
const metricLabel = (name: string): string => (name === accuracyName ? l10n.t('Accuracy') : name);

function row(
  context: SweepContext,
  trial: Trial,
  facts: RowFacts,
  metrics: readonly string[],
): TemplateResult {
  const { format } = context;
  const { outcome, isChosen } = facts;
  const measured = lastMetrics(trial);
  const optional = (value: number | null | undefined, show: (value: number) => string) =>
    value === null || value === undefined ? html`<span class="none">–</span>` : show(value);
  const point = (batchSize: number | null) => () => {
    context.dispatch({ type: 'highlighted', batchSize });
  };
  const size =
    trial.gradientAccumulation > 1
      ? l10n.t('{size} in {parts} parts', {
          size: format.count(trial.batchSize),
          parts: format.count(trial.gradientAccumulation),
        })
      : trial.schedule?.length
        ? trial.schedule.map(({ batchSize }) => format.count(batchSize)).join(' → ')
        : format.count(trial.batchSize);
  return html`<tr
    class="${outcome} ${isChosen ? 'chosen' : ''}"
    @pointerenter=${point(trial.batchSize)}
    @pointerleave=${point(null)}
  >
    <th scope="row" class="text">
      <button
        type="button"
        class="size"
        aria-pressed=${String(isChosen)}
        @click=${() => {
          context.dispatch({ type: 'selected', batchSize: trial.batchSize });
        }}
      >
        ${dot(facts.colour)}<span>${size}</span>
        ${
          facts.isRecommended
            ? html`<span class="star" role="img" aria-label=${l10n.t('recommended')}>★</span>`
            : nothing
        }
      </button>
    </th>
    <td class="text">
      <span class="status ${outcome}" title=${trial.error ? sentence(trial.error, format) : nothing}
        >${outcomeLabel(outcome)}</span
      >${stopNote(context, outcome, trial)}${repeatNote(context, facts.repeat, trial)}
    </td>
    <td>${optional(facts.seconds, format.seconds)}</td>
    <td>
      ${optional(trial.loss.findLast(({ validation }) => validation !== null)?.validation, format.loss)}
    </td>
    ${metrics.map((name) => html`<td>${optional(measured.get(name), format.loss)}</td>`)}
    <td>${optional(trial.stepMs, format.milliseconds)}</td>
    <td>${optional(trial.samplesPerSecond, format.perSecond)}</td>
    <td>${optional(trial.peakBytes, format.bytes)}</td>
    <td>${format.number(trial.learningRate)}</td>
    <td>${format.count(Math.max(trial.iterations, trial.loss.at(-1)?.iteration ?? 0))}</td>
  </tr>`;
}

function stopNote({ format }: SweepContext, outcome: Outcome, trial: Trial) {
  const why = outcome === 'stoppedEarly' ? stopReasonLabel(trial.stopReason, format) : '';
  return why === '' ? nothing : html`<span class="none"> · ${why}</span>`;
}

/** A size can be raced more than once: with another seed, or to try another learning rate. */
function repeatNote({ format }: SweepContext, kind: RowFacts['repeat'], trial: Trial) {
  if (kind === null) return nothing;
  const note =
    kind === 'seed'
      ? l10n.t('other seed')
      : l10n.t('rate {rate}', { rate: format.number(trial.learningRate) });
  return html`<span class="none"> · ${note}</span>`;
}
