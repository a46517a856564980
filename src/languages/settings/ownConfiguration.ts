import type { SiteBuilder } from '../siteBuilder';
import {
  plainCounting,
  type Call,
  type Insertion,
  type Site,
  type SiteKind,
  type Training,
} from '../site';
import { scalarOf } from './foundSettings';
import { addSite, span } from './settingSites';
import type { Node } from './settingsTree';

/** Whether a file of that name is a configuration of Batchwise. */
export function isBatchwise(fileName: string | null): boolean {
  return fileName === 'batchwise.json' || (fileName?.endsWith('.batchwise.json') ?? false);
}

const batchwiseKeys: Record<string, SiteKind> = {
  batchSize: 'batchSize',
  epochs: 'epochs',
  learningRate: 'learningRate',
};
/** The defaults of the configuration's schema. */
const batchwiseDefaults: Partial<Record<SiteKind, number>> = { batchSize: 32, epochs: 10 };

/** Our own configuration: the numbers under `training`. */
export function batchwise(root: Node, builder: SiteBuilder): Training[] {
  if (root.type !== 'mapping') return [];
  const holder = root.entries.find(({ key }) => key === 'training');
  const section = holder?.value;
  if (!holder || section?.type !== 'mapping') return [];
  const call: Call = {
    ...{ name: 'training', range: span(section), nameRange: span(holder.keyAt) },
    library: 'batchwise',
  };
  const sites: Partial<Record<SiteKind, Site>> = {};
  for (const entry of section.entries) {
    const kind = Object.hasOwn(batchwiseKeys, entry.key) ? batchwiseKeys[entry.key] : undefined;
    const scalar = scalarOf(entry.value);
    if (!kind || scalar?.quote !== '') continue;
    const site = addSite(builder, { kind, entry, scalar }, call);
    if (site) sites[kind] = site;
  }
  const insertions: Partial<Record<SiteKind, Insertion>> = {};
  const last = section.entries.at(-1);
  for (const [key, kind] of Object.entries(batchwiseKeys)) {
    const written = section.entries.some((entry) => entry.key === key);
    if (written || (last && !last.value)) continue;
    const { part } = section;
    const at = last?.value?.to ?? section.from + 1;
    const before = `${last ? ', ' : ' '}"${key}": `;
    const implied = batchwiseDefaults[kind] ?? null;
    insertions[kind] = {
      ...{ at: span({ part, from: at, to: at }), before, after: last ? '' : ' ', implied },
    };
  }
  return [
    {
      call,
      batchSize: sites.batchSize ?? null,
      epochs: sites.epochs ?? null,
      datasetSize: null,
      accumulation: null,
      learningRate: sites.learningRate ?? null,
      validationSplit: null,
      counting: plainCounting,
      insertions,
    },
  ];
}
