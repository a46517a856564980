/** An event of Chromium's trace; times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string; readonly data?: { readonly url?: string } };
}

/**
 * What the page itself takes from its navigation to its first content on the screen. The time in
 * which the bench brings the sweep to it is left out: in VS Code that is one message.
 */
export function millisecondsToFirstPaint(events: readonly TraceEvent[]): number {
  const paint = events.findLast(({ name }) => name === 'firstContentfulPaint');
  const last = (wanted: string, before: number) =>
    events.findLast(({ name, ts, pid }) => name === wanted && pid === paint?.pid && ts <= before);
  const begin = paint && last('navigationStart', paint.ts);
  const message = paint && last('HandlePostMessage', paint.ts);
  const script = events.findLast(
    ({ name, args, pid }) =>
      name === 'EvaluateScript' && pid === paint?.pid && args?.data?.url?.endsWith('/webview.js'),
  );
  if (!begin || !message || !script) throw new Error('The trace has no first paint.');
  const loading = script.ts + (script.dur ?? 0) - begin.ts;
  return (loading + paint.ts - message.ts) / 1000;
}

/** Tasks of the page's main thread after its first paint, in milliseconds, longest first. */
export function longestTasks(events: readonly TraceEvent[]): readonly number[] {
  const paint = events.findLast(({ name }) => name === 'firstContentfulPaint');
  const main = events.find(
    ({ name, args, pid }) =>
      name === 'thread_name' && args?.name === 'CrRendererMain' && pid === paint?.pid,
  );
  if (!paint || !main) throw new Error('The trace has no first paint, or no main thread.');
  return events
    .filter(
      ({ name, ph, pid, tid, ts }) =>
        name === 'RunTask' && ph === 'X' && pid === main.pid && tid === main.tid && ts >= paint.ts,
    )
    .map(({ dur = 0 }) => dur / 1000)
    .sort((a, b) => b - a);
}
