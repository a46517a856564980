import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { read } from './bothWays';

const csv = { train: 'data.csv', label: 'y' };
const numbers = 'meanSquaredError';
const lines = (...rows: readonly string[]) => `${rows.join('\n')}\n`;
/** So many rows that a column's type is beyond doubt. */
const many = (row: (index: number) => string, count = 30) =>
  Array.from({ length: count }, (_, index) => row(index));

describe('any table reads back what was written', () => {
  const cell = fc.oneof(
    fc.integer({ min: -5000, max: 5000 }).map(String),
    fc.double({ min: -1e4, max: 1e4, noNaN: true }).map((value) => value.toFixed(3)),
  );
  const separators = { ',': ',', ';': ';', tab: '\t', '|': '|' } as const;

  it('whatever separates, quotes and ends its rows, with a header or without, with gaps', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, fc.constantFrom('red', 'dark, blue', 'a "b"', 'x;y|z')), {
          minLength: 8,
          maxLength: 40,
        }),
        fc.constantFrom(...Object.keys(separators)) as fc.Arbitrary<keyof typeof separators>,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 0, max: 6 }),
        async (written, name, end, quoted, header, gap) => {
          fc.pre(new Set(written.map(([, , kind]) => kind)).size > 1);
          const separator = separators[name];
          const quote = (text: string) =>
            quoted || /[",;|\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
          const rows = written.map((cells, row) =>
            cells.map((text, column) => (column === 0 && row === gap ? '' : quote(text))),
          );
          const head = header ? [['first', 'second', 'kind'].map(quote)] : [];
          const text = [...head, ...rows].map((cells) => cells.join(separator)).join(end);
          const label = header ? 'kind' : '2';
          const own = { train: 'data.csv', label, header: header ? 'firstRow' : 'none' };
          const found = await read({ 'data.csv': text }, own);
          const present = written.filter((_, row) => row !== gap).map(([x]) => Number(x));
          const mean = present.reduce((total, x) => total + x, 0) / present.length;
          const expected = written.map(([x, z, kind], row) => [
            Math.fround(row === gap ? mean : Number(x)),
            Math.fround(Number(z)),
            found.classes?.indexOf(kind) ?? -1,
          ]);
          const close = (row: readonly number[]) => row.map((value) => value.toPrecision(5)).join();
          expect(found.rows.map((row) => close(row.split(',').map(Number))).sort()).toEqual(
            expected.map(close).sort(),
          );
        },
      ),
      { numRuns: 40, seed: 11 },
    );
  });

  it('with decimal commas and thousands as with plain numbers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 6, maxLength: 30 }),
        async (values) => {
          const format = (language: string) =>
            values.map((value) =>
              new Intl.NumberFormat(language, {
                minimumFractionDigits: 2,
                maximumFractionDigits: 2,
              }).format(value),
            );
          const files = {
            'de.csv': lines('x;y', ...format('de').map((text, row) => `${text};${row % 2}`)),
            'en.csv': lines('x,y', ...format('en').map((text, row) => `"$${text}",${row % 2}`)),
          };
          const german = await read(files, { train: 'de.csv', label: 'y' });
          const english = await read(files, { train: 'en.csv', label: 'y' });
          expect(german.rows).toEqual(english.rows);
          expect(german.rows).toEqual(
            values
              .map((value, row) => `${Math.fround(Number(value.toFixed(2)))},${row % 2}`)
              .sort(),
          );
        },
      ),
      { numRuns: 20, seed: 5 },
    );
  });
});

describe('a column is what all of it is', () => {
  it('texts whose first cell is empty, and "none" as a category, are texts', async () => {
    const text = lines(
      'a,cabin,debtors,y',
      ...many(
        (row) =>
          `${row}.5,${row === 0 ? '' : `C${row % 3}`},${row % 2 ? 'none' : 'own'},${row % 2}`,
      ),
    );
    const found = await read({ 'data.csv': text }, csv);
    expect(found.shape).toEqual([1]);
    expect(found.notes).toMatch(/Not used because they hold text: "cabin", "debtors"/);
    const used = await read({ 'data.csv': text }, { ...csv, categories: 'oneHot' });
    expect(used.shape).toEqual([1 + 4 + 2]);
    expect(used.notes).toMatch(/texts in "cabin", "debtors" became 6 columns/);
    const ordinal = await read({ 'data.csv': text }, { ...csv, categories: 'ordinal' });
    expect(ordinal.shape).toEqual([3]);
  });

  it('texts are used where the input of the model is as wide as that', async () => {
    const text = lines('a,b,y', ...many((row) => `${row}.5,${'pqr'[row % 3]},${row % 2}`));
    const shapeFor = async (width: number) =>
      (await read({ 'data.csv': text }, csv, 'categoricalCrossentropy', [width])).shape;
    expect(await shapeFor(4)).toEqual([4]);
    expect(await shapeFor(1)).toEqual([1]);
  });

  it('numbers with missing values, however they are written, get the mean', async () => {
    const gaps = ['', '?', 'NA', 'nan', 'unknown', '-'];
    const text = lines('a,y', ...many((row) => `${gaps[row] ?? row},${row % 2}`));
    const found = await read({ 'data.csv': text }, csv);
    expect(found.notes).toMatch(/mean of their column: "a" \(6\)/);
    expect(found.rows.filter((row) => row.startsWith('17.5,'))).toHaveLength(6);
    const dropped = await read({ 'data.csv': text }, { ...csv, missing: 'drop' });
    expect(dropped.rows).toHaveLength(24);
    expect(dropped.notes).toMatch(/6 rows of data.csv with missing values were left out/);
    await expect(read({ 'data.csv': text }, { ...csv, missing: 'error' })).rejects.toThrow(
      /data.csv:2:1: Row 1 has no value in "a"/,
    );
  });

  it('a slip among numbers is told; what returns among few values is one of them', async () => {
    const text = lines(
      'a,d,y',
      ...many((row) => `${row === 9 ? '1o' : row},${'012+'[row % 4]},${row % 2}`),
    );
    const found = await read({ 'data.csv': text }, csv);
    expect(found.notes).toMatch(/1 cells of "a" are not numbers, such as "1o" in row 10/);
    expect(found.notes).toMatch(/hold text: "d"/);
  });

  it('truth values, dates, ids, constants and empty columns are told', async () => {
    const text = lines(
      'id,smoker,when,same,none,a,y',
      ...many(
        (row) => `${row + 1},${row % 3 ? 'yes' : 'no'},2024-01-${row + 1},7,,${row * 2},${row % 2}`,
      ),
    );
    const found = await read({ 'data.csv': text }, csv);
    expect(found.shape).toEqual([3]);
    expect(found.notes).toMatch(/dates: "when"/);
    expect(found.notes).toMatch(/only number the rows: "id"/);
    expect(found.notes).toMatch(/hold no values: "none"/);
    expect(found.notes).toMatch(/the same value in "same"/);
    expect(found.notes).toMatch(/truth values in "smoker" became 1 and 0/);
    const dated = await read({ 'data.csv': text }, { ...csv, features: ['when'] });
    expect(dated.rows).toContain(`${Date.UTC(2024, 0, 1) / 86_400_000},0`);
  });

  it('days and months are told apart by the whole column', async () => {
    const text = lines(
      'd,y',
      ...many((row) => `0${(row % 9) + 1}/${10 + (row % 15)}/2023,${row % 2}`),
    );
    const found = await read({ 'data.csv': text }, csv);
    expect(found.notes).toMatch(/dates in "d" became days/);
    expect(found.rows).toContain(`${Date.UTC(2023, 0, 10) / 86_400_000},0`);
  });

  it('rows without a label are left out', async () => {
    const text = lines('a,y', ...many((row) => `${row},${row < 3 ? '' : 'uv'[row % 2]}`));
    const found = await read({ 'data.csv': text }, csv);
    expect(found.rows).toHaveLength(27);
    expect(found.samplesOfClasses).toEqual([13, 14]);
    expect(found.notes).toMatch(/3 rows of data.csv without a label were left out, .* row 1\./);
  });

  it('a validation file is read by the plan of the training data', async () => {
    const files = {
      'data.csv': lines('a,b,y', ...many((row) => `${row},${'pq'[row % 2]},${row % 2}`)),
      'test.csv': lines('y,b,a', '1,q,', '0,new,5'),
    };
    const own = { ...csv, categories: 'oneHot', validation: 'test.csv' };
    const found = await read(files, own);
    expect(found.rows).toContain('14.5,0,1,1');
    expect(found.rows).toContain('5,0,0,0');
    expect(found.notes).toMatch(
      /1 cells of test.csv hold texts that the training data does not have/,
    );
  });
});

describe('files as they are found', () => {
  it('without a header, named .data, .txt or without an extension', async () => {
    const iris = lines(
      ...many((row) => `5.${row},3.${row % 7},${row % 2 ? 'setosa' : 'virginica'}`),
    );
    for (const train of ['iris.data', 'iris.txt', 'iris']) {
      const found = await read({ [train]: iris }, { train, label: '2' });
      expect(found.shape).toEqual([2]);
      expect(found.rows).toHaveLength(30);
      expect(found.notes).toMatch(/no header line: its columns are called by their number/);
    }
    await expect(read({ 'data.csv': iris }, { ...csv, label: 'species' })).rejects.toThrow(
      /data.csv:1:1: The first line of data.csv is data.*no column "species".*"0" to "2" \(the last holds "virginica"\)/,
    );
  });

  it('with blanks between the columns', async () => {
    const text = lines(...many((row) => `  0.${row}   ${row * 3}\t${row % 2}`));
    const found = await read({ 'housing.data': text }, { train: 'housing.data', label: '2' });
    expect(found.shape).toEqual([2]);
    expect(found.notes).toMatch(/separated by "blanks"/);
  });

  it('in other encodings', async () => {
    const text = lines('größe,y', ...many((row) => `${row},${row % 2 ? 'café' : 'thé'}`));
    const expected = await read({ 'data.csv': text }, csv);
    expect(expected.notes).not.toMatch(/UTF-8/);
    for (const [name, bytes] of [
      ['windows-1252', Buffer.from(text, 'latin1')],
      ['utf-16le', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ] as const) {
      const found = await read({ 'data.csv': bytes }, csv);
      expect(found.rows).toEqual(expected.rows);
      expect(found.classes).toEqual(['café', 'thé']);
      expect(found.notes).toContain(`is not UTF-8: it was read as ${name}`);
    }
  });

  it('as one list of JSON, on any lines', async () => {
    const rows = many((row) => JSON.stringify({ a: row, note: 'a "]" {', y: row % 2 ? 'u' : 'v' }));
    const whole = await read({ 'd.json': `[${rows.join(',')}]` }, { train: 'd.json', label: 'y' });
    const apart = await read(
      { 'd.json': `[\n ${rows.join(',\n\n')}\n]\n` },
      { train: 'd.json', label: 'y' },
    );
    const jsonl = await read({ 'd.jsonl': lines(...rows) }, { train: 'd.jsonl', label: 'y' });
    expect(whole.rows).toEqual(jsonl.rows);
    expect(apart.rows).toEqual(jsonl.rows);
    await expect(
      read({ 'd.json': `[\n${rows.join(',\n')}` }, { train: 'd.json', label: 'y' }),
    ).rejects.toThrow(/d.json:31:1: The list in d.json does not end/);
  });

  it('with empty rows at the end, and pandas’ index without a name', async () => {
    const text = lines(',a,y', ...many((row) => `${row},${row * row},${row % 2}`), ',,', ',,');
    const found = await read({ 'data.csv': text }, csv);
    expect(found.shape).toEqual([1]);
    expect(found.notes).toMatch(/2 empty rows/);
  });

  it('as a series where one column of numbers stands beside names of rows', async () => {
    const months = Array.from(
      { length: 40 },
      (_, i) => `"${Math.floor(i / 12)}-${i % 12}",${i * i}`,
    );
    const files = { 'data.csv': ['month,sales', ...months].join('\n') };
    const data = { train: 'data.csv', label: 'sales' };
    const found = await read(files, data, 'meanSquaredError');
    expect(found.shape).toEqual([8, 1]);
    expect(found.rows).toContain('0,1,4,9,16,25,36,49,64');
    expect(found.notes).toMatch(/"sales" is the only column of numbers.*\nSamples are 8 rows/);
    const asked = await read(files, data, 'meanSquaredError', [5, 1]);
    expect(asked.shape).toEqual([5, 1]);
    // Classes are no series.
    await expect(read(files, data)).rejects.toThrow(/no column beside the label/);
  });

  it('as a series in one column, made into windows of which the last validate', async () => {
    const text = lines('month,sales', ...many((row) => `2020-${(row % 12) + 1},${row * 10}`, 20));
    const data = { train: 'data.csv', label: 'sales', window: { size: 4, ahead: 2 } };
    const found = await read({ 'data.csv': text }, data, numbers);
    expect(found.shape).toEqual([4, 1]);
    expect(found.rows).toHaveLength(15);
    expect(found.rows).toContain('140,150,160,170,190');
    expect(found.notes).toMatch(/Samples are 4 rows/);
  });

  it('comments above the header are left out, and told', async () => {
    const text = lines('# From a survey, 2014', '#', 'x,y', ...many((row) => `${row},${row % 2}`));
    const found = await read({ 'data.csv': text }, csv);
    expect(found.rows).toHaveLength(30);
    expect(found.notes).toMatch(/^Left out the first lines of data.csv that are comments: 2/);
    const named = lines('#x,y', ...many((row) => `${row * 3},${row % 2}`));
    expect((await read({ 'data.csv': named }, csv)).notes).toBe('');
  });

  it('a header without a name for the names of the rows is that of R', async () => {
    const text = lines('x,y', ...many((row) => `${row + 1},${row * 3},${row % 2}`));
    const found = await read({ 'data.csv': text }, csv);
    expect(found.shape).toEqual([1]);
    expect(found.rows).toContain('87,1');
    expect(found.notes).toMatch(/one name less than the rows have values/);
  });

  it('quotation marks in tab-separated texts may enclose nothing', async () => {
    const text = lines('x\ttext\ty', ...many((row) => `${row * 3}\t"Stop" he said\t${row % 2}`));
    const found = await read({ 'data.tsv': text }, { train: 'data.tsv', label: 'y' });
    expect(found.rows).toContain('87,1');
    expect(found.notes).toMatch(/^Quotation marks in data.tsv do not enclose cells/);
  });

  it('a JSON object over several lines is refused with what to save', async () => {
    const files = { 'data.json': '{\n  "x": [1, 2],\n  "y": [0, 1]\n}\n' };
    await expect(read(files, { train: 'data.json', label: 'y' })).rejects.toThrow(
      /data.json holds one JSON object over several lines. Save its samples as one list/,
    );
  });

  it.each([
    ['x.xlsx', 'PK\u0003\u0004', /Excel, .*CSV UTF-8/],
    ['x.pkl', '\u0080\u0004', /pickle, .*not opened/],
    ['x.arff', '@relation', /ARFF.*loadarff/],
    ['x.h5', 'x', /HDF5.*savez/],
    ['x.zip', 'PK\u0003\u0004', /ZIP.*Unpack/],
    ['x.csv', 'PAR1....', /x.csv cannot be read as Parquet/],
    ['x.bin', '\u0001\u0002\u0003\u0000', /format of x.bin is not known/],
  ])('%s is refused with what to do', async (train, content, expected) => {
    await expect(read({ [train]: content }, { train, label: 'y' })).rejects.toThrow(expected);
  });

  it('folders of images that are no folders of classes name the way out', async () => {
    const years = { 'images/2020/cat/1.png': 'x', 'images/2021/cat/1.png': 'x' };
    await expect(read(years, { train: 'images' })).rejects.toThrow(
      /images holds the folders "2020", "2021".* such as "images\/2020"/,
    );
    await expect(read({ 'images/a/1.webp': 'x' }, { train: 'images' })).rejects.toThrow(
      /no PNG or JPEG images, but others, such as "1.webp"/,
    );
  });

  it('that only seem to be tables end at once', async () => {
    const wide = `${'1,'.repeat(120_000)}1\n`;
    await expect(read({ 'data.csv': wide }, csv)).rejects.toThrow(/data.csv:1:1: .*120001 columns/);
    const deep = `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)},"y":1}\n`;
    await expect(read({ 'd.jsonl': deep }, { train: 'd.jsonl', label: 'y' })).rejects.toThrow(
      /no key beside the label/,
    );
  });
});
