import { readArrayFile } from './fileBytes';
import { isIdx, parseIdx } from './idx';
import { isNpy, parseNpy } from './npy';
import { dataKey, refuse, type RawLabels, type Source } from './rawData';

/** The file of labels that the config names; refused where it names none. */
export function labelsFileOf(source: Source): string {
  if (source.labelsFile !== null) return source.labelsFile;
  const values = { path: source.name, key: source.labelsKey };
  return refuse('dataLabelsFileMissing', values, dataKey(source, source.key));
}

/** Reads labels from a file of their own: IDX or NPY, distinguished by their first bytes. */
export async function readLabelsFile(source: Source): Promise<RawLabels> {
  const labelsFile = labelsFileOf(source);
  const bytes = await readArrayFile(labelsFile, source.labelsKey, source);
  const place = { file: labelsFile };
  if (isNpy(bytes)) return parseNpy(bytes, source.labelsKey, place);
  if (isIdx(bytes)) return parseIdx(bytes, source.labelsKey, place);
  return refuse('dataFormatUnknown', { path: labelsFile }, dataKey(source, source.labelsKey));
}
