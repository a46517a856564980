import type { Text } from '../../../core/text/problem';
import { selectParts, type Part } from '../columns';
import { dataKey, listed, product, refuse, shapeText, wantsNumbers, type Source } from '../rawData';
import type { ColumnSurvey } from './columnSurvey';
import type { TextLookup } from '../../../core/model/topology/textLookup';
import { usualWords, type WordCounts } from './words';
import type {
  ColumnReport,
  Encoding,
  PlannedColumn,
  PlannedLabel,
  TablePlan,
  TableWindow,
} from './plan';

/** The text that stands for a missing value among categories. */
export const missingCategory = '';
/** More values than this are not categories: names, free text. */
const mostCategories = 50;
/** Names of columns that only number the rows; other columns that count are used. */
const idName =
  /^(?:#|id|idx|index|no\.?|nr\.?|num|number|row|rows|rownames?|row[_ ]?(?:id|num|number)|s\.? ?no\.?|sr\.? ?no\.?|serial.*|record|instant|key|unnamed.*|__index_level_\d+__|.*[_ ]id|.*[a-z]I[dD])$/i;
/** Names of columns that hold an id. */
const namesId = /^(?:u?u?id|.*[_ .-]id)$/i;
const namesIdInside = /[a-z]I[dD]$/;

/** What names a row, such as "1-01" for a month. */
const rowName = /^(?=.*\d)\S{1,20}$/;
/** Rows of a sample of a series, where neither config nor model say how many. */
const usualRows = 12;

type Mode = 'oneHot' | 'ordinal' | 'ignore';

/** Decides from whole columns what the table's samples are. Every decision is a note. */
export class TablePlanner {
  readonly #source: Source;
  readonly #part: Part;
  readonly #surveys: readonly ColumnSurvey[];
  readonly #hasHeader: boolean;
  readonly notes: Text[] = [];
  readonly #byName: ReadonlyMap<string, ColumnSurvey>;
  #window: TableWindow | null;

  constructor(source: Source, part: Part, surveys: readonly ColumnSurvey[], hasHeader: boolean) {
    this.#source = source;
    this.#part = part;
    this.#surveys = surveys;
    this.#hasHeader = hasHeader;
    this.#window = source.options.window ?? null;
    this.#byName = new Map(surveys.map((survey) => [survey.name, survey]));
  }

  plan(): TablePlan {
    const source = this.#source;
    const surveys = this.#surveys;
    const names = surveys.map(({ name }) => name);
    const { label, features } = selectParts(source, this.#part, names, (labelName) => {
      const usable = this.#usable(labelName);
      if (usable.length > 0 || labelName === null || !this.#isSeries(labelName)) return usable;
      this.#window = this.#usualWindow();
      this.notes.push({ id: 'dataNoteSeries', values: { column: labelName } });
      return [labelName];
    });
    const columns = features.map((name) => this.#column(name));
    this.#tell(features, columns, label);
    return {
      hasHeader: this.#hasHeader,
      columns,
      label: label === null ? null : this.#label(label),
      window: this.#window,
    };
  }

  /** Whether a column of numbers stands beside nothing but what counts or names its rows. */
  #isSeries(name: string): boolean {
    const survey = this.#byName.get(name);
    if (survey?.type !== 'number' || survey.oddCells > 0) return false;
    const { loss } = this.#source;
    if (loss !== null && !wantsNumbers(loss)) return false;
    return this.#surveys.every(
      ({ name: other, type, odd }) =>
        other === name || type === 'empty' || (type === 'text' && rowName.test(odd?.cell ?? '')),
    );
  }

  /** As many rows as the model takes, where its file says so. */
  #usualWindow(): TableWindow {
    const [rows] = this.#source.inputShape ?? [];
    const [{ rows: count } = { rows: 0 }] = this.#surveys;
    return { size: rows ?? Math.max(1, Math.min(usualRows, Math.floor(count / 5))), ahead: 1 };
  }

  reports({ columns, label }: TablePlan): ColumnReport[] {
    const used = new Set(columns.map(({ name }) => name));
    return this.#surveys.map((survey) => ({
      name: survey.name,
      type: survey.type,
      use: survey.name === label?.name ? 'label' : used.has(survey.name) ? 'feature' : 'unused',
      missing: survey.missingValues,
    }));
  }

  /** The columns that are features where the config names none. */
  #usable(label: string | null): string[] {
    // A series is learnt from its own past.
    const isSeries = this.#source.options.window !== undefined;
    const others = this.#surveys.filter(({ name }) => name !== '' && (name !== label || isSeries));
    const texts = others.filter(({ words, type }) => words !== null && type === 'text');
    const length = ({ words }: ColumnSurvey) => words?.usualLength ?? 0;
    const [text] = texts.sort((one, other) => length(other) - length(one));
    if (text) return [text.name];
    if (this.#source.lookup && others.some(({ type }) => type === 'text'))
      return others.filter(({ type }) => type === 'text').map(({ name }) => name);
    const numeric = others.filter((survey) => this.#isNumeric(survey));
    const kept = numeric.filter((survey) => !this.#isId(survey));
    const categories = others.filter((survey) => this.#isCategory(survey));
    const dates = others.filter(({ type }) => type === 'date');
    const arrays = others.filter(({ type }) => type === 'array');
    const inArrays = arrays.reduce((total, { shape }) => total + product(shape ?? []), 0);
    // A model may have been made for the ids, too.
    const found = kept.length === 0 || this.#fits(numeric.length + inArrays) ? numeric : kept;
    const mode = this.#chosenMode(
      [...found, ...arrays].length === 0,
      found.length + inArrays,
      categories,
    );
    const { dates: asked } = this.#source.options;
    const withDates =
      asked === 'number' ||
      (asked === 'auto' &&
        found.length + arrays.length === 0 &&
        (mode === 'ignore' || categories.length === 0));
    return others
      .filter(
        (survey) =>
          found.includes(survey) ||
          arrays.includes(survey) ||
          (withDates && dates.includes(survey)) ||
          (mode !== 'ignore' && categories.includes(survey)),
      )
      .map(({ name }) => name);
  }

  #isNumeric({ type }: ColumnSurvey): boolean {
    return type === 'number' || type === 'boolean';
  }

  #isId(survey: ColumnSurvey): boolean {
    const { name, isRowNumber, isUniqueInteger } = survey;
    if (isRowNumber && idName.test(name)) return true;
    return isUniqueInteger && (namesId.test(name) || namesIdInside.test(name));
  }

  #fits(width: number): boolean {
    const { inputShape } = this.#source;
    return inputShape !== null && product(inputShape) === width;
  }

  /** Texts of which few stand for many rows. */
  #isCategory({ type, distinct, rows, missing }: ColumnSurvey): boolean {
    if (type !== 'text' || distinct === null || distinct.size > mostCategories) return false;
    return distinct.size <= Math.max(2, (rows - missing) / 2);
  }

  /**
   * What texts become where the config leaves it open: used where the model's input has the width
   * that they give, or where nothing else is there to learn from.
   */
  #chosenMode(alone: boolean, width: number, categories: readonly ColumnSurvey[]): Mode {
    const { categories: asked } = this.#source.options;
    if (asked !== 'auto') return asked;
    const spread = categories.reduce((total, survey) => total + categoriesOf(survey).length, 0);
    return alone || (spread > 0 && this.#fits(width + spread)) ? 'oneHot' : 'ignore';
  }

  #column(name: string): PlannedColumn {
    const survey = this.#byName.get(name);
    if (!survey) throw new Error(`No column ${name}.`);
    const { type } = survey;
    const of = (encoding: Encoding, width = 1, fill = survey.mean): PlannedColumn => ({
      name,
      encoding,
      fill,
      width,
    });
    switch (type) {
      case 'number':
        return of({ kind: 'number', style: survey.style });
      case 'boolean':
        return of({ kind: 'boolean' });
      case 'date':
        return of({ kind: 'date', order: survey.dateOrder });
      case 'array': {
        const shape = this.#shapeOf(survey);
        return of({ kind: 'array', shape }, product(shape), 0);
      }
      case 'text': {
        if (this.#source.lookup && !this.#source.outputs?.has(name))
          return this.#lookedUp(survey, this.#source.lookup);
        if (survey.words !== null) return this.#tokens(survey, survey.words);
        if (survey.distinct === null || survey.distinct.size > mostCategories * 4)
          return this.#refuseTexts(name, survey);
        const values = categoriesOf(survey);
        // Rows without a label are left out.
        if (this.#source.outputs?.has(name))
          return of({ kind: 'ordinal', values: values.filter((v) => v !== missingCategory) }, 1, 0);
        // Texts that are named as features are used in any case.
        return this.#source.options.categories === 'ordinal'
          ? of({ kind: 'ordinal', values }, 1, 0)
          : of({ kind: 'oneHot', values }, values.length, 0);
      }
      case 'empty':
        return refuse('dataColumnEmpty', { column: name, kind: this.#part }, this.#placeOf(name));
      case 'other':
        return refuse('dataColumnOther', { column: name, kind: this.#part }, this.#placeOf(name));
    }
  }

  #tokens({ name }: ColumnSurvey, words: WordCounts): PlannedColumn {
    const { options, inputShape } = this.#source;
    const [only] = inputShape?.length === 1 ? inputShape : [];
    const length = options.text?.length ?? only ?? words.usualLength;
    const vocabulary = words.vocabulary(options.text?.vocabulary ?? Infinity);
    const shared = { vocabulary, length, rule: usualWords, layer: null };
    const encoding = { kind: 'tokens', ...shared } as const;
    return { name, encoding, fill: 0, width: length };
  }

  #lookedUp({ name, words }: ColumnSurvey, lookup: TextLookup): PlannedColumn {
    const { vocabulary, rule, layer } = lookup;
    const length = lookup.length ?? words?.usualLength ?? 1;
    const encoding = { kind: 'tokens', vocabulary, length, rule, layer } as const;
    return { name, encoding, fill: 0, width: length };
  }

  #shapeOf({ name, shape, otherShape }: ColumnSurvey): readonly number[] {
    if (otherShape !== null) {
      const { file } = this.#source;
      const { line, shape: found } = otherShape;
      const values = {
        key: name,
        found: found === null ? '[…]' : shapeText(found),
        expected: shapeText(shape ?? []),
      };
      refuse('dataJsonShape', values, line === undefined ? { file } : { file, line });
    }
    return shape ?? [];
  }

  #refuseTexts(name: string, survey: ColumnSurvey): never {
    const values = {
      column: name,
      kind: this.#part,
      found: survey.distinct?.size ?? `${mostCategories * 4}+`,
      actual: listed([(survey.odd?.cell ?? '').slice(0, 60)]),
    };
    return refuse('dataColumnTexts', values, this.#placeOf(name));
  }

  #placeOf(name: string) {
    const index = this.#source.features?.indexOf(name) ?? -1;
    return index < 0
      ? dataKey(this.#source, this.#source.key)
      : dataKey(this.#source, 'features', index);
  }

  #label(name: string): PlannedLabel {
    const survey = this.#byName.get(name);
    const shape = survey?.type === 'array' ? this.#shapeOf(survey) : [];
    const isNumeric = survey?.type === 'number' && survey.oddCells === 0;
    const kind = survey?.type === 'array' || wantsNumbers(this.#source.loss) ? 'numbers' : 'texts';
    return { name, kind, style: survey?.style ?? 'point', isNumeric, shape };
  }

  #tell(
    features: readonly string[],
    columns: readonly PlannedColumn[],
    label: string | null,
  ): void {
    const used = new Set(features);
    const unused = this.#surveys.filter(({ name }) => !used.has(name) && name !== label);
    if (this.#window) this.notes.push({ id: 'dataNoteWindow', values: { ...this.#window } });
    const note = (id: Text['id'], names: readonly string[], values: Text['values'] = {}) => {
      if (names.length > 0) this.notes.push({ id, values: { columns: listed(names), ...values } });
    };
    const namesOf = (test: (survey: ColumnSurvey) => boolean, among = unused) =>
      among.filter((survey) => survey.name !== '' && test(survey)).map(({ name }) => name);
    const usedSurveys = this.#surveys.filter(({ name }) => used.has(name));
    if (this.#source.features === undefined) {
      note(
        'dataNoteCategoriesUnused',
        namesOf((survey) => this.#isCategory(survey)),
      );
      note(
        'dataNoteTextsUnused',
        namesOf((survey) => survey.type === 'text' && !this.#isCategory(survey)),
      );
      note(
        'dataNoteDatesUnused',
        namesOf(({ type }) => type === 'date'),
      );
      note(
        'dataNoteIdsUnused',
        namesOf((survey) => survey.isRowNumber),
      );
      note(
        'dataNoteUniqueUnused',
        namesOf((survey) => !survey.isRowNumber && this.#isId(survey)),
      );
      note(
        'dataNoteOthersUnused',
        namesOf(({ type }) => type === 'other'),
      );
    }
    note(
      'dataNoteEmptyUnused',
      namesOf(({ type }) => type === 'empty'),
    );
    note(
      'dataNoteRowNumberUsed',
      namesOf((survey) => survey.isRowNumber, usedSurveys),
    );
    note(
      'dataNoteConstant',
      namesOf((survey) => survey.isConstant, usedSurveys),
    );
    const ofKind = (kind: Encoding['kind']) =>
      columns.filter(({ encoding }) => encoding.kind === kind);
    const oneHot = ofKind('oneHot');
    note('dataNoteOneHot', oneHot.map(nameOf), {
      width: oneHot.reduce((total, { width }) => total + width, 0),
    });
    for (const { name, encoding } of columns) {
      if (encoding.kind !== 'tokens') continue;
      const { vocabulary, length, layer } = encoding;
      const values = { column: name, words: vocabulary.length, length };
      if (layer === null) this.notes.push({ id: 'dataNoteTokens', values });
      else this.notes.push({ id: 'dataNoteLookedUp', values: { ...values, layer } });
    }
    note('dataNoteOrdinal', ofKind('ordinal').map(nameOf));
    note('dataNoteDatesUsed', ofKind('date').map(nameOf));
    note('dataNoteBooleans', ofKind('boolean').map(nameOf));
    const written = this.#surveys.filter(
      ({ name, type, written: cell }) =>
        type === 'number' && cell !== null && (used.has(name) || name === label),
    );
    for (const style of ['point', 'comma'] as const) {
      const own = written.filter((survey) => survey.style === style);
      note(style === 'point' ? 'dataNoteWritten' : 'dataNoteDecimalComma', own.map(nameOf), {
        example: listed([own[0]?.written ?? '']),
      });
    }
    for (const { name, likelyMark: mark } of usedSurveys)
      if (mark !== null) this.notes.push({ id: 'dataNoteMark', values: { column: name, ...mark } });
    this.#tellOfMissing(usedSurveys);
  }

  #tellOfMissing(used: readonly ColumnSurvey[]): void {
    const odd = used.filter(({ oddCells }) => oddCells > 0);
    for (const { name, oddCells, odd: first } of odd) {
      const values = { column: name, count: oddCells, row: first?.row ?? 0 };
      const actual = listed([(first?.cell ?? '').slice(0, 60)]);
      this.notes.push({ id: 'dataNoteOdd', values: { ...values, actual } });
    }
    const lacking = used.filter(
      (survey) => survey.missingValues > 0 && ['number', 'boolean', 'date'].includes(survey.type),
    );
    if (lacking.length === 0 || this.#source.options.missing !== 'mean') return;
    const counted = lacking.map(({ name, missingValues }) => `"${name}" (${missingValues})`);
    const columns =
      counted.length > 12 ? `${counted.slice(0, 12).join(', ')}, …` : counted.join(', ');
    this.notes.push({ id: 'dataNoteMissingMean', values: { columns } });
  }
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

/** Values in their order; a missing one is the first. */
function categoriesOf(survey: ColumnSurvey): string[] {
  const values = [...(survey.distinct?.keys() ?? [])].sort((one, other) => (one < other ? -1 : 1));
  return survey.missing > 0 ? [missingCategory, ...values] : values;
}
