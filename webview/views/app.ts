import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Phase } from '../store';
import { charts } from './chartCards';
import { emptyState } from './emptyStates';
import { header, notices, progress } from './header';
import { recommendation } from './recommendation';
import { trialTable } from './trialTable';
import type { SweepContext, ViewContext } from './viewContext';

/** The whole panel. */
export function app(context: ViewContext | SweepContext): TemplateResult {
  return html`<main data-phase=${context.phase}>
    ${content(context)}
    <p class="hidden" role="status">${announcement(context.phase)}</p>
  </main>`;
}

function content(context: ViewContext | SweepContext) {
  if (context.phase === 'loading') return nothing;
  if (!('sweep' in context)) return emptyState(context);
  return html`${header(context)} ${progress(context)} ${notices(context)} ${recommendation(context)}
  ${charts(context)} ${trialTable(context)}`;
}

/** Announced by screen readers when it changes. */
function announcement(phase: Phase): string {
  switch (phase) {
    case 'waiting':
      return l10n.t('Waiting for another sweep on this machine to end.');
    case 'running':
      return l10n.t('The sweep is running.');
    case 'done':
      return l10n.t('The sweep is done.');
    case 'failed':
      return l10n.t('The sweep failed.');
    case 'cancelled':
      return l10n.t('The sweep was cancelled.');
    case 'interrupted':
      return l10n.t('The sweep was interrupted.');
    case 'loading':
    case 'noConfig':
    case 'noSweep':
    case 'invalid':
      return '';
  }
}
