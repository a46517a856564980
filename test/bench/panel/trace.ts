/** An event of Chromium's trace; times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string };
}

/** From the page's navigation to its first content on the screen. */
export function millisecondsToFirstPaint(events: readonly TraceEvent[]): number {
  const paint = events.findLast(({ name }) => name === 'firstContentfulPaint');
  const begin = events.findLast(
    ({ name, ts, pid }) => name === 'navigationStart' && pid === paint?.pid && ts <= paint.ts,
  );
  if (!paint || !begin) throw new Error('The trace has no first paint.');
  return (paint.ts - begin.ts) / 1000;
}

/** Tasks of the page's main thread in the last so many milliseconds, longest first. */
export function longestTasks(events: readonly TraceEvent[], lastMs: number): readonly number[] {
  const paint = events.findLast(({ name }) => name === 'firstContentfulPaint');
  const main = events.find(
    ({ name, args, pid }) =>
      name === 'thread_name' && args?.name === 'CrRendererMain' && pid === paint?.pid,
  );
  if (!main) throw new Error('The trace has no main thread.');
  const own = events.filter(
    ({ name, ph, pid, tid }) =>
      name === 'RunTask' && ph === 'X' && pid === main.pid && tid === main.tid,
  );
  const end = own.reduce((latest, { ts, dur = 0 }) => Math.max(latest, ts + dur), 0);
  return own
    .filter(({ ts }) => ts >= end - lastMs * 1000)
    .map(({ dur = 0 }) => dur / 1000)
    .sort((a, b) => b - a);
}
