import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit-html';
import {
  confidenceIds,
  type Confidence,
  type SizeComparison,
  type WhyNotCompared,
} from '../../src/core/sweep/confidence';
import type { Recommendation, RenderedText } from '../../src/core/sweep/result';
import { sentence } from '../text';
import type { SweepContext } from './viewContext';

/** How sure the recommended size is: a sentence, and what it rests on for those who look closer. */
export function confidence(
  { format, ...context }: SweepContext,
  { reasons, confidence: found }: Recommendation,
): TemplateResult | typeof nothing {
  const told = reasons.find(({ id }) => confidenceIds.has(id));
  if (!told) return nothing;
  return html`<div class="confidence ${found?.isSure ? 'sure' : 'open'}">
    <p>${sentence(told, format)}</p>
    ${found ? comparisons({ ...context, format }, found) : nothing}
  </div>`;
}

/** Why it is recommended, less how sure that is, which stands with the size. */
export function otherReasons({ reasons }: Recommendation): readonly RenderedText[] {
  return reasons.filter(({ id }) => !confidenceIds.has(id));
}

function comparisons(
  { format }: SweepContext,
  { beat, tied, notCompared }: Confidence,
): TemplateResult | typeof nothing {
  const rows = [
    ...[...beat, ...tied].map((each) => ({
      batchSize: each.batchSize,
      ratio: ratioText(each, format.number),
      basis:
        each.seeds === 1
          ? l10n.t('one seed')
          : l10n.t('{seeds} seeds', { seeds: format.count(each.seeds) }),
    })),
    ...notCompared.map(({ batchSize, why }) => ({
      batchSize,
      ratio: l10n.t('not compared'),
      basis: whyNot(why),
    })),
  ].sort((a, b) => a.batchSize - b.batchSize);
  if (rows.length === 0) return nothing;
  return html`<details>
    <summary>${l10n.t('Compared with the other sizes')}</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">${l10n.t('Batch size')}</th>
          <th scope="col" class="text">${l10n.t('Time to target, times as long')}</th>
          <th scope="col" class="text">${l10n.t('Measured with')}</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ batchSize, ratio, basis }) =>
            html`<tr>
              <th scope="row">${format.count(batchSize)}</th>
              <td class="text">${ratio}</td>
              <td class="text">${basis}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}

/** `1.3 (1.1–1.6)`; a size that was stopped took at least so long. */
function ratioText(
  { times, interval: [low, high] }: SizeComparison,
  number: (value: number) => string,
): string {
  const two = (value: number) => number(Math.round(value * 100) / 100);
  return high === null
    ? l10n.t('at least {times}', { times: two(times) })
    : l10n.t('{times} ({low}–{high})', { times: two(times), low: two(low), high: two(high) });
}

function whyNot(why: WhyNotCompared): string {
  return {
    probed: l10n.t('only its speed and memory'),
    budget: l10n.t('its share of the budget ended'),
    'out-of-memory': l10n.t('Out of memory'),
    diverged: l10n.t('Diverged'),
    failed: l10n.t('Failed'),
  }[why];
}
