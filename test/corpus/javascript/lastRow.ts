import { push, readLastRow, type Row } from './table';

const BATCH_SIZE = 50;
// The last row that the other side has.
const lr = readLastRow();

export async function sync(rows: readonly Row[]): Promise<void> {
  const missing = rows.filter((row) => row.id > lr.id);
  for (let start = 0; start < missing.length; start += BATCH_SIZE)
    await push(missing.slice(start, start + BATCH_SIZE));
}
