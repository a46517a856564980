import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WordCounts, wordsOf } from '../../../../src/trainer/data/table/words';
import { read } from './bothWays';
import { refusal } from './workspace';

const data = { train: 'd.csv', label: 'y' };
const messages = ['Free entry! Win now', 'see you now', 'win, WIN, win', 'you and me', ''];
const table = (texts: readonly string[]) =>
  ['id,message,y', ...texts.map((text, row) => `${row * row},"${text}",${row % 2}`)].join('\n');

describe('a column of texts', () => {
  it('becomes numbers of words by how frequent they are, cut and filled up', async () => {
    const text = { vocabulary: 5, length: 3 };
    const found = await read({ 'd.csv': table(messages) }, { ...data, text });
    // "win" stands there four times, "now" and "you" twice: 2, 3 and 4; all others are 1.
    expect(found.rows).toEqual(['1,1,2,0', '1,4,3,1', '2,2,2,0', '4,1,1,1', '0,0,0,0'].sort());
    expect(found.shape).toEqual([3]);
    expect(found.notes).toMatch(
      /texts in "message" became numbers of their words: 3 words, 3 numbers/,
    );
  });

  it("gets the length of the model's input, else that of the usual text", async () => {
    const ask = (shape: readonly number[] | null) =>
      read({ 'd.csv': table(messages) }, { ...data, text: {} }, undefined, shape);
    expect((await ask([7])).shape).toEqual([7]);
    expect((await ask(null)).shape).toEqual([4]);
  });

  it('is read alike in a validation file, whose new words are unknown', async () => {
    const files = { 'd.csv': table(messages), 'v.csv': 'y,message,id\n1,"new words win",3\n' };
    const found = await read(files, { ...data, text: { length: 3 }, validation: 'v.csv' });
    expect(found.rows).toContain('1,1,2,1');
  });

  it('is refused without the key, with what to write', async () => {
    const many = Array.from({ length: 60 }, (_, row) => `message ${row}`);
    const files = { 'd.csv': table(many).replaceAll(/^\d+,/gm, '').replace('id,', '') };
    expect(await refusal(files, data)).toMatch(/set "text" in "data", for example { "vocabulary"/);
  });
});

describe('words', () => {
  it('are counted alike in any order of the texts', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c,', 'D!', ' '), { maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1 }),
        fc.integer({ min: 3, max: 6 }),
        (texts, size) => {
          const count = (all: readonly string[]) => {
            const words = new WordCounts();
            for (const each of all) words.add(each);
            return { words: words.vocabulary(size), length: words.usualLength };
          };
          const joined = texts.map((words) => words.join(' '));
          const found = count(joined);
          expect(count(joined.toReversed())).toEqual(found);
          expect(found.words.length).toBeLessThanOrEqual(size - 2);
          const all = joined.flatMap((text) => wordsOf(text));
          const times = found.words.map((word) => all.filter((each) => each === word).length);
          expect(times).toEqual(times.toSorted((one, other) => other - one));
        },
      ),
      { numRuns: 100, seed: 2 },
    );
  });
});

it.each(['book.txt', 'speech.csv'])(
  'running text in %s is refused with what to write',
  async (train) => {
    const lines = [
      'It was late in the evening, and the rain had stopped.',
      'Nobody in the house, or near it, had heard the bell.',
      'Only the cat, who never slept before midnight, looked up',
      'and went, without any hurry, to see who was there.',
      'The door stood open; the lamp had gone out.',
      'So the evening ended as most of them did.',
    ];
    await expect(read({ [train]: lines.join('\n') }, { train, label: 'y' })).rejects.toThrow(
      /holds running text, not samples in rows\. .*"label".*"text"/,
    );
  },
);
