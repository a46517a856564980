import type { RawData, RawLabels } from '../rawData';
import type { ColumnReport, TablePlan } from '../table/plan';

/** What feeds one input, or what one output learns, for every sample. */
export interface Part {
  readonly name: string;
  /** Columns, keys or arrays it comes from, for people. */
  readonly from: readonly string[];
  /** Numbers, or texts of an output; the first axis counts samples. */
  readonly values: RawLabels;
  readonly scale: RawData['scale'];
}

/** Data by what they feed, in file order. */
export interface Parts {
  readonly inputs: readonly Part[];
  readonly outputs: readonly Part[];
  /** How much each sample counts; null where all count alike. */
  readonly weights: Part | null;
  readonly columns: readonly ColumnReport[];
  /** How a table was read, for its validation file. */
  readonly plan: TablePlan | null;
  readonly file: string;
}
