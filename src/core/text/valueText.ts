import { formatNumberShort, formatSeconds } from './format';

/**
 * Values as sentences carry them: three significant digits are what a measurement is good for, and
 * seconds come with the unit that reads best. Strings, where a unit or trailing zeros belong to the
 * value; numbers are formatted in the person's language where a sentence is shown.
 */

/** `82.3 ms`, `1.98 s`, `4 min 5 s` */
export function seconds(value: number): string {
  return formatSeconds(value, 'en', 3);
}

/** A duration as `tuning.budget` takes it, rounded up: `90 s`, `4 min`, `10 h` */
export function budgetText(value: number): string {
  if (value < 99.5) return `${Math.ceil(value)} s`;
  return value < 7200 ? `${Math.ceil(value / 60)} min` : `${Math.ceil(value / 3600)} h`;
}

/** A loss, an accuracy, a learning rate, a number of samples: three significant digits. */
export function measured(value: number): number {
  return Number(value.toPrecision(3));
}

/** How many times: `2.4`. */
export function times(value: number): number {
  return Number(value.toPrecision(2));
}

/** A learning rate as a sentence has it: `0.00849`, never `8.49e-7` cut short. */
export function rate(value: number): string {
  return formatNumberShort(value, 'en', 4);
}
