import { ComputedOrder } from '../../random/computedOrder';
import { RecordReader } from './recordReader';
import type { RowChoice } from './streamedDataset';

/** Which record of the file a sample is. */
export interface RowMap {
  rowOf(sample: number): number;
  /** Whether a record is one of the samples. */
  has(row: number): boolean;
}

/** In memory, a list takes four bytes a sample: it is made for no more than so many. */
export const mostListed = 2 ** 18;

export function rowMap(choice: RowChoice, count: number): RowMap {
  switch (choice.kind) {
    case 'all':
      return { rowOf: (sample) => sample, has: () => true };
    case 'listed': {
      const reader = new RecordReader(choice.rows);
      const rows = new Float64Array(count);
      reader.gather(
        Int32Array.from({ length: count }, (_, index) => index),
        rows,
      );
      reader.close();
      const list = Uint32Array.from(rows);
      // Asked for only while the data are prepared: training does without it.
      let listed: Set<number> | null = null;
      return {
        rowOf: (sample) => list[sample] ?? 0,
        has: (row) => (listed ??= new Set(list)).has(row),
      };
    }
    case 'computed': {
      const order = new ComputedOrder(choice.of, choice.seed);
      const { start } = choice;
      const end = start + count;
      return {
        rowOf: (sample) => order.at(start + sample),
        has: (row) => {
          const place = order.placeOf(row);
          return place >= start && place < end;
        },
      };
    }
  }
}
