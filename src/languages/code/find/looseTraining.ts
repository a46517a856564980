import {
  plainCounting,
  type Call,
  type Library,
  type Site,
  type SiteKind,
  type Span,
  type Training,
} from '../../site';
import type { ProgramFacts } from './belonging';
import type { ChunkParts } from './chunkTrainings';
import { describeCall, describeLoop } from './describe';
import { homeAround, homeOf } from './homes';
import { hasUnrated } from './optimizers';
import { placeKey, spanOf } from './places';
import { updatesIn } from './updates';
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
  const found = library === null ? null : loopCall(parts, library);
  if (!found) return [];
  const { call } = found;
  const others = functionsThatTrain(parts).filter((info) => !isInside(call.range, info));
  const known = (kind: SiteKind): Site[] =>
    sites.filter(
      ({ kind: own, value, range }) =>
        own === kind && value !== null && !others.some((info) => isInside(range, info)),
    );
  const only = (kind: SiteKind): Site | null => {
    const [first = null, ...rest] = known(kind);
    return rest.every(({ value }) => value === first?.value) ? first : null;
  };
  const batchSize = only('batchSize') ?? microbatch(sites, besides?.microbatch ?? null);
  if (!batchSize) return [];
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
      makers: found.home === '' ? [] : [found.home],
      counting: { ...plainCounting, ...besides, ...lone },
      ...(mayDropLast ? { mayDropLast } : {}),
      insertions: {},
    },
  ];
}

/** Functions that make updates themselves: what stands in one of them is no other's. */
function functionsThatTrain(parts: readonly ChunkParts[]): Span[] {
  return parts.flatMap(({ chunk }) => chunk.functions.filter(updatesIn).map(spanOf));
}

function isInside({ cell, from, to }: Span, outer: Span): boolean {
  return cell === outer.cell && outer.from <= from && to <= outer.to;
}

/** Of a global size and its microbatch, the latter: accumulation multiplies it. */
function microbatch(sites: readonly Site[], size: number | null): Site | null {
  if (size === null) return null;
  return sites.find(({ counts, value }) => counts === 'microbatch' && value === size) ?? null;
}

function loopCall(
  parts: readonly ChunkParts[],
  library: Library,
): { readonly call: Call; readonly home: string } | null {
  const loop = first(parts.flatMap(({ numbers }) => numbers.epochLoops));
  if (loop) return { call: describeLoop(loop, library), home: homeAround(loop) };
  const backward = first(parts.flatMap(({ calls }) => calls.backward ?? []));
  return backward && { call: describeCall(backward, library), home: homeOf(backward.scope) };
}

function first<T extends Place>(places: readonly T[]): T | null {
  const starts = places.map(placeKey);
  return places[starts.indexOf(Math.min(...starts))] ?? null;
}
