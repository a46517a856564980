import * as z from 'zod';
import { parseBytes } from './units';

const largestFraction = 0.95;

/** What stays free on a device: a fraction of what is free, or bytes. */
export const memoryMarginSchema = z.union([
  z.object({ fraction: z.number().min(0).max(largestFraction) }),
  z.object({ bytes: z.number().nonnegative() }),
]);
export type MemoryMargin = z.infer<typeof memoryMarginSchema>;

/** The environment variable that the terminal reads it from where no flag gives it. */
export const memoryMarginVariable = 'BATCHWISE_MEMORY_MARGIN';

/**
 * A margin as people write it: `"20%"` of what is free, a size such as `"1 GB"`, or `"0"` for none.
 * Null when it is neither, or leaves less than a twentieth.
 */
export function parseMemoryMargin(text: string): MemoryMargin | null {
  const percent = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text)?.[1];
  if (percent !== undefined) {
    const fraction = Number(percent) / 100;
    return fraction <= largestFraction ? { fraction } : null;
  }
  if (/^\s*0\s*$/.test(text)) return { bytes: 0 };
  const bytes = parseBytes(text);
  return bytes === null ? null : { bytes };
}

/** Bytes that a margin leaves of those that are free; never negative. */
export function withoutMargin(freeBytes: number, margin: MemoryMargin): number {
  const kept = 'fraction' in margin ? freeBytes * margin.fraction : margin.bytes;
  return Math.max(0, Math.floor(freeBytes - kept));
}
