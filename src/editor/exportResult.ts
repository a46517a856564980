import * as vscode from 'vscode';
import { csvReport, htmlReport, markdownReport } from '../core/report/report';
import type { SweepResult } from '../core/sweep/result';
import { render, type Language } from '../core/text/problem';
import { language } from './translate';

/** Saves a result where the person chooses, in the format they pick, and opens it. */
export async function exportResult(config: vscode.Uri, result: SweepResult): Promise<void> {
  const format = await vscode.window.showQuickPick(formats(), {
    title: vscode.l10n.t('Export Result'),
    placeHolder: vscode.l10n.t('Format'),
  });
  if (!format) return;
  const name = `${result.config.replace(/\.json$/, '')}-result.${format.ending}`;
  const file = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(config, '..', name),
    filters: { [format.label]: [format.ending] },
  });
  if (!file) return;
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(format.write(result)));
  await vscode.window.showTextDocument(file);
}

/** Saves a chart of the panel where the person chooses. */
export async function saveChart(config: vscode.Uri, name: string, png: Uint8Array): Promise<void> {
  const file = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(config, '..', `batchwise-${name}.png`),
    filters: { PNG: ['png'] },
  });
  if (file) await vscode.workspace.fs.writeFile(file, png);
}

interface ExportFormat extends vscode.QuickPickItem {
  readonly ending: string;
  readonly write: (result: SweepResult) => string;
}

function formats(): ExportFormat[] {
  const spoken: Language = {
    tag: language.tag,
    translate: language.t,
    say: (id, values = {}) => render({ id, values }, language.t, language.tag),
  };
  return [
    {
      label: 'HTML',
      description: vscode.l10n.t('one page with the charts, for any browser'),
      ending: 'html',
      write: (result) => htmlReport(result, spoken),
    },
    {
      label: 'Markdown',
      description: vscode.l10n.t('answer, reasons and table'),
      ending: 'md',
      write: (result) => markdownReport(result, spoken),
    },
    {
      label: 'CSV',
      description: vscode.l10n.t('one row for each trial, for a spreadsheet'),
      ending: 'csv',
      write: csvReport,
    },
    {
      label: 'JSON',
      description: vscode.l10n.t('everything that was measured'),
      ending: 'json',
      write: (result) => `${JSON.stringify(result, null, 2)}\n`,
    },
  ];
}
