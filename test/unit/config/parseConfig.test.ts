import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parseConfig';
import { describe as sentence } from '../../../src/core/text/problem';

const file = '/workspace/batchwise.json';
const valid = `{
  // what to train
  "model": { "topology": "model.json" },
  "data": { "train": "train.csv", "label": "species" },
  "training": { "loss": "categoricalCrossentropy", "optimizer": "adam", "batchSize": 32 },
  "tuning": { "batchSizes": { "min": 8, "max": 64 }, "budget": "2 min" },
}`;

/** A config with parts replaced, on one line. */
function config(parts: { model?: string; data?: string; training?: string; tuning?: string }) {
  const { model = '{"topology":"m.json"}', data = '{"train":"a.csv"}' } = parts;
  const { training = '{}', tuning = '{}' } = parts;
  return `{"model":${model},"data":${data},"training":${training},"tuning":${tuning}}`;
}

function sentences(text: string): string[] {
  return parseConfig(text, file).problems.map((problem) => sentence(problem));
}

it('a config that nests layers deeper than can be built is refused', () => {
  let layer: object = { className: 'Dense', config: { units: 1 } };
  for (let depth = 0; depth < 900; depth++)
    layer = { className: 'TimeDistributed', config: { layer } };
  const text = config({ model: JSON.stringify({ layers: [layer] }) });
  expect(sentences(text)).toEqual([expect.stringMatching(/nests values too deep/)]);
});

describe('a valid config', () => {
  it('is read with comments, trailing commas and a byte order mark, defaults filled in', () => {
    const { config: parsed, problems } = parseConfig(`\uFEFF${valid}`, file);
    expect(problems).toEqual([]);
    expect(parsed).toMatchObject({
      training: { batchSize: 32, epochs: 10, seed: 42 },
      data: { normalize: true, validation: 0.2 },
      tuning: { objective: 'time', budget: '2 min', batchSizes: { min: 8, max: 64 } },
      backend: 'auto',
      sources: [],
    });
  });

  it('keeps what a layer says beside its class and config', () => {
    const layers = '[{"className":"Dense","config":{"units":1},"name":"out"}]';
    const { config: parsed } = parseConfig(config({ model: `{"layers":${layers}}` }), file);
    expect(parsed?.model?.layers?.[0]).toEqual({
      className: 'Dense',
      config: { units: 1 },
      name: 'out',
    });
  });
});

describe('a cluster', () => {
  const withTrainer = (more: string) => `{"trainer":{"python":"train.py",${more}}}`;

  it.each(['auto', '10.0.0.5:6379', 'ray://head.local:10001', '[::1]:6379'])(
    'may be the Ray at %s',
    (ray) => {
      const { config: parsed, problems } = parseConfig(
        withTrainer(`"cluster":{"ray":"${ray}"}`),
        file,
      );
      expect(problems).toEqual([]);
      expect(parsed?.trainer?.cluster).toEqual({ ray, resources: {} });
    },
  );

  it.each([
    ['"cluster":{"ray":"head"}', /:1:50: "trainer.cluster.ray" must be "auto" or the address/],
    ['"cluster":{"ray":"http://head:8265"}', /must be "auto" or the address .* not "http/],
    ['"cluster":{"rays":"auto"}', /Unknown key "rays". Did you mean "ray"/],
    ['"cluster":{}', /"trainer.cluster.ray" is missing. Add it, for example "ray": "auto"/],
    [
      '"cluster":{"ray":"auto","resources":{"GPU":0}}',
      /"trainer.cluster.resources.GPU" must be more/,
    ],
    ['"cluster":{"ray":"auto"},"launcher":["srun"]', /has a "launcher" and a "cluster"/],
  ])('written as %s is told what is wrong', (more, said) => {
    expect(sentences(withTrainer(more)).join('\n')).toMatch(said);
  });
});

describe('problems', () => {
  it.each([
    ['', /batchwise.json:1:1: The config is empty/],
    ['// nothing yet\n', /:1:1: The config is empty/],
    ['[1]', /:1:1: A config must be an object in braces .* not \[1\]/],
    ['{"model": }', /:1:11: A value is expected/],
    ['{"model": {"topology": "a"}', /:1:28: A closing brace is missing/],
    ['{"a": 1 "b": 2}', /:1:9: A comma is expected/],
    ['{\n  "modle": {}\n}', /:2:3: Unknown key "modle". Did you mean "model"\?/],
    ['{\n  "batchSize": 8}', /:2:3: "batchSize" does not belong here. Move it into "training"/],
    [
      config({ training: '{"batch_size": 8}' }),
      /Unknown key "batch_size". Did you mean "batchSize"/,
    ],
    [config({ training: '{"zzz": 8}' }), /Unknown key "zzz". Known here: "loss", "optimizer"/],
    [config({ training: '{"loss": "crossentropie"}' }), /must be one of "categoricalCrossentropy"/],
    [config({ training: '{"loss": "mse"}' }), /Did you mean "meanSquaredError"/],
    [config({ training: '{"optimizer": "adm"}' }), /Did you mean "adam"/],
    [config({ training: '{"optimizer": {"name":"sgd","momentun":1}}' }), /mean "momentum"/],
    [
      config({ training: '{"batchSize": "32"}' }),
      /"training.batchSize" must be a number, not "32"/,
    ],
    [config({ training: '{"batchSize": 2.5}' }), /must be a whole number, not 2.5/],
    [config({ training: '{"batchSize": 0}' }), /must be at least 1, not 0/],
    [
      config({ training: '{"batchSize": 1, "batchSize": 2}' }),
      /"training.batchSize" appears twice/,
    ],
    [config({ tuning: '{"batchSizes": [8, 0]}' }), /"tuning.batchSizes\[1\]" must be at least 1/],
    [config({ tuning: '{"batchSizes": [8, -4]}' }), /must be at least 1, not -4/],
    [config({ tuning: '{"batchSizes": [8, 8]}' }), /Batch size 8 is in the list twice/],
    [config({ tuning: '{"batchSizes": []}' }), /is an empty list/],
    [config({ tuning: '{"batchSizes": {"min": 64, "max": 8}}' }), /min of 64 above its max of 8/],
    [config({ tuning: '{"batchSizes": 5}' }), /must be a list of batch sizes such as/],
    [config({ tuning: '{"memoryLimit": "much"}' }), /a size such as "2 GB"/],
    [config({ tuning: '{"budget": "2 minits"}' }), /Did you mean "2 min"\?/],
    [config({ tuning: '{"budget": "0 s"}' }), /a duration such as "90 s"/],
    [config({ data: '{"train":"a","validation":1.5}' }), /must be less than 1, not 1.5/],
    [config({ data: '{"train":"a","validation":true}' }), /a fraction between 0 and 1/],
    [
      config({ data: '{"train":"a","image":{"size":8192}}' }),
      /:1:\d+: Images of 8192×8192 pixels are too large to train on; 16777216 pixels are the most/,
    ],
    [config({ data: '{"trian":"a"}' }), /"data.train" is missing/],
    [config({ training: '{"sources": []}' }), /"sources" does not belong in "training"/],
    [config({ model: '{}' }), /"model" names no model. Specify exactly one of/],
    [config({ model: '{"topology":"a","module":"b"}' }), /specifies "topology", "module". Keep/],
    ['{"__proto__": {"polluted": 1}}', /Unknown key "__proto__"/],
    ['['.repeat(50_000), /nests values too deep/],
  ])('%#: %s', (text, expected) => {
    expect(sentences(text).join('\n')).toMatch(expected);
    expect(parseConfig(text, file).config).toBeNull();
  });

  it('are all told, in the order of the text, one per value', () => {
    const text = config({
      data: '{"train":3,"features":[]}',
      training: '{"epochs":0}',
      tuning: '{"memoryLimit":"lots","objective":"speed"}',
    });
    const { problems } = parseConfig(text, file);
    const offsets = problems.map(({ range }) => range.offset);
    expect(problems).toHaveLength(5);
    expect(offsets).toEqual([...offsets].sort((one, other) => one - other));
  });

  it('mark the value, or the key where the key is wrong', () => {
    const text = config({ training: '{"lss": "mse", "epochs": "ten"}' });
    const marked = parseConfig(text, file).problems.map(({ range }) =>
      text.slice(range.offset, range.offset + range.length),
    );
    expect(marked).toEqual(['"lss"', '"ten"']);
  });

  it('count columns as editors do, whatever ends the lines', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = `\uFEFF{${end}  "x": "日本",${end}  "training": {"epochs": 0}}`;
      const { place } = parseConfig(text, file).problems.find(
        ({ reason }) => reason === 'configBelow',
      ) ?? { place: null };
      expect(place).toMatchObject({ line: 3, column: 26 });
    }
  });
});

describe('any text', () => {
  function checkPlaces(text: string): void {
    const { config: parsed, problems } = parseConfig(text, file);
    expect(parsed === null).toBe(problems.length > 0);
    const lines = text.split(/\r\n|\r|\n/);
    for (const { place, range } of problems) {
      expect(range.offset + range.length).toBeLessThanOrEqual(text.length);
      expect(place.line).toBeGreaterThanOrEqual(1);
      expect(place.line).toBeLessThanOrEqual(lines.length);
      expect(place.column).toBeGreaterThanOrEqual(1);
      expect(place.column).toBeLessThanOrEqual((lines[place.line - 1] ?? '').length + 1);
    }
  }

  it('is answered with problems that stand inside it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json()), checkPlaces),
      { numRuns: 500 },
    );
  });

  it('made of pieces of configs is too', () => {
    const piece = fc.constantFrom(
      ...['{', '}', '[', ']', ':', ',', '"model"', '"training"', '"batchSize"', '32', '-1', 'null'],
      ...['"', '\\', '//', '/*', '\r\n', '\uFEFF', '"tuning"', '"batchSizes"', '1e999', 'true'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        checkPlaces(pieces.join(''));
      }),
      { numRuns: 500 },
    );
  });

  it('cut off anywhere is too', () => {
    for (let length = 0; length < valid.length; length++) checkPlaces(valid.slice(0, length));
  });
});
