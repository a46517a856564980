import { closest, distance } from 'fastest-levenshtein';

/** Spelling variants that mean the same name: `batch_size`, `Batch-Size` and `batchSize`. */
function normalized(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

/**
 * The known name a person most likely meant, or null when none is near: same except for case and
 * separators, or within two fifths of its length in edits.
 */
export function nearest(name: string, known: readonly string[]): string | null {
  const wanted = normalized(name);
  if (wanted === '' || wanted.length > 100) return null;
  const candidates = known.map(normalized);
  const found = closest(wanted, candidates);
  const index = candidates.indexOf(found);
  if (index < 0) return null;
  const shorter = Math.min(wanted.length, found.length);
  const allowed = Math.min(shorter - 1, Math.max(1, Math.round(shorter * 0.4)));
  return distance(wanted, found) <= allowed ? (known[index] ?? null) : null;
}

/** The known name that differs at most in case and separators, or null. */
export function sameName(name: string, known: readonly string[]): string | null {
  const wanted = normalized(name);
  return known.find((candidate) => normalized(candidate) === wanted) ?? null;
}
