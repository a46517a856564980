import { describe, expect, test } from 'vitest';
import { layerCost, type Shape } from '../../../../../src/core/model/topology/layerCost';
import { callLayer } from '../../../../../src/core/model/topology/tape/layers';
import { perSample } from '../../../../../src/core/model/topology/tape/amount';
import { Tape } from '../../../../../src/core/model/topology/tape/tape';
import { ourLayerNames } from '../../../../../src/trainer/layers/registerLayers';

/** Settings that stand for each layer of ours, with the shape of a sample. */
const settings: Record<string, readonly [Record<string, unknown>, Shape]> = {
  GRU: [{ units: 3, reset_after: true }, [4, 6]],
  Conv2DTranspose: [{ filters: 2, kernel_size: 3, output_padding: 1, strides: 2 }, [3, 3, 2]],
  GroupNormalization: [{ groups: 2 }, [4, 4, 6]],
  MultiHeadAttention: [{ num_heads: 2, key_dim: 3 }, [4, 6]],
  Attention: [{ use_scale: true }, [4, 6]],
  AdditiveAttention: [{}, [4, 6]],
  Resizing: [{ height: 2, width: 3 }, [4, 4, 3]],
  CenterCrop: [{ height: 2, width: 3 }, [4, 4, 3]],
  RandomCrop: [{ height: 2, width: 3 }, [4, 4, 3]],
};

describe('the memory estimate knows', () => {
  test.each(ourLayerNames())('%s, its weights and its step', (name) => {
    const [config, shape] = settings[name] ?? [{}, [4, 4, 3] as Shape];
    expect(layerCost(name, config, [shape])).not.toBeNull();
    for (const training of [true, false]) {
      const tape = new Tape(training);
      const value = tape.constant(perSample(48));
      expect(callLayer(tape, name, config, [{ value, shape }])).not.toBeNull();
    }
  });
});
