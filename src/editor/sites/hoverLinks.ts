import * as vscode from 'vscode';
import { configLabel } from '../configs/configFiles';
import { escapeMarkdown } from '../language';
import { fileOf } from './siteDocuments';
import type { SiteFacts } from './siteFacts';

/** The only commands that our Markdown may run. */
export const commandsInHovers = [
  'batchwise.tune',
  'batchwise.showResults',
  'batchwise.manageTrust',
  'batchwise.linkSource',
] as const;
type HoverCommand = (typeof commandsInHovers)[number];

const mostLinked = 2;

function link(title: string, command: HoverCommand, ...args: readonly vscode.Uri[]): string {
  if (args.length === 0) return `[${title}](command:${command})`;
  const encoded = encodeURIComponent(JSON.stringify(args.map(String)));
  // A parenthesis would end the link's address.
  return `[${title}](command:${command}?${encoded.replaceAll('(', '%28').replaceAll(')', '%29')})`;
}

/** What can be done from a hover: tune, see results, use a config's measurements here. */
export function hoverLinks(document: vscode.TextDocument, facts: SiteFacts): string {
  const { config, linkable, result } = facts;
  const target = config ? [config.uri] : [];
  const links = [
    vscode.workspace.isTrusted
      ? link(vscode.l10n.t('Tune batch size'), 'batchwise.tune', ...target)
      : link(vscode.l10n.t('Trust this workspace to tune'), 'batchwise.manageTrust'),
    ...(result && config
      ? [link(vscode.l10n.t('Show results'), 'batchwise.showResults', config.uri)]
      : []),
  ];
  const file = fileOf(document);
  for (const uri of file ? linkable.slice(0, mostLinked) : []) {
    const title = vscode.l10n.t('Use measurements of {config} here', {
      config: escapeMarkdown(configLabel(uri)),
    });
    if (file) links.push(link(title, 'batchwise.linkSource', uri, file));
  }
  return links.join(' · ');
}
