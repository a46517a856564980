import type { Config } from '../../../config/schema';
import type { WordRule } from '../../../core/model/topology/textLookup';

/** How a column writes numbers: with a decimal point (1,234.5) or a decimal comma (1.234,5). */
export type NumberStyle = 'point' | 'comma';

/** Which of two leading numbers of a date is the day. */
export type DateOrder = 'dayFirst' | 'monthFirst';

/** What a column holds, by all of its cells. */
export type ColumnType = 'number' | 'boolean' | 'date' | 'text' | 'array' | 'empty' | 'other';

/** What a column's cells become. */
export type Encoding =
  | { readonly kind: 'number'; readonly style: NumberStyle }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'date'; readonly order: DateOrder }
  /** One column of 0 and 1 per value; a missing value is one of them. */
  | { readonly kind: 'oneHot'; readonly values: readonly string[] }
  /** The value's place in the list. */
  | { readonly kind: 'ordinal'; readonly values: readonly string[] }
  /** The number of each word: its place in the vocabulary. */
  | {
      readonly kind: 'tokens';
      readonly vocabulary: readonly string[];
      readonly length: number;
      readonly rule: WordRule;
      /** The layer of the model whose vocabulary it is; null for that of the data. */
      readonly layer: string | null;
    }
  | { readonly kind: 'array'; readonly shape: readonly number[] };

export interface PlannedColumn {
  readonly name: string;
  readonly encoding: Encoding;
  /** What a missing value becomes. */
  readonly fill: number;
  /** Numbers that it gives. */
  readonly width: number;
}

export interface PlannedLabel {
  readonly name: string;
  /** Texts are classes, or numbers; which of the two is decided later. */
  readonly kind: 'numbers' | 'texts';
  readonly style: NumberStyle;
  /** Whether the column holds numbers, some perhaps written like "$1,200". */
  readonly isNumeric: boolean;
  /** Shape of one label: [] except for lists of numbers. */
  readonly shape: readonly number[];
}

export type TableWindow = NonNullable<Config['data']['window']>;

/** How the rows of a table become samples; a validation file is read by the plan of the training data. */
export interface TablePlan {
  /** Whether the first row of a text file names the columns. */
  readonly hasHeader: boolean;
  readonly columns: readonly PlannedColumn[];
  readonly label: PlannedLabel | null;
  /** The rows that make one sample of a series; null where each row is one. */
  readonly window: TableWindow | null;
}

/** Whether texts became the numbers that a layer of the model gives them, which then is not built. */
export function looksTextsUp(plan: TablePlan | undefined): boolean {
  return (plan?.columns ?? []).some(
    ({ encoding }) => encoding.kind === 'tokens' && encoding.layer !== null,
  );
}

/** What was understood of a column, for people. */
export interface ColumnReport {
  readonly name: string;
  readonly type: ColumnType;
  readonly use: 'feature' | 'label' | 'unused';
  /** Cells without a value. */
  readonly missing: number;
}
