import type { Place } from '../../../core/text/problem';
import {
  NumberSurvey,
  checkLabelCount,
  checkLabelShape,
  encodeNumber,
  textEncodings,
  type LabelCode,
  type LabelFacts,
} from '../labels';
import { product } from '../rawData';
import { eachPiece } from './passes';
import type { RawRecords, RecordLabels } from './rawRecords';

/** What deciding about labels takes to know of those on disk. */
export async function surveyOf(labels: RecordLabels): Promise<LabelFacts> {
  if (labels.kind === 'texts') {
    return { kind: 'texts', names: labels.names, count: labels.records.count };
  }
  const { shape, records } = labels;
  const survey = new NumberSurvey(shape.at(-1) ?? 1);
  await eachPiece(records, ({ values }) => {
    survey.add(values);
  });
  return { kind: 'numbers', shape, survey: () => survey };
}

/**
 * Checks every label and returns what each becomes.
 * @returns pairs of what the file holds and its encoding; null where numbers stay as they are
 */
export async function encodingsOf(
  { labels, count }: RawRecords,
  code: LabelCode,
  place: Place,
): Promise<readonly (readonly [number, number])[] | null> {
  checkLabelCount(labels.records.count, count, place);
  if (labels.kind === 'texts') {
    const firstSample = (index: number) => labels.firstSamples[index] ?? 1;
    return textEncodings(labels.names, firstSample, code, place).map((to, from) => [from, to]);
  }
  checkLabelShape(labels.shape, code, place);
  const width = product(code.shape);
  const encodings = new Map<number, number>();
  await eachPiece(labels.records, ({ first, values }) => {
    values.forEach((value, index) => {
      const sample = first + Math.floor(index / width) + 1;
      const encoded = encodeNumber(value, sample, code, place);
      if (code.indexOf) encodings.set(value, encoded);
    });
  });
  return code.indexOf ? [...encodings] : null;
}
