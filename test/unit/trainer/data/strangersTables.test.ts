import { describe, expect, it } from 'vitest';
import { read } from './bothWays';

const csv = { train: 'data.csv', label: 'y' };
const rowsOf = (head: string, row: (index: number) => string, count = 30) =>
  `${[head, ...Array.from({ length: count }, (_, index) => row(index))].join('\n')}\n`;

describe('numbers that could be written in two styles', () => {
  it('are written as those of the other columns', async () => {
    const found = await read(
      { 'data.csv': rowsOf('a;b;c;y', (row) => `${row + 1}.250;0,${row}5;"1,125";${row % 2}`) },
      csv,
    );
    expect(found.rows).toContain(`1250,${Math.fround(0.05)},1.125,0`);
    expect(found.notes).toMatch(
      /"1.250" in "a", "b", "c" were read as numbers with a decimal comma/,
    );
    const plain = await read(
      { 'data.csv': rowsOf('a,y', (row) => `${row + 1}.250,${row % 2}`) },
      csv,
    );
    expect(plain.rows).toContain('1.25,0');
  });

  it('have thousands where only some are long enough to show it', async () => {
    const text = rowsOf('a;y', (row) => `${row === 7 ? '1.030.000' : `${row + 1}.250`};${row % 2}`);
    const found = await read({ 'data.csv': text }, csv);
    expect(found.rows).toContain('1250,0');
    expect(found.rows).toContain('1030000,1');
  });

  it('have no group of thousands after a zero', async () => {
    const text = rowsOf('a;y', (row) => `0,${100 + row};${row % 2}`);
    expect((await read({ 'data.csv': text }, csv)).rows[0]).toBe(`${Math.fround(0.1)},0`);
  });

  it('may have signs of any currency and a typographic minus', async () => {
    const cells = ['R$ 5', 'USD 6', '₹7', '8 €', '−9', '10円'];
    const text = rowsOf('a,y', (row) => `${cells[row % 6]},${row % 2}`);
    const { rows } = await read({ 'data.csv': text }, csv);
    expect([...new Set(rows)].sort()).toEqual(['-9,0', '10,1', '5,0', '6,1', '7,0', '8,1']);
  });

  it('are told where they are the label', async () => {
    const text = rowsOf('a,y', (row) => `${row},"$1,${100 + row}"`);
    const found = await read({ 'data.csv': text }, csv, 'meanSquaredError');
    expect(found.notes).toMatch(/Texts like "\$1,100" in "y" were read as numbers/);
  });
});

describe('a column that is not what it seems', () => {
  it('holds truth values only where its words are a pair', async () => {
    const text = rowsOf('a,kind,y', (row) => `${row},${'ntf'[row % 3]},${row % 2}`);
    const found = await read({ 'data.csv': text }, csv);
    expect(found.notes).toMatch(/hold text: "kind"/);
  });

  it('is an id where it is called one and differs in each row', async () => {
    const id = (row: number) => 900 - ((row * 7) % 31);
    const text = rowsOf(
      'customer_id,paid,a,y',
      (row) => `${id(row)},${id(row)},0.${row},${row % 2}`,
    );
    const found = await read({ 'data.csv': text }, csv);
    expect(found.shape).toEqual([2]);
    expect(found.notes).toMatch(/another value in each row: "customer_id"/);
    const made = await read({ 'data.csv': text }, csv, 'categoricalCrossentropy', [3]);
    expect(made.shape).toEqual([3]);
    const ratings = rowsOf('userId,a,y', (row) => `${row % 9},0.${row},${row % 2}`);
    expect((await read({ 'data.csv': ratings }, csv)).shape).toEqual([2]);
  });

  it('is told where a number seems to stand for missing values', async () => {
    const text = rowsOf('a,b,y', (row) => `${row % 5 ? row : -999},${row * -40},${row % 2}`);
    const found = await read({ 'data.csv': text }, csv);
    expect(found.notes).toMatch(/"a" holds -999 in 6 rows, far below its other values/);
    expect(found.notes).not.toMatch(/"b" holds/);
  });

  it('holds numbers where one text alone stands among many', async () => {
    const text = rowsOf('a,y', (row) => `${row % 3 ? `${row}.5` : '(null)'},${row % 2}`, 60);
    const found = await read({ 'data.csv': text }, csv);
    expect(found.notes).toMatch(/20 cells of "a" are not numbers, such as "\(null\)" in row 1/);
  });
});
