import * as vscode from 'vscode';
import { formatCount, formatMoment } from '../core/text/format';
import { sweepChanges, type SweepAspect } from '../core/sweep/sweepChanges';
import type { SweepState } from '../core/sweep/sweepState';
import { earlierSweeps, type EarlierSweep } from '../tuner/history/earlierSweeps';
import { giveWay } from './pace';
import { language } from './translate';

interface SweepItem extends vscode.QuickPickItem {
  readonly sweep: EarlierSweep;
}

/**
 * Lets the person pick one of a config's earlier sweeps, each with its answer and what has changed
 * since, or delete some.
 * @returns the picked one; null where the person turned away
 */
export async function pickSweep(
  configFile: string,
  current: SweepState,
): Promise<EarlierSweep | null> {
  const pick = vscode.window.createQuickPick<SweepItem>();
  pick.title = vscode.l10n.t('Earlier Sweeps');
  pick.placeholder = vscode.l10n.t('Select a sweep to compare with the current one');
  try {
    return await new Promise<EarlierSweep | null>((resolve, reject) => {
      let isOpen = true;
      pick.onDidTriggerItemButton(({ item }) => {
        pick.items = pick.items.filter((each) => each !== item);
        deleteSweep(item).catch(reject);
        if (pick.items.length === 0) pick.hide();
      });
      pick.onDidAccept(() => {
        resolve(pick.selectedItems[0]?.sweep ?? null);
      });
      pick.onDidHide(() => {
        isOpen = false;
        resolve(null);
      });
      pick.busy = true;
      pick.show();
      fill(pick, configFile, current, () => isOpen).catch(reject);
    });
  } finally {
    pick.dispose();
  }
}

/** Adds one sweep after the other; other work of the extension host has its turn between them. */
async function fill(
  pick: vscode.QuickPick<SweepItem>,
  configFile: string,
  current: SweepState,
  isOpen: () => boolean,
): Promise<void> {
  for (const sweep of earlierSweeps(configFile)) {
    if (!isOpen()) return;
    pick.items = [...pick.items, itemOf(sweep, current)];
    await giveWay();
  }
  pick.busy = false;
  if (pick.items.length > 0) return;
  pick.hide();
  void vscode.window.showInformationMessage(
    vscode.l10n.t('There is no earlier sweep of this config to compare with.'),
  );
}

function itemOf(sweep: EarlierSweep, current: SweepState): SweepItem {
  return {
    sweep,
    label: formatMoment(sweep.state.started?.at ?? '', language.tag),
    description: answerOf(sweep.state),
    detail: changesText(sweepChanges(sweep.state, current)),
    buttons: [
      { iconPath: new vscode.ThemeIcon('trash'), tooltip: vscode.l10n.t('Delete this sweep') },
    ],
  };
}

/** Removes a sweep's log and offers to bring it back. */
async function deleteSweep({ sweep, label }: SweepItem): Promise<void> {
  const file = vscode.Uri.file(sweep.file);
  const { fs } = vscode.workspace;
  const log = await fs.readFile(file);
  await fs.delete(file);
  const undo = vscode.l10n.t('Undo');
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t('The sweep of {time} was deleted.', { time: label }),
    undo,
  );
  if (chosen) await fs.writeFile(file, log);
}

function answerOf({ recommendation, status }: SweepState): string {
  if (recommendation)
    return vscode.l10n.t('Batch size {size}', {
      size: formatCount(recommendation.batchSize, language.tag),
    });
  return status === 'done'
    ? vscode.l10n.t('No batch size is recommended')
    : vscode.l10n.t('Not finished');
}

function changesText(aspects: readonly SweepAspect[]): string {
  const names: Record<SweepAspect, string> = {
    model: vscode.l10n.t('model'),
    data: vscode.l10n.t('data'),
    device: vscode.l10n.t('device'),
    settings: vscode.l10n.t('settings'),
    version: vscode.l10n.t('versions'),
  };
  if (aspects.length === 0) return vscode.l10n.t('Under the same conditions');
  const list = new Intl.ListFormat(language.tag).format(aspects.map((aspect) => names[aspect]));
  return vscode.l10n.t('Changed since: {list}', { list });
}
