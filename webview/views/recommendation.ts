import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Recommendation, RenderedText } from '../../src/core/sweep/result';
import { objectiveHint, objectiveLabel } from '../model/labels';
import type { Format } from '../format';
import { noiseOf, type NoiseScale } from '../model/noise';
import { secondsToTarget, trialOf } from '../model/trials';
import { paragraph, sentence } from '../text';
import { applyButtons } from './apply';
import { confidence, otherReasons } from './confidence';
import type { SweepContext } from './viewContext';

/** The answer: a batch size, what goes with it, the button that applies it, and why. */
export function recommendation(context: SweepContext): TemplateResult | typeof nothing {
  const { sweep, phase, state, format } = context;
  if (phase === 'running') return provisional(context);
  if (sweep.recommendation) return answer(context, sweep.recommendation);
  if (phase !== 'done') return nothing;
  return html`<section class="recommendation">
    <div class="answer">
      <h2 class="eyebrow">${l10n.t('No batch size is recommended')}</h2>
      ${
        state.notes.length
          ? sentences(state.notes, format)
          : html`<p>${l10n.t('No trial gave a result to compare.')}</p>`
      }
      <p>${l10n.t('The table below shows the outcome of each trial.')}</p>
    </div>
  </section>`;
}

/** The fastest so far: what the answer would be if the sweep ended now. */
function provisional(context: SweepContext): TemplateResult | typeof nothing {
  const { sweep, summaries, format } = context;
  const found = summaries
    .flatMap(({ batchSize, seconds }) => (seconds === null ? [] : [{ batchSize, seconds }]))
    .sort((a, b) => a.seconds - b.seconds)[0];
  const batchSize = sweep.recommendation?.batchSize ?? found?.batchSize;
  if (batchSize === undefined) return nothing;
  const seconds = summaries.find((size) => size.batchSize === batchSize)?.seconds ?? null;
  return html`<section class="recommendation provisional" aria-label=${l10n.t('Best so far')}>
    <div class="answer">
      <h2 class="eyebrow">${l10n.t('Best so far')}</h2>
      <p class="big">${format.count(batchSize)}</p>
      ${sweep.recommendation ? confidence(context, sweep.recommendation) : nothing}
      <p class="cost">
        ${
          seconds === null
            ? nothing
            : html`${l10n.t('{time} to the target', { time: format.seconds(seconds) })} · `
        }${l10n.t('provisional: other batch sizes are still being compared')}
      </p>
    </div>
  </section>`;
}

function answer(context: SweepContext, found: Recommendation): TemplateResult {
  const { format, summaries, sweep } = context;
  const size = summaries.find(({ batchSize }) => batchSize === found.batchSize);
  const trial = trialOf(sweep, found) ?? size?.trial;
  const seconds = size?.seconds ?? (trial ? secondsToTarget(trial, sweep) : null);
  const peakBytes = trial?.peakBytes ?? size?.peakBytes ?? null;
  const parts = found.gradientAccumulation;
  const noise = noiseOf(sweep.trials);
  const numbers: [string, string | null, string | null][] = [
    [l10n.t('Learning rate'), format.number(found.learningRate), null],
    [l10n.t('Iterations per epoch'), format.count(found.iterationsPerEpoch), null],
    [
      l10n.t('Gradient accumulation'),
      parts > 1
        ? l10n.t('{parts} parts of {size}', {
            parts: format.count(parts),
            size: format.count(Math.ceil(found.batchSize / parts)),
          })
        : null,
      null,
    ],
    [l10n.t('Time to target'), seconds === null ? null : format.seconds(seconds), null],
    [l10n.t('Peak memory'), peakBytes === null ? null : format.bytes(peakBytes), null],
    [l10n.t('Gradient noise scale'), noiseText(noise, format), noise && noiseHint(noise, format)],
  ];
  return html`<section class="recommendation" aria-label=${l10n.t('Recommendation')}>
    <div class="answer">
      <h2 class="eyebrow">
        ${
          sweep.isProvisional
            ? l10n.t('Ahead when the sweep stopped')
            : found.isEstimate
              ? l10n.t('Estimated batch size')
              : l10n.t('Recommended batch size')
        }
      </h2>
      <p class="big">${format.count(found.batchSize)}</p>
      ${confidence(context, found)}
      <dl class="numbers">
        ${numbers.map(([name, value, hint]) =>
          value === null
            ? nothing
            : html`<div class=${hint ? 'explained' : ''} title=${hint ?? nothing}>
                <dt>${name}</dt>
                <dd>${value}${hint ? html`<span class="hidden"> ${hint}</span>` : nothing}</dd>
              </div>`,
        )}
      </dl>
      ${applyButtons(context, found.batchSize, found.learningRate, 'primary')}
    </div>
    <div class="why">
      <h2 class="eyebrow">${l10n.t('Why')}</h2>
      ${sentences(otherReasons(found), format)} ${notes(context)} ${schedule(context, found)}
      ${alternatives(context, found)}
      ${
        sweep.cost
          ? html`<p class="cost">
              ${l10n.t('Found in {time} by training on {samples} samples.', {
                time: format.seconds(sweep.cost.seconds),
                samples: format.count(sweep.cost.samplesTrained),
              })}
            </p>`
          : nothing
      }
    </div>
  </section>`;
}

/** What the sweep has to tell beside its answer: what it decided by itself, what went wrong. */
function notes({ state, format }: SweepContext) {
  // The header says when a result was reused.
  const told = state.notes.filter(({ id }) => id !== 'resultReused');
  if (told.length === 0) return nothing;
  return html`<h3 class="eyebrow">${l10n.t('Notes')}</h3>
    ${sentences(told, format)}`;
}

function sentences(texts: readonly RenderedText[], format: Format) {
  return html`<ul class="reasons">
    ${texts.map((text) => html`<li>${sentence(text, format)}</li>`)}
  </ul>`;
}

function schedule({ format }: SweepContext, found: Recommendation) {
  if (!found.schedule?.length) return nothing;
  return html`<h3 class="eyebrow">${l10n.t('Growing schedule')}</h3>
    <ul class="reasons">
      ${found.schedule.map(
        ({ epoch, batchSize, learningRate }) =>
          html`<li>
            ${l10n.t('From epoch {epoch}: batch size {size}, learning rate {rate}', {
              epoch: format.number(epoch),
              size: format.count(batchSize),
              rate: format.number(learningRate),
            })}
          </li>`,
      )}
    </ul>`;
}

/** As a number of samples, with its 95% interval, and what it means. */
function noiseText(measured: NoiseScale | null, format: Format): string | null {
  if (!measured) return null;
  const about = { scale: format.number(rounded(measured.value)) };
  if (!measured.interval) return l10n.t('≈ {scale}', about);
  const [low, high] = measured.interval.map((value) => format.number(rounded(value)));
  return l10n.t('≈ {scale} ({low}–{high})', { ...about, low: low ?? '', high: high ?? '' });
}

function noiseHint({ approximate }: NoiseScale, format: Format): string {
  const hint = l10n.t(
    'In samples, with its 95% interval: at this batch size the noise in the gradient equals the gradient itself. Batches far below it repeat noisy updates, batches far above it gain little from more samples. It grows while a model trains, so take it as an order of magnitude.',
  );
  return paragraph(
    [hint, approximate ? l10n.t('Batch normalization makes it approximate.') : null],
    format,
  );
}

/** It is measured too coarsely for fractions of a sample. */
function rounded(value: number): number {
  return value >= 10 ? Math.round(value) : value;
}

function alternatives(context: SweepContext, found: Recommendation) {
  const { format, sweep } = context;
  const others = found.alternatives.filter(
    ({ objective }) => objective !== sweep.started?.objective,
  );
  if (!others.length) return nothing;
  const reached = sweep.trials.some((trial) => secondsToTarget(trial, sweep) !== null);
  return html`<h3 class="eyebrow">${l10n.t('For other goals')}</h3>
    <ul class="alternatives">
      ${others.map(
        ({ objective, batchSize }) =>
          html`<li>
            ${
              batchSize === found.batchSize
                ? html`<span class="alternative" title=${objectiveHint(objective, reached)}
                    ><span>${objectiveLabel(objective, reached)}</span>
                    <strong>${format.count(batchSize)}</strong></span
                  >`
                : html`<button
                    type="button"
                    class="alternative"
                    title=${objectiveHint(objective, reached)}
                    aria-pressed=${String(context.chosen === batchSize)}
                    @click=${() => {
                      context.dispatch({ type: 'selected', batchSize });
                    }}
                  >
                    <span>${objectiveLabel(objective, reached)}</span>
                    <strong>${format.count(batchSize)}</strong>
                  </button>`
            }
          </li>`,
      )}
    </ul>`;
}
