/** An event of Chromium's trace; times in microseconds, by the clock and of its thread's processor. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly tts?: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string; readonly data?: { readonly url?: string } };
}

/** Milliseconds by the clock, and those in which the thread had a processor: of a busy machine too. */
export interface Duration {
  readonly wall: number;
  readonly processor: number;
}

const durationOf = ({ dur = 0, tdur = dur }: TraceEvent): Duration => ({
  wall: dur / 1000,
  processor: tdur / 1000,
});

/**
 * What the page itself takes from its navigation to its first content on the screen. The time in
 * which the bench brings the sweep to it is left out: in VS Code that is one message.
 */
export function timeToFirstPaint(events: readonly TraceEvent[]): Duration {
  const { wall, tasks } = wayToFirstPaint(events);
  return { wall, processor: tasks.reduce((sum, task) => sum + durationOf(task).processor, 0) };
}

/** @see timeToFirstPaint */
export function wayToFirstPaint(events: readonly TraceEvent[]): {
  readonly wall: number;
  readonly tasks: readonly TraceEvent[];
} {
  const paint = events.findLast(({ name }) => name === 'firstContentfulPaint');
  const last = (wanted: string, before: number) =>
    events.findLast(({ name, ts, pid }) => name === wanted && pid === paint?.pid && ts <= before);
  const begin = paint && last('navigationStart', paint.ts);
  const message = paint && last('HandlePostMessage', paint.ts);
  const script = events.findLast(
    ({ name, args, pid }) =>
      name === 'EvaluateScript' && pid === paint?.pid && args?.data?.url?.endsWith('/webview.js'),
  );
  if (!paint || !begin || !message || !script) throw new Error('The trace has no first paint.');
  const loaded = script.ts + (script.dur ?? 0);
  return {
    wall: (loaded - begin.ts + paint.ts - message.ts) / 1000,
    tasks: tasksOf(events, paint).filter(
      ({ ts }) => (ts >= begin.ts && ts < loaded) || (ts >= message.ts && ts < paint.ts),
    ),
  };
}

/** Tasks of the page's main thread after its first paint, longest first. */
export function longestTasks(events: readonly TraceEvent[]): readonly Duration[] {
  return longestTaskEvents(events).map(durationOf);
}

export function longestTaskEvents(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const paint = events.findLast(({ name }) => name === 'firstContentfulPaint');
  if (!paint) throw new Error('The trace has no first paint.');
  return tasksOf(events, paint)
    .filter(({ ts }) => ts >= paint.ts)
    .sort((a, b) => (b.dur ?? 0) - (a.dur ?? 0));
}

/** Tasks of the main thread of the page that painted. */
function tasksOf(events: readonly TraceEvent[], paint: TraceEvent): readonly TraceEvent[] {
  const main = events.find(
    ({ name, args, pid }) =>
      name === 'thread_name' && args?.name === 'CrRendererMain' && pid === paint.pid,
  );
  if (!main) throw new Error('The trace has no main thread.');
  return events.filter(
    ({ name, ph, pid, tid }) =>
      name === 'RunTask' && ph === 'X' && pid === main.pid && tid === main.tid,
  );
}
