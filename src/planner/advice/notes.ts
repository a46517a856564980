import { formatBytes } from '../../core/text/format';
import { isMessageId } from '../../core/text/messages';
import type { Text } from '../../core/text/problem';
import type { BackendInfo, DatasetInfo, RenderedText } from '../../core/sweep/result';

/** Told where a data set stays on disk because it does not fit beside the model. */
export function streamingNote(
  { streamedBytes }: DatasetInfo,
  limitBytes: number | null,
): Text | null {
  if (streamedBytes === undefined) return null;
  const data = formatBytes(streamedBytes);
  return limitBytes === null
    ? { id: 'explainStreamed', values: { data } }
    : { id: 'dataStreamed', values: { data, limit: formatBytes(limitBytes) } };
}

/** What the trainer decided when it read the data, as far as there are sentences for it. */
export function readingNotes(notes: readonly RenderedText[]): Text[] {
  return notes.flatMap(({ id, values }) => (isMessageId(id) ? [{ id, values }] : []));
}

/**
 * What a person should know where the measurement was taken on another engine than the one that
 * the workspace trains with: speeds belong to an engine. Null where they are the same, or the
 * workspace names none.
 */
export function otherEngineNote({ name, device, workspaceEngine }: BackendInfo): Text | null {
  if (!workspaceEngine || workspaceEngine.same) return null;
  return {
    id: 'otherEngine',
    values: { package: workspaceEngine.package, engine: workspaceEngine.engine, name, device },
  };
}
