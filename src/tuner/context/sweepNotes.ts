import { isMessageId } from '../../core/text/messages';
import type { Text } from '../../core/text/problem';
import type { RenderedText, Trial } from '../../core/sweep/result';
import {
  busyNote,
  otherEngineNote,
  streamingNote,
  targetFarNote,
  warmUpNote,
} from '../../planner/advice/notes';
import { startingPoint } from '../../planner/advice/slowModel';
import { withEnglish } from '../../core/sweep/renderedText';
import type { Prepared } from '../../protocol/trainer';
import type { Findings } from './findings';

/** What a person should know of model, data and device before anything trains. */
export function notesAtStart(prepared: Prepared, limitBytes: number | null): readonly Text[] {
  const { notes = [], backend, dataset } = prepared;
  const device = [otherEngineNote(backend), streamingNote(dataset, limitBytes)];
  return [...known(notes), ...device.filter((note) => note !== null)];
}

/** What the reader decided for the person; only explain and the result list it. */
export function notesOfReading({ reading }: Prepared): readonly Text[] {
  return known(reading?.notes ?? []);
}

/** What a person should know of the measurements that a sweep ends with. */
export function notesAtEnd(
  findings: Findings,
  trials: readonly Trial[],
  seed: number,
): readonly Text[] {
  return [
    busyNote(findings.timing),
    warmUpNote(trials),
    targetFarNote(findings.target, findings.startOf(seed), trials),
  ].filter((note) => note !== null);
}

/** There is no size to start from where none fits, and none to blame where all diverged. */
const withoutStart = new Set(['nothingFits', 'nothingFitsUnknownLimit', 'allDiverged']);

/**
 * The notes of a result: first why no size is recommended, where none is, and one to start from
 * until then.
 */
export function notesOfResult(
  why: RenderedText | null,
  notes: readonly Text[],
  trials: readonly Trial[],
  { modelType, dataset }: Prepared,
): RenderedText[] {
  const others = notes.map(withEnglish).filter(({ id }) => id !== why?.id);
  if (!why) return others;
  const start = withoutStart.has(why.id) ? null : startingPoint(modelType, dataset.samples, trials);
  return [why, ...(start ? [withEnglish(start)] : []), ...others];
}

/** Those that there are sentences for: a trainer may be of another version. */
function known(notes: readonly Pick<RenderedText, 'id' | 'values'>[]): Text[] {
  return notes.flatMap(({ id, values }) => (isMessageId(id) ? [{ id, values }] : []));
}
