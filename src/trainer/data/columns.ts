import type { MessageId } from '../../core/text/messages';
import { nearest } from '../../core/text/nearest';
import { dataKey, listed, refuse, type Source } from './rawData';

/** What a named part of a data file is called, for sentences. */
export type Part = 'column' | 'key' | 'array';

/** Which of a file's columns (keys, arrays) are features and which is the label. */
export interface Selection {
  readonly features: readonly string[];
  /** Null where labels come from a file of their own. */
  readonly label: string | null;
}

/**
 * Chooses features and label as the config says: by default every usable part beside the label.
 * A label or feature that is not there is refused, with the nearest one.
 * @param usable the parts to train on where the config names none, given the label's
 */
export function selectParts(
  source: Source,
  part: Part,
  names: readonly string[],
  usable: (label: string | null) => readonly string[],
): Selection {
  const label = selectLabel(source, part, names);
  const features = source.features ?? usable(label);
  for (const [index, name] of (source.features ?? []).entries()) {
    const place = dataKey(source, 'features', index);
    if (!names.includes(name)) {
      refuseMissing(source, part, name, names, 'dataFeatureNotFound', place);
    }
    if (name === label && source.options.window === undefined)
      refuse('dataFeatureIsLabel', { name }, place);
    if (features.indexOf(name) !== index) refuse('dataFeatureTwice', { name }, place);
  }
  if (features.length === 0) {
    const values = { path: source.name, kind: part, known: listed(names) };
    refuse('dataNoFeatures', values, dataKey(source, source.key));
  }
  return { features, label };
}

function selectLabel(source: Source, part: Part, names: readonly string[]): string | null {
  if (source.labelsFile !== null || source.outputs) return null;
  const { label } = source;
  if (label === undefined) {
    const values = { path: source.name, kind: part, known: listed(names) };
    return refuse('dataLabelMissing', values, dataKey(source, source.key));
  }
  if (names.includes(label)) return label;
  return refuseMissing(source, part, label, names, 'dataLabelNotFound', dataKey(source, 'label'));
}

function refuseMissing(
  source: Source,
  part: Part,
  name: string,
  names: readonly string[],
  reason: 'dataLabelNotFound' | 'dataFeatureNotFound',
  place: Parameters<typeof refuse>[2],
): never {
  const near = nearest(name, names);
  const values = { path: source.name, kind: part, name, known: listed(names) };
  if (near === null) return refuse(reason, values, place);
  const withNearest: MessageId = `${reason}Nearest`;
  return refuse(withNearest, { ...values, nearest: near }, place);
}
