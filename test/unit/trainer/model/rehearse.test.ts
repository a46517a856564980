import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { outputObjective } from '../../../../src/trainer/model/objective';
import { objectiveOf } from '../../../../src/trainer/model/objectives';
import { rehearse } from '../../../../src/trainer/model/rehearse';
import { loadCpu } from '../backends';

const place = { file: '/workspace/batchwise.json' };

beforeAll(async () => {
  await loadCpu();
});

function rehearsed(model: LayersModel, sampleShape: number[]) {
  const objective = objectiveOf(outputObjective('sparseCategoricalCrossentropy'));
  return rehearse({ model, ...objective }, { sampleShape, labelShape: [] }, place);
}

const classifier = () => layers.dense({ units: 3, activation: 'softmax' });

describe('a rehearsal', () => {
  it('takes gradients and leaves nothing behind', () => {
    const model = sequential({
      layers: [layers.dense({ inputShape: [4], units: 5 }), classifier()],
    });
    const before = tf.memory().numTensors;
    expect(rehearsed(model, [4])).toEqual({ ok: true, value: true });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('tells what cannot be trained, with the place of the model', () => {
    const dilated = sequential({
      layers: [
        layers.conv3d({ inputShape: [4, 4, 4, 1], filters: 2, kernelSize: 2, dilationRate: 2 }),
        layers.flatten(),
        classifier(),
      ],
    });
    const result = rehearsed(dilated, [4, 4, 4, 1]);
    expect(result).toMatchObject({
      ok: false,
      problem: { reason: 'modelNotTrainable', place: { ...place, pointer: ['model'] } },
    });
    expect(result.ok ? '' : result.problem.values['cause']).toMatch(/conv3D: dilation rates/);
  });

  it('tells of a softmax over another axis than the last', () => {
    const model = sequential({
      layers: [
        layers.dense({ inputShape: [2, 3], units: 4 }),
        layers.softmax({ axis: 1 }),
        layers.flatten(),
        classifier(),
      ],
    });
    expect(rehearsed(model, [2, 3])).toMatchObject({ problem: { reason: 'modelNotTrainable' } });
  });
});
