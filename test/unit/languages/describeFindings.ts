import {
  writeInsertion,
  type Counting,
  type Findings,
  type Site,
  type Span,
} from '../../../src/languages/site';

/** Findings as lines a person can check against the file: kind, value, line:column, name, call. */
export function describeFindings(findings: Findings, texts: readonly string[]): string {
  const place = ({ cell, from }: Span): string => {
    const before = (texts[cell] ?? '').slice(0, from).split('\n');
    const prefix = texts.length > 1 ? `cell ${cell} ` : '';
    return `${prefix}${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  };
  const lines: string[] = [];
  const describe = (site: Site): string => {
    const text = (texts[site.range.cell] ?? '').slice(site.range.from, site.range.to);
    const name = site.name === null ? '' : ` ${site.name}`;
    const named = site.nameRange ? ` (${place(site.nameRange)})` : '';
    const call = site.call ? `, ${site.call.library} ${site.call.name}` : '';
    const uses = site.uses.length > 0 ? `, used ${site.uses.map(place).join(' ')}` : '';
    const counts = site.counts === null ? '' : `, ${site.counts}`;
    const fixed = site.spelling ? '' : ', read-only';
    return `${site.value ?? '?'} ${place(site.range)} \`${text}\`${name}${named}${call}${uses}${counts}${fixed}`;
  };
  for (const site of findings.sites) lines.push(`${site.kind} ${describe(site)}`);
  for (const site of findings.inferences) lines.push(`inference ${describe(site)}`);
  for (const training of findings.trainings) {
    const value = (label: string, site: Site | null): string =>
      site ? ` ${label}=${site.value ?? '?'}` : '';
    lines.push(
      `training ${training.call.name} ${place(training.call.nameRange)}` +
        value('batch', training.batchSize) +
        value('epochs', training.epochs) +
        value('samples', training.datasetSize) +
        (training.validationSplit === null ? '' : ` split=${training.validationSplit}`) +
        (training.dropsLast ? ' drops-last' : '') +
        (training.mayDropLast ? ' may-drop-last' : '') +
        (training.keepsLast ? ' keeps-last' : '') +
        value('accumulation', training.accumulation) +
        value('rate', training.learningRate) +
        (training.readElsewhere ? ' read-elsewhere' : '') +
        describeCounting(training.counting),
    );
    for (const [kind, insertion] of Object.entries(training.insertions)) {
      const text = JSON.stringify(writeInsertion(insertion, 7));
      lines.push(
        `  could add ${kind} ${place(insertion.at)} ${text} implied=${insertion.implied ?? '?'}`,
      );
    }
  }
  for (const layer of findings.layers)
    lines.push(`layer ${layer.className} (${layer.family}) ${place(layer.range)} ${layer.written}`);
  if (findings.lone)
    lines.push(
      `program${Object.entries(findings.lone)
        .map(([name, is]) => (is ? ` ${name}` : ''))
        .join('')}`,
    );
  for (const hint of findings.hints)
    lines.push(`hint samples=${hint.samples} ${place(hint.range)}`);
  return lines.length > 0 ? `${lines.join('\n')}\n` : 'nothing\n';
}

/** What is said of how updates are counted. */
function describeCounting(counting: Counting): string {
  return Object.entries(counting)
    .map(([name, value]) => (value === null || value === false ? '' : ` ${name}=${value}`))
    .join('');
}
