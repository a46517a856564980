import type { Library, Site, Training } from '../../site';
import type { Drop, ProgramFacts, SitesFound } from './belonging';
import type { FoundTraining } from './chunkTrainings';

/** Libraries whose calls of training may be given arrays, of which they use all samples. */
const arrays: ReadonlySet<Library> = new Set(['keras', 'tensorflow', 'tfjs']);

/** Notes what a call that makes batches of a size does with a last one that is not full. */
export function addDrop(drops: Map<Site, Drop>, site: Site | null, drop: Drop): void {
  if (!site) return;
  const before = drops.get(site) ?? drop;
  drops.set(site, before === drop ? drop : 'maybe');
}

/** What becomes of a last batch that is not full, as far as the calls that make batches say. */
export function lastBatchOf(
  { api, own, dropsLast, insertions, call }: FoundTraining,
  batchSize: Site | null,
  { drops }: SitesFound,
  { only, onlyDrops, mayDropLast }: ProgramFacts,
): Pick<Training, 'dropsLast' | 'mayDropLast' | 'keepsLast'> {
  const known = batchSize === only.batchSize ? onlyDrops : batchSize && drops.get(batchSize);
  const drop = dropsLast ?? known ?? null;
  if (drop === true) return { dropsLast: true };
  if (drop === 'maybe') return { mayDropLast: true };
  if (drop === false) return api.draws ? {} : { keepsLast: true };
  if (mayDropLast) return { mayDropLast };
  const takesSamples =
    (api.role === 'trains' && arrays.has(api.library)) ||
    (api.library === 'transformers' && api.role === 'settings');
  const sized = own.batchSize !== undefined || insertions.batchSize !== undefined;
  return takesSamples && sized && !call.args.some(({ spread }) => spread)
    ? { keepsLast: true }
    : {};
}
