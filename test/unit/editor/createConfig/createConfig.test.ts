import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/config/parseConfig';
import { lossNames } from '../../../../src/core/model/losses';
import { newConfigText } from '../../../../src/editor/createConfig/configText';
import {
  byLikelihoodOfLabel,
  byLikelihoodOfLabels,
  isCompiled,
  labelSource,
  jsonlRows,
  likelyLoss,
  looksLikeModelModule,
  looksLikeTopology,
  previewColumns,
  tableRows,
} from '../../../../src/editor/createConfig/detect';

const comments = { model: 'a', data: 'b\nc', training: 'd', tuning: 'e' };

describe('a new config', () => {
  it('is valid and says what was answered, whatever the names', () => {
    const name = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(
        fc.constantFrom('topology' as const, 'module' as const),
        name,
        name,
        fc.option(name),
        fc.option(fc.constantFrom(...lossNames)),
        (kind, modelPath, train, label, loss) => {
          const model = { kind, path: modelPath };
          const text = newConfigText({ model, train, label, labels: null, loss }, comments);
          const { config, problems } = parseConfig(text, '/w/batchwise.json');
          expect(problems).toEqual([]);
          expect(config?.model?.[kind]).toBe(modelPath);
          expect(config?.data?.train).toBe(train);
          expect(config?.data?.label ?? null).toBe(label);
          expect(config?.training.loss ?? null).toBe(loss);
        },
      ),
    );
  });
});

describe('guesses for a new config', () => {
  it('knows models by their beginnings', () => {
    expect(looksLikeTopology('{"modelTopology": {"class_name": "Sequential", "config": {')).toBe(
      true,
    );
    expect(looksLikeTopology('{"class_name": "Functional", "config": {"name": "m"')).toBe(true);
    expect(looksLikeTopology('{"name": "app", "config": {}}')).toBe(false);
    expect(looksLikeModelModule('export function createModel(tf) {')).toBe(true);
    expect(looksLikeModelModule('export class UserModel {}')).toBe(false);
    expect(isCompiled('{"training_config": {"loss": "mse"}}')).toBe(true);
    expect(isCompiled('{"training_config": null}')).toBe(false);
  });

  it('asks for labels as the kind of data needs it', () => {
    expect(labelSource('a.csv')).toBe('column');
    expect(labelSource('a.npz')).toBe('key');
    expect(labelSource('train-images-idx3-ubyte.gz')).toBe('file');
    expect(labelSource('x.npy')).toBe('file');
    expect(labelSource('pets')).toBe('none');
    expect(labelSource('load.mjs')).toBe('none');
  });

  it('puts the likely label first', () => {
    const likely = (text: string) => byLikelihoodOfLabel(previewColumns(tableRows(text, false)))[0];
    expect(likely('id,species,x\n1,a,0.5\n2,a,1\n')).toBe('species');
    expect(likely('a,b,price\n1,2,3.5\n2,2,7\n')).toBe('price');
    // Names of the rows, of which each stands there once.
    expect(
      likely('weight,origin,name\n3504,usa,lark\n3693,usa,swan\n2372,asia,rook\n3433,asia,jay\n'),
    ).toBe('origin');
    // One moment for all rows.
    expect(likely('team,wins,at\na,3,2015-03-21 20:11\nb,5,2015-03-21 20:11\n')).toBe('wins');
    expect(
      byLikelihoodOfLabels('train-images.idx', [
        'test-labels.idx',
        'train-labels.idx',
        'train-images.idx',
      ]),
    ).toEqual(['train-labels.idx', 'test-labels.idx']);
  });

  it('reads columns and keys, and never throws', () => {
    expect(tableRows('\uFEFFx, "a,b" ,y\r\n1,2,3\r\n', false)[0]).toEqual(['x', 'a,b', 'y']);
    expect(tableRows('x\ty\n', true)[0]).toEqual(['x', 'y']);
    expect(jsonlRows('{"x": 1, "y": "a"}\n{')[0]).toEqual(['x', 'y']);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(Array.isArray(tableRows(text, false))).toBe(true);
        expect(Array.isArray(jsonlRows(text))).toBe(true);
      }),
    );
  });

  it('shows what columns hold, by number where there is no header', () => {
    const [width, kind] = previewColumns(tableRows('width;kind\n1;a\n2;b\n3,5;a\n;a\n', false));
    expect(width).toMatchObject({ name: 'width', cells: ['1', '2', '3,5', ''], holds: 'texts' });
    expect(kind).toMatchObject({
      values: [
        ['a', 3],
        ['b', 1],
      ],
    });
    const bare = previewColumns(tableRows('5.1,0.2,setosa\n4.9,0.3,setosa\n', false));
    expect(bare.map(({ name, holds }) => `${name} ${holds}`)).toEqual([
      '0 numbers',
      '1 numbers',
      '2 texts',
    ]);
    expect(bare[2]?.cells).toEqual(['setosa', 'setosa']);
    const lines = previewColumns(jsonlRows('{"1": 2, "y": "a"}\n{"1": 3}\n{'), true);
    expect(lines.map(({ name, cells }) => [name, ...cells])).toEqual([
      ['1', '2', '3'],
      ['y', 'a', ''],
    ]);
  });

  it('tells classes from numbers', () => {
    expect(likelyLoss(['setosa', 'virginica', 'setosa'])).toBe('categoricalCrossentropy');
    expect(likelyLoss(['0', '1', '1', '0'])).toBe('categoricalCrossentropy');
    expect(likelyLoss(['1.5', '2.25', '19.75'])).toBe('meanSquaredError');
    expect(likelyLoss(Array.from({ length: 200 }, (_, index) => String(index * 37)))).toBe(
      'meanSquaredError',
    );
  });
});
