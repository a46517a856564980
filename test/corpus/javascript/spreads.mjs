import * as tf from '@tensorflow/tfjs';

const defaults = { batchSize: 16, shuffle: true };

export async function train(model, xs, ys, overrides) {
  const settings = { ...defaults, epochs: 40, ...overrides };
  return model.fit(xs, ys, { ...settings, verbose: 0 });
}
