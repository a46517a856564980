import { formatSeconds } from '../text/format';
import type { Text } from '../text/problem';

/**
 * How long a sweep takes still, as far as that is known: an estimate, else what its budget leaves,
 * which is a limit and no estimate. Null where nothing tells.
 * @param tag BCP 47 tag
 */
export function timeLeftText(
  progress: {
    readonly secondsLeft: number | null;
    readonly mostSecondsLeft?: number | null | undefined;
  },
  tag: string,
): Text | null {
  const { secondsLeft, mostSecondsLeft = null } = progress;
  const said = (id: Text['id'], seconds: number) => ({
    id,
    values: { time: formatSeconds(rough(seconds), tag) },
  });
  if (secondsLeft !== null) return said('timeLeftAbout', secondsLeft);
  return mostSecondsLeft === null ? null : said('timeLeftAtMost', mostSecondsLeft);
}

/** As coarse as an estimate is, so that it does not count every second. */
function rough(seconds: number): number {
  const step = seconds < 10 ? 1 : seconds < 60 ? 5 : 10;
  return Math.max(1, step * Math.ceil(seconds / step));
}
