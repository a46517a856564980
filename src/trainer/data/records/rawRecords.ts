import type { RawData, Source } from '../rawData';
import type { RecordFile } from './recordFile';

/** Labels on disk, one record a sample. */
export type RecordLabels =
  | {
      readonly kind: 'numbers';
      /** Shape of one label. */
      readonly shape: readonly number[];
      readonly records: RecordFile;
    }
  | {
      readonly kind: 'texts';
      readonly names: readonly string[];
      /** The first sample, from 1, with each name. */
      readonly firstSamples: readonly number[];
      /** Indices into `names`. */
      readonly records: RecordFile;
    };

/** What a reader gives of data that stays on disk: as RawData, except for where the values are. */
export interface RawRecords extends Pick<
  RawData,
  'count' | 'sampleShape' | 'scale' | 'featureNames' | 'table' | 'inTime' | 'ownValidation' | 'file'
> {
  readonly features: RecordFile;
  readonly labels: RecordLabels;
}

/** Where a reader puts what it has to unpack or parse. */
export interface Workplace {
  readonly source: Source;
  /** An existing folder of its own. */
  readonly folder: string;
}
