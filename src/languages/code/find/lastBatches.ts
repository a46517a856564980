import type { Library, Site, Training } from '../../site';
import type { FoundTraining } from './chunkTrainings';

/** Libraries whose calls of training may be given arrays, of which they use all samples. */
const arrays: ReadonlySet<Library> = new Set(['keras', 'tensorflow', 'tfjs']);

/** What becomes of a last batch that is not full, as far as the calls that make batches say. */
export class LastBatches {
  /** Of trainings that are not seen to leave the last batch out. */
  readonly doubt: Pick<Training, 'mayDropLast'>;
  readonly #drops = new Map<Site, boolean | 'maybe'>();

  /** @param mayDrop whether the program gives a flag for that anywhere */
  constructor(mayDrop: boolean) {
    this.doubt = mayDrop ? { mayDropLast: true } : {};
  }

  /** A size that a call makes batches of. */
  add(site: Site | null, drop: boolean | 'maybe'): void {
    if (!site) return;
    const before = this.#drops.get(site) ?? drop;
    this.#drops.set(site, before === drop ? drop : 'maybe');
  }

  of(
    { api, own, dropsLast, insertions, call }: FoundTraining,
    batchSize: Site | null,
  ): Pick<Training, 'dropsLast' | 'mayDropLast' | 'keepsLast'> {
    const drop = dropsLast ?? (batchSize && this.#drops.get(batchSize)) ?? null;
    if (drop === true) return { dropsLast: true };
    if (drop === 'maybe') return { mayDropLast: true };
    if (drop === false) return api.draws ? {} : { keepsLast: true };
    if (this.doubt.mayDropLast) return this.doubt;
    const takesSamples =
      (api.role === 'trains' && arrays.has(api.library)) ||
      (api.library === 'transformers' && api.role === 'settings');
    const sized = own.batchSize !== undefined || insertions.batchSize !== undefined;
    return takesSamples && sized && !call.args.some(({ spread }) => spread)
      ? { keepsLast: true }
      : {};
  }
}
