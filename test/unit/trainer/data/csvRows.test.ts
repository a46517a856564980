import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvFault, CsvRows } from '../../../../src/trainer/data/table/csvRows';

type Format = ConstructorParameters<typeof CsvRows>[0];

const format: Format = { separator: ',', newline: '\n', quotes: true, mostLetters: 1000 };

/** Reads a text that arrives in pieces that end at these places. */
function read(text: string, cuts: readonly number[] = [], own: Partial<Format> = {}) {
  const rows = new CsvRows({ ...format, ...own });
  const found: { readonly cells: readonly string[]; readonly line: number }[] = [];
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b)];
  places.forEach((from, index) => {
    const isLast = index === places.length - 1;
    for (const { cells, line } of rows.take(text.slice(from, places[index + 1]), isLast))
      found.push({ cells, line: line() });
  });
  return found;
}

function faultOf(text: string, cuts: readonly number[] = []) {
  try {
    read(text, cuts);
  } catch (error) {
    if (error instanceof CsvFault) return { reason: error.reason, line: error.line };
    throw error;
  }
  return null;
}

describe('rows of separated text', () => {
  it('read back as written, wherever the text is cut into pieces', () => {
    const cell = fc
      .string({ unit: fc.constantFrom('a', '1', '"', ',', '\n', ' ', 'é') })
      .filter((text) => text === text.trim());
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 8 });
    const layout = fc.record({
      end: fc.constantFrom('\n', '\r\n'),
      blanks: fc.constantFrom('', ' ', '  '),
      endsWithNewline: fc.boolean(),
    });
    fc.assert(
      fc.property(table, layout, fc.array(fc.nat(), { maxLength: 5 }), (rows, own, cuts) => {
        const { end, blanks, endsWithNewline } = own;
        const written = (text: string) =>
          /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
        const lines = rows.map((cells) =>
          cells.map((text) => blanks + written(text) + blanks).join(','),
        );
        const text = lines.join(end) + (endsWithNewline ? end : '');
        let line = 1;
        const expected = rows.map((cells, index) => {
          const at = line;
          line += (lines[index] ?? '').split('\n').length;
          return { cells, line: at };
        });
        expect(read(text, cuts)).toEqual(expected);
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  it('keep quotation marks inside a cell, and rows of different lengths', () => {
    expect(read('5" pipe,b\n\nc\n').map(({ cells }) => cells)).toEqual([['5" pipe', 'b'], ['c']]);
  });

  it('end with a carriage return where there is no other line end', () => {
    const found = read('a,b\r"c\rd",e\rf,g', [5], { newline: '\r' });
    expect(found.map(({ line }) => line)).toEqual([1, 2, 4]);
  });

  it.each([
    ['a,b\n1,"open\n2,c\n', 'causeOpenQuote', 2],
    ['a,b\n"x\ny",1\n"1"2,c\n', 'causeAfterQuote', 4],
    [`a,b\n1,"${'long '.repeat(300)}`, 'tooLong', 2],
  ])('are refused with the line: %j', (text, reason, line) => {
    expect(faultOf(text, [7, 12, text.length])).toEqual({ reason, line });
  });
});
