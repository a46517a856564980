import { lastName } from '../program/passThrough';
import type { CallExpr } from '../read/syntax';
import type { Parts } from './chunkTrainings';

const batching = new Set(['batch', 'padded_batch', 'ragged_batch']);

/**
 * Calls of `.batch(n)` on datasets that no training is given, in a program that hands every training
 * its batches: they inspect data, or build an index or a vocabulary.
 */
export function batchesApart({ trainings, calls, numbers }: Parts): ReadonlySet<CallExpr> {
  const none = new Set<CallExpr>();
  const given = new Set<CallExpr>();
  let fits = 0;
  for (const { api, own, makers } of trainings.flat()) {
    if (api.role !== 'trains' || api.library === 'lightning') continue;
    fits++;
    const made = makers.filter(({ callee }) => batching.has(lastName(callee)));
    if (made.length === 0 && !own.batchSize) return none;
    for (const call of made) given.add(call);
  }
  // A loop of the program's own takes batches in ways that are not followed.
  const loops = calls.some(({ evidence, backward }) => evidence.loops || backward !== null);
  if (fits === 0 || loops) return none;
  const apart = new Set<CallExpr>();
  for (const { byCall } of numbers)
    for (const call of byCall.keys())
      if (batching.has(lastName(call.callee)) && !given.has(call)) apart.add(call);
  return apart;
}
