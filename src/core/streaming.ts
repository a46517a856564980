import { formatBytes } from './format';
import type { Text } from './problem';
import type { DatasetInfo } from './result';

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
