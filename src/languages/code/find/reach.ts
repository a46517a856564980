import type { Clock } from '../../clock';
import type { BatchesApart } from './apart';
import { placeKey } from './places';
import type { ChunkParts, FoundTraining } from './chunkTrainings';
import type { FoundNumber } from './recorder';
import type { Chunk, Place } from '../read/syntax';

/** Where in other chunks something stands that a chunk's findings are made of, or are about. */
interface Reach {
  readonly others: readonly Chunk[];
  /** The classes and functions around its trainings that other chunks have a part in. */
  readonly around: readonly Place[];
}

/**
 * The chunks whose findings hang together: one says something about a number in another, or has a
 * training that what stands in another may belong to. All that any other chunk shows is its own.
 * @param apart of these the whole program decides that they are no training's
 */
export function* hangTogether(
  parts: readonly ChunkParts[],
  apart: BatchesApart,
  clock: Clock,
): Generator<undefined, ReadonlySet<Chunk>> {
  const together = new Set<Chunk>();
  const around: Place[] = [];
  for (const call of apart.calls) together.add(call.chunk);
  for (const chunk of apart.chunks) together.add(chunk);
  for (const part of parts) {
    const reach = reachOf(part);
    if (clock.isDue()) yield;
    if (!reach) continue;
    together.add(part.chunk);
    for (const chunk of reach.others) together.add(chunk);
    around.push(...reach.around);
  }
  for (const place of around) {
    const start = placeKey(place);
    const end = start + place.to - place.from;
    for (const { chunk } of parts) {
      const at = placeKey({ chunk, from: 0, to: 0 });
      if (start <= at && at <= end) together.add(chunk);
    }
  }
  return together;
}

/** By the trainings, which are made anew whenever something else about their chunk is. */
const reaches = new WeakMap<readonly FoundTraining[], Reach | null>();

/** Null for a chunk that stands alone, as far as it shows itself. */
function reachOf(part: ChunkParts): Reach | null {
  let known = reaches.get(part.trainings);
  if (known === undefined) reaches.set(part.trainings, (known = findReach(part)));
  return known;
}

function findReach({ chunk, numbers, trainings }: ChunkParts): Reach | null {
  const others = new Set<Chunk>();
  const around: Place[] = [];
  const see = (place: Place | null | undefined): void => {
    if (place && place.chunk !== chunk) others.add(place.chunk);
  };
  const seeNumber = (number: FoundNumber | null): void => {
    for (const place of [number?.at, number?.named?.at, number?.use, number?.call?.call])
      see(place);
  };
  const { told, stored, inferences } = numbers;
  for (const own of told.own) for (const { number } of own.told) seeNumber(number);
  for (const { number } of told.others) seeNumber(number);
  stored.forEach(see);
  inferences.forEach(seeNumber);
  for (const { call, samples, automaticSize, makers, optimizers } of trainings) {
    seeNumber(samples);
    seeNumber(automaticSize);
    makers.forEach(see);
    optimizers?.forEach(see);
    const { functionInfo, classInfo } = call.scope;
    for (const home of [functionInfo, classInfo])
      if (home && (home.chunk !== chunk || chunk.bodies.length > 0)) around.push(home);
  }
  return others.size > 0 || around.length > 0 ? { others: [...others], around } : null;
}
