import { OutOfMemoryError, type MemoryMeter } from '../memory/memoryMeter';

/**
 * What an error says about memory: the meter's own, the JavaScript engine's refusal of an array, or
 * whatever a kernel did once the device had no more. Null for any other error.
 */
export function outOfMemoryOf(error: unknown, meter: MemoryMeter): OutOfMemoryError | null {
  if (error instanceof OutOfMemoryError) return error;
  if (meter.exhausted()) return new OutOfMemoryError(0, meter.liveBytes(), null);
  const refused =
    error instanceof RangeError &&
    /allocation failed|array length|out of memory/i.test(error.message);
  return refused ? new OutOfMemoryError(0, meter.liveBytes(), null) : null;
}
