import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit-html';
import type { SweepState } from '../../src/core/sweep/sweepState';
import { timeLeftText } from '../../src/core/sweep/timeLeft';
import { formatMoment } from '../../src/core/text/format';
import { backendLabel, datasetLabel, modelTypeLabel } from '../model/labels';
import { sentence } from '../text';
import { actionButton, facts, linkButton } from './parts';
import type { ViewContext } from './viewContext';

/** Which config, on what device, how far, and what can be done now. */
export function header(context: ViewContext): TemplateResult {
  const { state } = context;
  return html`<header class="header">
    <div class="headline">
      <h1>
        ${linkButton(state.config ?? l10n.t('Batchwise'), () => {
          context.ask('openConfig');
        })}
      </h1>
    </div>
    <div class="actions">${actions(context)}</div>
    ${state.sweep ? deviceFacts(context, state.sweep) : nothing}
  </header>`;
}

function deviceFacts({ format }: ViewContext, sweep: SweepState): TemplateResult {
  const { backend, dataset, modelType } = sweep;
  return facts([
    backend &&
      l10n.t('{backend} on {device}', { backend: backendLabel(backend), device: backend.device }),
    backend?.software ? html`<span class="badge">${l10n.t('software device')}</span>` : null,
    modelType && modelTypeLabel(modelType),
    dataset && datasetLabel(dataset, format),
  ]);
}

function actions(context: ViewContext): TemplateResult[] {
  const { phase, state } = context;
  // Tuning may run the workspace's own code, so it waits for trust; cancelling never does.
  if (phase === 'running') return [actionButton(context, 'cancel', l10n.t('Cancel'))];
  const buttons: TemplateResult[] = [];
  if (phase === 'done')
    buttons.push(
      actionButton(context, 'compare', l10n.t('Compare')),
      actionButton(context, 'exportResult', l10n.t('Export Result')),
    );
  if (phase === 'failed') buttons.push(actionButton(context, 'showLog', l10n.t('Show Log')));
  if (!state.trusted) return buttons;
  if (phase === 'interrupted' || phase === 'cancelled') {
    buttons.push(
      actionButton(context, 'tune', l10n.t('Tune Again')),
      actionButton(context, 'resume', l10n.t('Resume'), 'primary'),
    );
  } else {
    buttons.push(
      actionButton(
        context,
        'tune',
        l10n.t('Tune Again'),
        phase === 'done' ? 'secondary' : 'primary',
      ),
    );
  }
  return buttons;
}

/** What is being done now, how far it is and how long it will take. */
export function progress(context: ViewContext): TemplateResult | typeof nothing {
  const { state, phase, format } = context;
  if (phase !== 'running') return nothing;
  // While it starts, what is in sight is the sweep that it goes on with.
  const now = state.starting === 'no' ? (state.sweep?.progress ?? null) : null;
  const left = now && timeLeftText(now, format.language);
  return html`<div class="progress">
    <p>
      <span>${now ? sentence(now.text, format) : l10n.t('Starting the training process')}</span
      >${left ? html`<span class="left">${sentence(left, format)}</span>` : nothing}
    </p>
    <progress
      max="1"
      aria-label=${l10n.t('Progress of the sweep')}
      value=${now ? String(now.fraction) : nothing}
    ></progress>
  </div>`;
}

/** What stands in the way, or became of the sweep: one sentence and the remedy. */
export function notices(context: ViewContext): TemplateResult[] {
  const { state, phase, format } = context;
  const shown: TemplateResult[] = [];
  if (state.refusal !== null) {
    shown.push(
      notice('error', state.refusal, [
        actionButton(context, 'showLog', l10n.t('Show Log')),
        html`<button
          type="button"
          class="button secondary"
          @click=${() => {
            context.dispatch({ type: 'refusalDismissed' });
          }}
        >
          ${l10n.t('Dismiss')}
        </button>`,
      ]),
    );
  }
  if (!state.trusted) {
    shown.push(
      notice(
        'warning',
        l10n.t(
          'This workspace is in Restricted Mode. Tuning trains the workspace’s model, which can run its code, so it needs your trust.',
        ),
        [actionButton(context, 'manageTrust', l10n.t('Manage Trust'), 'primary')],
      ),
    );
  }
  if (phase !== 'invalid' && state.problems.length) shown.push(problemNotice(context));
  if (phase === 'failed') {
    shown.push(
      notice(
        'error',
        state.sweep?.error ? sentence(state.sweep.error, format) : l10n.t('The sweep failed.'),
        [],
      ),
    );
  }
  if (state.compared) shown.push(comparison(context, state.compared));
  if (phase === 'cancelled') {
    shown.push(
      notice(
        'info',
        l10n.t('The sweep was cancelled. Resume continues from the measurements below.'),
        [],
      ),
    );
  }
  for (const note of phase === 'done' ? state.notes : []) {
    // The sweep's own notes stand below its answer; this one is about what is shown.
    if (note.id === 'resultReused') shown.push(notice('info', sentence(note, format), []));
  }
  if (phase === 'done' && state.changedFiles.length > 0) {
    const files = format.list(state.changedFiles);
    shown.push(
      notice(
        'warning',
        l10n.t('Changed since this sweep: {files}. Tune again for numbers that hold now.', {
          files,
        }),
        [],
      ),
    );
  }
  if (phase === 'interrupted') {
    shown.push(
      notice(
        'warning',
        l10n.t(
          'The sweep was interrupted. Resuming keeps everything measured so far and repeats at most one trial.',
        ),
        [],
      ),
    );
  }
  return shown;
}

/** Which sweep is laid over this one, dashed, and its result. */
function comparison(context: ViewContext, compared: SweepState): TemplateResult {
  const { format } = context;
  const at = formatMoment(compared.started?.at ?? '', format.language);
  const found = compared.recommendation;
  return notice(
    'info',
    found
      ? l10n.t('Dashed: the sweep of {at}, which recommended {size} with learning rate {rate}.', {
          at,
          size: format.count(found.batchSize),
          rate: format.number(found.learningRate),
        })
      : l10n.t('Dashed: the sweep of {at}.', { at }),
    [actionButton(context, 'stopComparing', l10n.t('Stop Comparing'))],
  );
}

/** What is wrong in the config, each with its place and what can be done about it. */
export function problemList(context: ViewContext): TemplateResult {
  const { state } = context;
  return html`<ul class="problems">
    ${state.problems.map(
      ({ message, place, fix }, index) =>
        html`<li>
          <p>${message}</p>
          <div class="actions">
            ${linkButton(place, () => {
              context.openProblem(index);
            })}
            ${
              fix === null
                ? nothing
                : html`<button
                    type="button"
                    class="button secondary"
                    data-action="fixProblem"
                    ?disabled=${state.pending !== null}
                    @click=${() => {
                      context.fixProblem(index);
                    }}
                  >
                    ${l10n.t('Change to {fix}', { fix })}
                  </button>`
            }
          </div>
        </li>`,
    )}
  </ul>`;
}

function problemNotice(context: ViewContext): TemplateResult {
  return html`<div class="notice error" role="alert">
    <div>
      <p>${l10n.t('The config has changed and cannot be tuned as it is.')}</p>
      ${problemList(context)}
    </div>
  </div>`;
}

function notice(
  kind: 'info' | 'warning' | 'error',
  text: string,
  buttons: readonly TemplateResult[],
): TemplateResult {
  return html`<div class="notice ${kind}" role=${kind === 'error' ? 'alert' : 'status'}>
    <p>${text}</p>
    ${buttons.length ? html`<div class="actions">${buttons}</div>` : nothing}
  </div>`;
}
