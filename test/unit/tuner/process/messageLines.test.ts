import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestMessage, messageLines } from '../../../../src/tuner/process/messageLines';

function split(pieces: readonly string[], receive: (message: object) => void = () => undefined) {
  const messages: object[] = [];
  const others: string[] = [];
  const take = messageLines(
    (message) => {
      receive(message);
      messages.push(message);
    },
    (line) => others.push(line),
  );
  for (const piece of pieces) take(piece);
  return { messages, others };
}

describe('lines of a process', () => {
  it('are messages where they are objects with a kind, however they arrive', () => {
    const message = fc.record({ kind: fc.string(), text: fc.string() });
    const printed = fc.string().filter((text) => !text.includes('\n') && !text.startsWith('{'));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(message, printed)),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (lines, lengths) => {
          const text = lines
            .map((line) => (typeof line === 'string' ? line : JSON.stringify(line)) + '\n')
            .join('');
          const pieces: string[] = [];
          for (let at = 0, next = 0; at < text.length; next++) {
            const length = lengths[next % lengths.length] ?? 1;
            pieces.push(text.slice(at, at + length));
            at += length;
          }
          const found = split(pieces);
          expect(found.messages).toEqual(lines.filter((line) => typeof line !== 'string'));
          expect(found.others).toEqual(lines.filter((line) => typeof line === 'string'));
        },
      ),
    );
  });

  it('without an end are not kept', () => {
    const piece = 'x'.repeat(2 ** 20);
    const pieces = Array<string>(longestMessage / piece.length + 1).fill(piece);
    expect(split([...pieces, '\n{"kind":"a"}\n'])).toEqual({
      messages: [{ kind: 'a' }],
      others: [],
    });
  });

  it('that cannot be taken end nothing', () => {
    const refuse = () => {
      throw new RangeError('Maximum call stack size exceeded');
    };
    expect(split(['{"kind":"a"}\n{"kind":\n'], refuse)).toEqual({
      messages: [],
      others: ['{"kind":"a"}', '{"kind":'],
    });
  });
});
