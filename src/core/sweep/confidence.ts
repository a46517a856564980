import * as z from 'zod';
import type { Text } from '../text/problem';

/** Why a size says nothing about the recommended one. */
const whyNotCompared = [
  /** It was measured, but not trained to be compared. */
  'probed',
  /** Its share of the budget ended first. */
  'budget',
  'out-of-memory',
  'diverged',
  'failed',
] as const;

/** A size against the recommended one. */
const sizeComparisonSchema = z.object({
  batchSize: z.number().int().positive(),
  /** Seeds with which both were trained. */
  seeds: z.number().int().positive(),
  /** Its seconds over those of the recommended size; where it was stopped, at least so many. */
  times: z.number().positive(),
  /** 95% interval of the same; no upper end where it was stopped before it reached the target. */
  interval: z.tuple([z.number().nonnegative(), z.number().nullable()]),
});

/** How sure a recommendation is: what it was compared with, and what came of it. */
export const confidenceSchema = z.object({
  /** True when no other size is likely (95%) to be more than 5% faster. */
  isSure: z.boolean(),
  /** Sizes that it beat: even the low end of their interval is above 1. */
  beat: z.array(sizeComparisonSchema),
  /** Sizes that do not differ clearly from it. */
  tied: z.array(sizeComparisonSchema),
  notCompared: z.array(
    z.object({ batchSize: z.number().int().positive(), why: z.enum(whyNotCompared) }),
  ),
});

export type WhyNotCompared = (typeof whyNotCompared)[number];
export type SizeComparison = z.infer<typeof sizeComparisonSchema>;
export type Confidence = z.infer<typeof confidenceSchema>;

/** The reasons that say how sure a recommendation is, of which each has one at most. */
export const confidenceIds: ReadonlySet<string> = new Set([
  'confidenceSure',
  'confidenceBeat',
  'confidenceTied',
  'confidenceNotCompared',
  'onlyOneReached',
  'estimateOnly',
]);

/** How sure a recommendation is, in one sentence; null where no other size ran. */
export function confidenceText({ isSure, beat, tied, notCompared }: Confidence): Text | null {
  const stopped = notCompared.filter(({ why }) => why === 'budget');
  if (isSure && beat.length > 0) return { id: 'confidenceSure', values: { sizes: namesOf(beat) } };
  if (tied.length > 0) return { id: 'confidenceTied', values: { sizes: namesOf(tied) } };
  if (stopped.length > 0) {
    return { id: 'confidenceNotCompared', values: { sizes: namesOf(stopped) } };
  }
  return beat.length > 0 ? { id: 'confidenceBeat', values: { sizes: namesOf(beat) } } : null;
}

function namesOf(sizes: readonly { readonly batchSize: number }[]): string {
  return sizes
    .map(({ batchSize }) => batchSize)
    .toSorted((a, b) => a - b)
    .join(', ');
}
