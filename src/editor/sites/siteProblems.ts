import * as vscode from 'vscode';
import { effectiveBatchSize, lastBatchSize } from '../../core/batches/arithmetic';
import { formatCount } from '../../core/text/format';
import { possibleUpdate, writtenParts, type BatchCount } from '../../core/batches/updates';
import type { SweepResult } from '../../core/sweep/result';
import { layersOf } from '../../languages/modelLayers';
import type { Addition, Site } from '../../languages/site';
import { numberOf } from '../configs/configDocument';
import { configLabel, isConfigDocument } from '../configs/configFiles';
import { updateSizes } from '../explain/counting';
import { engineName } from '../explain/measurement';
import { language } from '../translate';
import { normalizesOverBatch } from './modelEvidence';
import type { FoundSites } from './siteDocuments';
import { canAccumulate, type SiteValues } from './siteEdit';
import type { SiteFacts } from './siteFacts';

/** What a diagnostic's code says, and its heading in docs/diagnostics.md. */
export const problemCodes = [
  'batchSizeAboveDataset',
  'lastBatchOfOne',
  'sizesContradict',
  'configDisagrees',
  'measuredOutOfMemory',
] as const;
type ProblemCode = (typeof problemCodes)[number];

/** A change that fixes a problem: in this document, or in the config that lists it. */
export interface Fix {
  readonly title: string;
  readonly values: SiteValues;
  readonly where: 'here' | 'config';
  /** The number to change, where that is not the training's own. */
  readonly site?: Site;
  /** What is written instead of values: an argument that a call leaves out. */
  readonly adds?: Addition;
}

/** A real mistake in a training's numbers. */
export interface SiteProblem {
  readonly code: ProblemCode;
  readonly site: Site;
  readonly message: string;
  readonly severity: vscode.DiagnosticSeverity;
  readonly fixes: readonly Fix[];
}

const { Warning, Hint } = vscode.DiagnosticSeverity;
const count = (value: number) => formatCount(value, language.tag);

/** The mistakes of one training whose batch size is written as a number. */
export function problemsOf(found: FoundSites, facts: SiteFacts): SiteProblem[] {
  const site = facts.training?.batchSize;
  if (!facts.training || !site || site.value === null) return [];
  const size = site.value;
  const checks = [
    aboveDataset(size, site, found, facts),
    lastOfOne(size, site, found, facts),
    contradiction(found, facts),
    disagreement(size, site, found, facts),
    outOfMemory(size, site, facts),
  ];
  return checks.filter((problem) => problem !== null);
}

/** Samples known from the config, a comment or the training's own data: a guess is not enough to report a mistake. */
function certainSamples({ findings }: FoundSites, facts: SiteFacts): number | null {
  const certain =
    facts.samples?.source !== 'written' ||
    findings.hints.length > 0 ||
    facts.training?.datasetSize != null;
  return certain ? (facts.samples?.count ?? null) : null;
}

function aboveDataset(
  size: number,
  site: Site,
  found: FoundSites,
  facts: SiteFacts,
): SiteProblem | null {
  const samples = certainSamples(found, facts);
  if (samples === null || samples < 1 || size <= samples) return null;
  const fitting = 2 ** Math.floor(Math.log2(samples));
  return {
    code: 'batchSizeAboveDataset',
    site,
    severity: Warning,
    message: vscode.l10n.t(
      'Batch size {size} is larger than the data set: it has {samples} training samples, so every update sees all of them. Use {samples} or less.',
      { size: count(size), samples: count(samples) },
    ),
    fixes: [
      fix(
        vscode.l10n.t('Use batch size {size} (fits {samples} samples)', {
          size: count(fitting),
          samples: count(samples),
        }),
        { batchSize: fitting },
      ),
    ],
  };
}

function lastOfOne(
  size: number,
  site: Site,
  found: FoundSites,
  facts: SiteFacts,
): SiteProblem | null {
  const samples = certainSamples(found, facts);
  if (samples === null || size < 2 || samples <= size) return null;
  if (
    lastBatchSize(samples, size) !== 1 ||
    !normalizesOverBatch(layersOf(found.findings, facts.training))
  )
    return null;
  // Code that drops partial batches has taken care of it.
  if (facts.training?.dropsLast || facts.training?.mayDropLast) return null;
  const other = withFullerLastBatch(samples, size);
  const adds = facts.training?.droppingLast;
  return {
    code: 'lastBatchOfOne',
    site,
    severity: Warning,
    message: vscode.l10n.t(
      'Batch size {size} leaves a last batch of 1 sample ({samples} = {full} × {size} + 1), and this model normalizes over the batch: one sample has no spread to normalize by. Use another size or drop the last batch.',
      { size: count(size), samples: count(samples), full: count(Math.floor(samples / size)) },
    ),
    fixes: [
      fix(
        vscode.l10n.t('Use batch size {size} (last batch of {last})', {
          size: count(other),
          last: count(lastBatchSize(samples, other) ?? other),
        }),
        { batchSize: other },
      ),
      ...(adds
        ? [
            {
              ...fix(
                vscode.l10n.t('Drop the last batch ({argument})', { argument: adds.argument }),
                {},
              ),
              adds,
            },
          ]
        : []),
    ],
  };
}

/** The nearest size whose last batch is full or holds a quarter of one. */
function withFullerLastBatch(samples: number, size: number): number {
  for (let distance = 1; distance < size; distance++) {
    for (const other of [size + distance, size - distance]) {
      const last = lastBatchSize(samples, other) ?? other;
      if (last >= Math.max(2, other / 4)) return other;
    }
  }
  return size + 1;
}

/** Sizes of an update and of its microbatch that no number of devices brings together. */
function contradiction({ findings }: FoundSites, facts: SiteFacts): SiteProblem | null {
  const { training } = facts;
  const sizes = updateSizes(facts);
  const { sites } = findings;
  const site = onlySite(sites, 'global', sizes?.global);
  // Of several runs in one file, nobody knows which sizes belong together.
  const part = onlySite(sites, 'microbatch', sizes?.microbatch);
  if (!training || !sizes || !site || !part) return null;
  const { global, microbatch, devices } = sizes;
  const possible = possibleUpdate(sizes);
  if (possible === global) return null;
  const { factors, size, isWhole } = writtenParts(sizes);
  const values = {
    global: count(global),
    product: factors.map(count).join(' × '),
    size: count(size),
    possible: count(possible),
  };
  const accumulated = global / (microbatch * (devices ?? 1));
  const canAccumulateSo =
    isWhole && training.accumulation?.spelling && Number.isInteger(accumulated);
  return {
    code: 'sizesContradict',
    site,
    severity: Warning,
    message: isWhole
      ? vscode.l10n.t(
          'An update of {global} samples contradicts its parts: {product} = {size}.',
          values,
        )
      : vscode.l10n.t(
          'An update of {global} samples contradicts its parts: it is no multiple of {product}, so no number of devices makes it.',
          values,
        ),
    fixes: [
      {
        ...fix(vscode.l10n.t('Use {possible} for the whole update', values), {
          batchSize: possible,
        }),
        site,
      },
      ...(canAccumulateSo
        ? [
            fix(vscode.l10n.t('Accumulate {count} batches', { count: count(accumulated) }), {
              accumulation: accumulated,
            }),
          ]
        : []),
    ],
  };
}

function onlySite(
  sites: readonly Site[],
  counted: BatchCount,
  value: number | undefined,
): Site | null {
  const [only, ...others] = sites.filter(
    ({ kind, counts }) => kind === 'batchSize' && counts === counted,
  );
  return only?.value === value && only && others.length === 0 ? only : null;
}

function disagreement(
  size: number,
  site: Site,
  found: FoundSites,
  facts: SiteFacts,
): SiteProblem | null {
  const { config } = facts;
  if (!config || isConfigDocument(found.document)) return null;
  const configured = numberOf(config.outline(), 'batchSize');
  if (configured === null || configured === size) return null;
  const name = configLabel(config.uri);
  return {
    code: 'configDisagrees',
    site,
    severity: Hint,
    message: vscode.l10n.t(
      'Batch size {size} here, but {configured} in {config}, which lists this file: its measurements compare with another size.',
      { size: count(size), configured: count(configured), config: name },
    ),
    fixes: [
      fix(
        vscode.l10n.t('Use batch size {size} (as in {config})', {
          size: count(configured),
          config: name,
        }),
        { batchSize: configured },
      ),
      {
        ...fix(
          vscode.l10n.t('Write batch size {size} into {config}', {
            size: count(size),
            config: name,
          }),
          { batchSize: size },
        ),
        where: 'config',
      },
    ],
  };
}

function outOfMemory(size: number, site: Site, facts: SiteFacts): SiteProblem | null {
  const { result } = facts;
  const limits = result && memoryLimits(result);
  if (!result || !limits || size < limits.failed || limits.largest === null) return null;
  const { failed, largest } = limits;
  const parts = Math.ceil(size / largest);
  const split = Math.ceil(size / parts);
  const effective = effectiveBatchSize(size, facts.accumulation);
  return {
    code: 'measuredOutOfMemory',
    site,
    severity: Warning,
    message: vscode.l10n.t(
      'Batch size {size} does not fit: {failed} ran out of memory when it was measured with {engine}; {largest} was the largest that fitted.',
      {
        size: count(size),
        failed: count(failed),
        largest: count(largest),
        engine: engineName(result),
      },
    ),
    fixes: [
      ...(canAccumulate(facts.training) && size % parts === 0
        ? [
            fix(
              vscode.l10n.t(
                'Use batch size {size} and accumulate {count} batches (effective batch size {effective} as before, less memory)',
                {
                  size: count(split),
                  count: count(parts * facts.accumulation),
                  effective: count(effective),
                },
              ),
              { batchSize: split, accumulation: parts * facts.accumulation },
            ),
          ]
        : []),
      fix(
        vscode.l10n.t('Use batch size {size} (the largest that fitted)', { size: count(largest) }),
        { batchSize: largest },
      ),
    ],
  };
}

/** The smallest size that ran out of memory, and the largest below it that did not. */
export function memoryLimits(
  result: SweepResult,
): { readonly failed: number; readonly largest: number | null } | null {
  const sizes = (status: 'ok' | 'out-of-memory') =>
    result.trials.filter((trial) => trial.status === status).map(({ batchSize }) => batchSize);
  const fitted = sizes('ok');
  const failed = sizes('out-of-memory').filter((size) => fitted.every((other) => other < size));
  if (failed.length === 0) return null;
  return {
    failed: Math.min(...failed),
    largest: fitted.length === 0 ? null : Math.max(...fitted),
  };
}

function fix(title: string, values: SiteValues): Fix {
  return { title, values, where: 'here' };
}
