import { saysOutOfMemory } from '../../protocol/outOfMemorySigns';
import { OutOfMemoryError, type MemoryMeter } from '../memory/memoryMeter';

/**
 * What an error says about memory: the meter's own, words that are known to mean it, or whatever a
 * kernel did once the device had no more. Null for any other error.
 */
export function outOfMemoryOf(error: unknown, meter: MemoryMeter): OutOfMemoryError | null {
  if (error instanceof OutOfMemoryError) return error;
  if (meter.exhausted()) return new OutOfMemoryError(0, meter.liveBytes(), null);
  return error instanceof Error && saysOutOfMemory(error.message)
    ? new OutOfMemoryError(0, meter.liveBytes(), null, error.message)
    : null;
}
