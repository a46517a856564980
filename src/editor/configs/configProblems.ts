import { createReadStream } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse';
import { separators } from '../../config/dataSchema';
import { pointerRange, type TextRange } from '../../config/jsonText';
import { parseConfig, withPosition } from '../../config/parseConfig';
import { checkConfig, type CheckedConfig } from '../../config/readConfig';
import { nearest } from '../../core/text/nearest';
import { problem, type Problem } from '../../core/text/problem';

/** A problem of a config's text with the stretch that it marks. */
export interface PlacedProblem {
  readonly problem: Problem;
  readonly severity: 'error' | 'warning';
  /** Null where only line and column are known. */
  readonly range: Pick<TextRange, 'offset' | 'length'> | null;
  /** An editor with the JSON schema marks it already. */
  readonly schemaToo: boolean;
  /** What to write in the range's place; null where that is not known. */
  readonly fix: string | null;
}

/**
 * All that is wrong in a config: its text, its paths, and the names of columns that its table does
 * not have. Nothing is run.
 * @param file absolute path
 * @param root folder that paths may not leave
 */
export async function configProblems(
  text: string,
  file: string,
  root: string | undefined,
): Promise<readonly PlacedProblem[]> {
  const parsed = parseConfig(text, file);
  if (!parsed.config)
    return parsed.problems.map((each) => ({
      problem: each,
      severity: 'error',
      range: each.range,
      schemaToo: each.schemaToo,
      fix: fixOf(each),
    }));
  const checked = await checkConfig(text, file, root);
  const placed =
    (severity: PlacedProblem['severity']) =>
    (each: Problem): PlacedProblem => ({
      problem: each,
      severity,
      range: (each.place?.pointer && pointerRange(text, each.place.pointer)) ?? null,
      schemaToo: false,
      fix: fixOf(each),
    });
  if (!checked.ok) return checked.problems.map(placed('error'));
  const columns = await columnProblems(checked);
  return [
    ...columns.map((each) => withPosition(each, text, file)).map(placed('error')),
    ...checked.warnings.map(placed('warning')),
  ];
}

function fixOf({ values }: Problem): string | null {
  const { nearest: near } = values;
  return typeof near === 'string' ? JSON.stringify(near) : null;
}

/** Labels and features that the header of a table does not name. */
async function columnProblems({ config, paths, file }: CheckedConfig): Promise<Problem[]> {
  const { data } = config;
  if (data === undefined) return [];
  const { label, features = [] } = data;
  if (paths.train === null || !/\.(csv|tsv)$/i.test(paths.train)) return [];
  if (label === undefined && features.length === 0) return [];
  const names = await columnsOf(paths.train).catch(() => null);
  // A lone column is a separator that was not found: the trainer says more about that.
  if (names === null || names.length < 2) return [];
  const missing = (
    name: string,
    reason: 'dataLabelNotFound' | 'dataFeatureNotFound',
    pointer: readonly (string | number)[],
  ): Problem[] => {
    if (names.includes(name)) return [];
    const near = nearest(name, names);
    const values = {
      path: path.basename(data.train),
      kind: 'column',
      name,
      known: names
        .slice(0, 20)
        .map((each) => `"${each}"`)
        .join(', '),
    };
    const place = { file, pointer };
    return near === null
      ? [problem(reason, values, place)]
      : [problem(`${reason}Nearest`, { ...values, nearest: near }, place)];
  };
  return [
    ...(label === undefined ? [] : missing(label, 'dataLabelNotFound', ['data', 'label'])),
    ...features.flatMap((name, index) =>
      missing(name, 'dataFeatureNotFound', ['data', 'features', index]),
    ),
  ];
}

/** The names in a table's first line. */
async function columnsOf(file: string): Promise<string[]> {
  const options = { bom: true, to_line: 1, trim: true, relax_column_count: true };
  const likely = /\.tsv$/i.test(file) ? [separators.tab] : Object.values(separators);
  let most: string[] = [];
  for (const delimiter of likely.filter((each) => each !== 'blanks')) {
    const head = createReadStream(file, { end: 64 * 2 ** 10 }).pipe(
      parse({ ...options, delimiter }),
    );
    for await (const names of head as AsyncIterable<string[]>) {
      if (names.length > most.length) most = names;
      break;
    }
  }
  return most;
}
