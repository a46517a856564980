import { describe, expect, it } from 'vitest';
import { overfitting } from '../../../../src/planner/advice/overfitting';

const points = (validation: number[], train: number[]) =>
  validation.map((value, i) => ({
    iteration: i + 1,
    epoch: i + 1,
    seconds: i + 1,
    train: train[i] ?? null,
    validation: value,
    accuracy: null,
  }));
const falling = [1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];

describe('overfitting', () => {
  it('is a validation loss that rises while the training loss falls, from its turn on', () => {
    const found = overfitting(points([1, 0.8, 0.6, 0.5, 0.52, 0.56, 0.6, 0.65], falling));
    expect(found?.epoch).toBe(4);
    expect(found?.last).toBeGreaterThan(0.55);
  });

  it('is not one bad evaluation, nor a curve that falls or is too short to tell', () => {
    expect(overfitting(points([1, 0.8, 0.9, 0.6, 0.5, 0.45, 0.4, 0.6], falling))).toBeNull();
    expect(overfitting(points(falling, falling))).toBeNull();
    expect(overfitting(points([1, 0.5, 0.8], falling))).toBeNull();
    const bothRise = points([1, 0.5, 0.6, 0.7, 0.8, 0.9, 1], [1, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    expect(overfitting(bothRise)).toBeNull();
  });
});
