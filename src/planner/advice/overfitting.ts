import { centredMedians } from '../../core/sweep/curve';
import type { LossPoint } from '../../core/sweep/result';

interface Overfitting {
  /** Where the validation loss was least. */
  readonly epoch: number;
  readonly least: number;
  /** The validation loss at the end. */
  readonly last: number;
}

/** The rise that counts, as a share of the least loss: less is noise. */
const rise = 0.03;
const fewestPoints = 6;

/**
 * Validation loss that rose while the training loss went on falling; null where it did not, or
 * where there are too few points. Medians of three, so that one evaluation proves nothing.
 */
export function overfitting(points: readonly LossPoint[]): Overfitting | null {
  const known = points.flatMap(({ epoch, train, validation }) =>
    train === null || validation === null ? [] : [{ epoch, train, validation }],
  );
  if (known.length < fewestPoints) return null;
  const validation = centredMedians(known.map((point) => point.validation)).slice(0, -1);
  const train = centredMedians(known.map((point) => point.train)).slice(0, -1);
  const turn = validation.reduce((a, value, i) => (value < (validation[a] ?? 0) ? i : a), 0);
  const [least, last] = [validation[turn] ?? 0, validation.at(-1) ?? 0];
  const after = validation.length - 1 - turn;
  if (after < 2 || last < least * (1 + rise) || least <= 0) return null;
  if ((train.at(-1) ?? 0) >= (train[turn] ?? 0)) return null;
  return { epoch: known[turn]?.epoch ?? 0, least, last };
}
