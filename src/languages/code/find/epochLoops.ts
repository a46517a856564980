import { countsUpdates, kindOfName, wordsOf } from '../../names';
import type { Library, SiteKind } from '../../site';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import type { Recorder } from './recorder';
import type { Chunk, Expr, Loop } from '../read/syntax';

const epochWords = new Set(['epoch', 'epochs', 'ep', 'epo']);

/** `for epoch in range(EPOCHS)`: adds the numbers, and returns the loops. */
export function findLoops(recorder: Recorder, { loops }: Chunk, library: Library): Loop[] {
  const found: Loop[] = [];
  for (const loop of loops) {
    const named = wordsOf(loop.variable).some((word) => epochWords.has(word));
    const bound = loop.bound ?? rangeEnd(recorder.program, loop.iterable);
    if (!bound) continue;
    const kind: SiteKind | null = kindOfName(lastName(bound));
    if ((!named && kind !== 'epochs') || countsEpisodes(recorder.program, loop, bound)) continue;
    found.push(loop);
    recorder.addUse('epochs', bound, null, null, library);
  }
  return found;
}

/** `for i in range(NUM_BATCHES)`: a training that goes on for so many updates. */
export function loopsOverUpdates(program: Program, { loops }: Chunk): boolean {
  return loops.some((loop) => {
    const bound = loop.bound ?? rangeEnd(program, loop.iterable);
    const name = bound && lastName(bound);
    return name !== null && kindOfName(name) === null && countsUpdates(name);
  });
}

/** `for ep in range(num_episodes)`: an episode is no pass over samples. */
function countsEpisodes(program: Program, { variable }: Loop, bound: Expr): boolean {
  const isEpisode = (word: string): boolean => word.startsWith('episode');
  if (wordsOf(lastName(bound)).some(isEpisode)) return true;
  const short = !variable.toLowerCase().includes('epo');
  return short && program.callsOf('reset').length > 0 && program.callsOf('step').length > 0;
}

/** N of `range(N)`, `range(1, N + 1)`, `tqdm(range(N))` and `trange(N)`. */
function rangeEnd(program: Program, iterable: Expr | null): Expr | null {
  if (iterable?.type !== 'call') return null;
  const name = lastName(iterable.callee);
  const list = iterable.args.filter(({ keyword, spread }) => keyword === null && !spread);
  const [first, second] = list;
  if (name === 'tqdm' || name === 'master_bar' || name === 'track' || name === 'progress_bar')
    return first ? rangeEnd(program, first.value) : null;
  if (name !== 'range' && name !== 'trange') return null;
  if (!second) return first?.value ?? null;
  const start = first?.value;
  if (start?.type === 'number' && start.value === 0) return second.value;
  const end = second.value;
  if (end.type === 'binary' && end.operator === '+' && end.right.type === 'number') return end.left;
  // `range(start, EPOCHS)` resumes; of literals only the difference counts, which is no literal.
  return end.type === 'number' ? null : end;
}
