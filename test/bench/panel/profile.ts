import type { TraceEvent } from './trace';

/** What Chromium must trace for `profileOf`. */
export const profileCategory = 'disabled-by-default-v8.cpu_profiler';

/** Tasks that are told of. */
const most = 10;

/** A place in the code, by the number that the profile gives it. */
interface Frame {
  readonly id: number;
  readonly parent?: number;
  readonly callFrame: { readonly functionName: string; readonly lineNumber?: number };
}

/** Samples of the stack that the profiler took, one about each millisecond. */
interface Chunk {
  readonly cpuProfile?: { readonly nodes?: readonly Frame[]; readonly samples?: readonly number[] };
  readonly timeDeltas?: readonly number[];
}

interface Sample {
  readonly at: number;
  readonly ms: number;
  /** Names from the innermost function outwards. */
  readonly stack: readonly string[];
}

/** The longest of these tasks, each with what the browser and functions took of it. */
export function profileOf(events: readonly TraceEvent[], tasks: readonly TraceEvent[]): string {
  const samples = samplesOf(events);
  return tasks
    .toSorted((a, b) => (b.tdur ?? 0) - (a.tdur ?? 0))
    .slice(0, most)
    .map((task) => {
      const end = task.ts + (task.dur ?? 0);
      const own = samples.filter(({ at }) => at >= task.ts && at <= end);
      const inner = totals(own.map(({ stack, ms }) => [stack.slice(0, 1), ms]));
      const outer = totals(own.map(({ stack, ms }) => [[...new Set(stack)], ms]));
      return [
        `Task of ${ms(task.dur)} ms (${ms(task.tdur)} of the processor)`,
        `  browser: ${listed(browserTimes(events, task))}`,
        `  functions: ${listed(inner)}`,
        `  with those they call: ${listed(outer)}`,
      ].join('\n');
    })
    .join('\n');
}

/** Milliseconds of the processor by the browser's own events, less those within. */
function browserTimes(events: readonly TraceEvent[], task: TraceEvent): Map<string, number> {
  const end = task.ts + (task.dur ?? 0);
  const within = events
    .filter(
      ({ ph, pid, tid, ts, dur = 0 }) =>
        ph === 'X' && pid === task.pid && tid === task.tid && ts >= task.ts && ts + dur <= end,
    )
    .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  const times = new Map<string, number>();
  const add = (name: string, value: number) => times.set(name, (times.get(name) ?? 0) + value);
  const open: TraceEvent[] = [];
  for (const event of within) {
    while (open.length && event.ts >= endOf(open.at(-1))) open.pop();
    const outer = open.at(-1);
    const own = (event.tdur ?? 0) / 1000;
    if (outer) add(outer.name, -own);
    add(event.name, own);
    open.push(event);
  }
  return times;
}

const endOf = (event: TraceEvent | undefined): number => (event ? event.ts + (event.dur ?? 0) : 0);

function samplesOf(events: readonly TraceEvent[]): readonly Sample[] {
  const paint = events.findLast(({ name }) => name === 'firstContentfulPaint');
  const frames = new Map<number, Frame>();
  const samples: Sample[] = [];
  const begin = events.find(({ name, pid }) => name === 'Profile' && pid === paint?.pid);
  let at = (begin?.args?.data as { startTime?: number } | undefined)?.startTime ?? 0;
  for (const { name, pid, args } of events.toSorted((a, b) => a.ts - b.ts)) {
    if (name !== 'ProfileChunk' || pid !== paint?.pid) continue;
    const { cpuProfile, timeDeltas = [] } = (args?.data ?? {}) as Chunk;
    for (const frame of cpuProfile?.nodes ?? []) frames.set(frame.id, frame);
    for (const [index, id] of (cpuProfile?.samples ?? []).entries()) {
      const delta = timeDeltas[index] ?? 0;
      at += delta;
      samples.push({ at, ms: delta / 1000, stack: stackOf(id, frames) });
    }
  }
  return samples;
}

function stackOf(id: number, frames: ReadonlyMap<number, Frame>): readonly string[] {
  const stack: string[] = [];
  for (let frame = frames.get(id); frame; frame = frames.get(frame.parent ?? -1)) {
    const { functionName, lineNumber } = frame.callFrame;
    stack.push(`${functionName === '' ? 'anonymous' : functionName}:${lineNumber ?? 0}`);
  }
  return stack;
}

function totals(
  parts: readonly (readonly [names: readonly string[], ms: number])[],
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [names, value] of parts)
    for (const name of names) sums.set(name, (sums.get(name) ?? 0) + value);
  return sums;
}

function listed(times: ReadonlyMap<string, number>): string {
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 24)
    .filter(([, value]) => value >= 0.5)
    .map(([name, value]) => `${name} ${value.toFixed(1)}`)
    .join(', ');
}

const ms = (microseconds = 0): string => (microseconds / 1000).toFixed(0);
