import {
  plainCounting,
  type Call,
  type Library,
  type Site,
  type SiteKind,
  type Training,
} from '../../site';
import type { ProgramFacts } from './belonging';
import type { ChunkParts } from './chunkTrainings';
import { describeCall, describeLoop } from './describe';
import { hasUnrated } from './optimizers';
import { placeKey } from './places';
import type { Place } from '../read/syntax';

/**
 * A training loop written out, with batches of its own making: named after the loop over epochs.
 * @param sites in document order
 */
export function looseTraining(
  parts: readonly ChunkParts[],
  library: Library | null,
  sites: readonly Site[],
  { lone, besides, mayDropLast }: ProgramFacts,
): Training[] {
  const known = (kind: SiteKind): Site[] =>
    sites.filter((site) => site.kind === kind && site.value !== null);
  const only = (kind: SiteKind): Site | null => {
    const [first = null, ...others] = known(kind);
    return others.every(({ value }) => value === first?.value) ? first : null;
  };
  const batchSize = only('batchSize') ?? microbatch(sites, besides?.microbatch ?? null);
  const call = batchSize && library !== null ? loopCall(parts, library) : null;
  if (!call) return [];
  const [rate = null, ...otherRates] = known('learningRate');
  const hasOther = (site: Site | null): boolean => site !== null && hasUnrated(parts, site);
  return [
    {
      call,
      batchSize,
      epochs: only('epochs'),
      datasetSize: only('datasetSize'),
      accumulation: only('accumulation'),
      learningRate: lone.scalesRate || otherRates.length > 0 || hasOther(rate) ? null : rate,
      validationSplit: null,
      counting: { ...plainCounting, ...besides, ...lone },
      ...(mayDropLast ? { mayDropLast } : {}),
      insertions: {},
    },
  ];
}

/** Of a global size and its microbatch, the latter: accumulation multiplies it. */
function microbatch(sites: readonly Site[], size: number | null): Site | null {
  if (size === null) return null;
  return sites.find(({ counts, value }) => counts === 'microbatch' && value === size) ?? null;
}

function loopCall(parts: readonly ChunkParts[], library: Library): Call | null {
  const loop = first(parts.flatMap(({ numbers }) => numbers.epochLoops));
  if (loop) return describeLoop(loop, library);
  const backward = first(parts.flatMap(({ calls }) => calls.backward ?? []));
  return backward && describeCall(backward, library);
}

function first<T extends Place>(places: readonly T[]): T | null {
  const starts = places.map(placeKey);
  return places[starts.indexOf(Math.min(...starts))] ?? null;
}
