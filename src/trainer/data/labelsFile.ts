import { readUnpacked } from './fileBytes';
import { isIdx, parseIdx } from './idx';
import { isNpy, parseNpy } from './npy';
import { dataKey, refuse, type RawLabels, type Source } from './rawData';

/** Reads labels that are a file of their own: IDX or NPY, told apart by their first bytes. */
export async function readLabelsFile(source: Source): Promise<RawLabels> {
  const { labelsFile } = source;
  if (labelsFile === null) {
    const values = { path: source.name, key: source.labelsKey };
    return refuse('dataLabelsFileMissing', values, dataKey(source, source.key));
  }
  const bytes = await readUnpacked(labelsFile, source);
  const place = { file: labelsFile };
  if (isNpy(bytes)) return parseNpy(bytes, source.labelsKey, place);
  if (isIdx(bytes)) return parseIdx(bytes, source.labelsKey, place);
  return refuse('dataFormatUnknown', { path: labelsFile }, dataKey(source, source.labelsKey));
}
