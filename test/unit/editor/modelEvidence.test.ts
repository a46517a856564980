import { describe, expect, it } from 'vitest';
import { modelEvidence } from '../../../src/editor/sites/modelEvidence';
import { familyOf } from '../../../src/languages/code/knowledge/layers';
import type { LayerCall } from '../../../src/languages/site';

const layer = (cell: number, className: string): LayerCall => ({
  ...{ className, written: `layers.${className}`, family: familyOf(className) },
  range: { cell, from: 0, to: 1 },
});

describe('the kind of a model over cells of a notebook', () => {
  it('names the layers of the only model', () => {
    const evidence = modelEvidence([layer(2, 'Conv2D'), layer(2, 'Dense')]);
    expect(evidence?.type).toBe('cnn');
    expect(evidence?.layers.map(({ name }) => name)).toEqual(['layers.Conv2D']);
  });

  it('names no layers where any of several models may be meant', () => {
    const evidence = modelEvidence([layer(2, 'Dense'), layer(5, 'Dense')]);
    expect(evidence).toEqual({ type: 'dense', layers: [] });
  });

  it('says nothing where they are of different kinds', () => {
    expect(modelEvidence([layer(2, 'Dense'), layer(5, 'LSTM')])).toBeNull();
  });

  it('does not count cells that only normalize', () => {
    expect(modelEvidence([layer(1, 'BatchNormalization'), layer(3, 'GRU')])?.type).toBe('rnn');
  });
});
