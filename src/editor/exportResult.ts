import * as vscode from 'vscode';
import { reportCharts, type Charted } from '../core/report/charts';
import { csvReport, htmlReport, markdownReport } from '../core/report/report';
import type { SweepResult } from '../core/sweep/result';
import { spoken } from './translate';

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

/**
 * Saves a chart of the panel where the person chooses: as it is shown, or drawn for documents, on
 * light ground, of which the text can be copied instead.
 */
export async function saveChart(
  config: vscode.Uri,
  name: string,
  png: Uint8Array,
  sweep: Charted,
): Promise<void> {
  const svg = reportCharts(sweep, spoken).find((chart) => chart.name === name)?.svg;
  const asPicture = { label: 'PNG', description: vscode.l10n.t('as it is shown') };
  const asDrawing = {
    label: 'SVG',
    description: vscode.l10n.t('drawn for documents, sharp at any size'),
  };
  const asText = { label: vscode.l10n.t('Copy SVG'), description: vscode.l10n.t('as text') };
  const choice = await vscode.window.showQuickPick(
    svg === undefined ? [asPicture] : [asPicture, asDrawing, asText],
    { title: vscode.l10n.t('Save Chart'), placeHolder: vscode.l10n.t('Format') },
  );
  if (!choice) return;
  if (choice === asText) {
    await vscode.env.clipboard.writeText(svg ?? '');
    return;
  }
  const ending = choice.label.toLowerCase();
  const file = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(config, '..', `batchwise-${name}.${ending}`),
    filters: { [choice.label]: [ending] },
  });
  if (!file) return;
  const content = choice === asDrawing ? new TextEncoder().encode(svg) : png;
  await vscode.workspace.fs.writeFile(file, content);
}

interface ExportFormat extends vscode.QuickPickItem {
  readonly ending: string;
  readonly write: (result: SweepResult) => string;
}

function formats(): ExportFormat[] {
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
