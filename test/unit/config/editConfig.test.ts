import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyTextEdits, setTrainingValues, setValues } from '../../../src/config/editConfig';
import { parseJsonText } from '../../../src/config/jsonText';

function apply(text: string, values: Parameters<typeof setTrainingValues>[1]): string {
  const edits = setTrainingValues(text, values);
  if (!edits) throw new Error('No edits were made.');
  return applyTextEdits(text, edits);
}

describe('setting training values', () => {
  it('replaces just the numbers', () => {
    const text =
      '{\n  "training": {\n    "batchSize" : 32, // was 16\n    "learningRate":1e-3\n  }\n}';
    const edits = setTrainingValues(text, { batchSize: 256, learningRate: 0.0028 });
    expect(edits).toHaveLength(2);
    expect(apply(text, { batchSize: 256, learningRate: 0.0028 })).toBe(
      '{\n  "training": {\n    "batchSize" : 256, // was 16\n    "learningRate":0.0028\n  }\n}',
    );
  });

  it('writes the microbatches of an update', () => {
    const text = '{ "training": { "batchSize": 32 } }';
    const values = { batchSize: 1024, gradientAccumulation: 16 };
    expect(apply(text, values)).toBe(
      '{ "training": { "batchSize": 1024, "gradientAccumulation": 16 } }',
    );
  });

  it('adds a key in the indentation and line ends of the file', () => {
    const text = '{\r\n\t"training": {\r\n\t\t"batchSize": 32\r\n\t}\r\n}';
    expect(apply(text, { batchSize: 64, learningRate: 0.1 })).toBe(
      '{\r\n\t"training": {\r\n\t\t"batchSize": 64,\r\n\t\t"learningRate": 0.1\r\n\t}\r\n}',
    );
  });

  it('adds the section where there is none', () => {
    const changed = apply('\uFEFF{\n  "model": {}, // kept\n}', { batchSize: 64 });
    expect(parseJsonText(changed).errors).toEqual([]);
    expect(parseJsonText(changed).value).toEqual({ model: {}, training: { batchSize: 64 } });
    expect(changed).toContain('// kept');
    expect(changed.startsWith('\uFEFF{')).toBe(true);
  });

  it('keeps an object on its line', () => {
    const text = '{\n  "training": { "batchSize": 8 } // short\n}';
    expect(apply(text, { batchSize: 64, learningRate: 0.1 })).toBe(
      '{\n  "training": { "batchSize": 64, "learningRate": 0.1 } // short\n}',
    );
  });

  it('appends to a list as the list is written', () => {
    const appended = (text: string) => {
      const edits = setValues(text, [{ pointer: ['sources', 1], value: 'b.py' }]);
      return edits && applyTextEdits(text, edits);
    };
    expect(appended('{\n  "sources": ["a.py"]\n}')).toBe('{\n  "sources": ["a.py", "b.py"]\n}');
  });

  it.each([
    ['"a.py" /* 1 */', '"a.py", /* 1 */\n    "b.py"'],
    ['"a.py" // 1, "x"', '"a.py", // 1, "x"\n    "b.py"'],
    ['"a.py", // 1', '"a.py", // 1\n    "b.py",'],
    ['"a.py" /* 1 */, /* 2 */ // 3', '"a.py" /* 1 */, /* 2 */ // 3\n    "b.py",'],
    ['"a.py" // 1\n    // 2', '"a.py", // 1\n    "b.py"\n    // 2'],
    ['"a.py",', '"a.py",\n    "b.py",'],
    ['"a.py" /* 1\n    2 */', '"a.py",\n    "b.py" /* 1\n    2 */'],
  ])('leaves a comment on the line it speaks of: %j', (listed, expected) => {
    for (const end of ['\n', '\r\n']) {
      const config = (list: string) =>
        `{\n  "sources": [\n    ${list}\n  ] // all\n}`.replaceAll('\n', end);
      const edits = setValues(config(listed), [{ pointer: ['sources', 1], value: 'b.py' }]);
      expect(edits && applyTextEdits(config(listed), edits)).toBe(config(expected));
    }
  });

  it('leaves a comment with its key, too', () => {
    expect(
      apply('{\n  "training": {\n    "batchSize": 8 // short\n  }\n}', { learningRate: 0.1 }),
    ).toBe('{\n  "training": {\n    "batchSize": 8, // short\n    "learningRate": 0.1\n  }\n}');
  });

  it.each([
    ...['', '[]', '{"training": ', 'null', '{"training": null}', '{"training": [1]}'],
    '{"training": {"batchSize": 1, "batchSize": 2}}',
  ])('says that %j cannot be edited', (text) => {
    expect(setTrainingValues(text, { batchSize: 8 })).toBeNull();
  });

  it('gives the values and keeps everything else, whatever the config holds', () => {
    const training = fc.dictionary(
      fc.constantFrom('batchSize', 'learningRate', 'epochs', 'seed'),
      fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.constant({ a: [1] })),
      { noNullPrototype: true },
    );
    const config = fc.record(
      { model: fc.json(), training, sources: fc.array(fc.string()) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        config,
        fc.constantFrom('', '\t', '  ', '    '),
        fc.nat(),
        (value, indent, size) => {
          const text = `/* head */ ${JSON.stringify(value, null, indent)} // tail`;
          const changed = apply(text, { batchSize: size, learningRate: 0.5 });
          expect(parseJsonText(changed).errors).toEqual([]);
          expect(parseJsonText(changed).value).toEqual({
            ...value,
            training: { ...value.training, batchSize: size, learningRate: 0.5 },
          });
          expect(changed).toMatch(/^\/\* head \*\/ [^]* \/\/ tail$/);
        },
      ),
    );
  });
});
