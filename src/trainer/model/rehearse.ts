import { dispose, zeros } from '@tensorflow/tfjs-core';
import { saysOutOfMemory } from '../../protocol/outOfMemorySigns';
import { fail, ok, type Place, type Result } from '../../core/text/problem';
import type { Dataset } from '../data/dataset';
import { firstLine } from '../../core/text/errorText';
import { gradientsOf, type Differentiable } from '../training/gradients';
import { withSeededRandom } from '../random/seededRandom';

/**
 * Takes the gradients of one sample of zeros, as training will: what TensorFlow.js builds but
 * cannot train is reported before a sweep begins. Running out of memory is left to the trials.
 */
export function rehearse(
  model: Differentiable,
  { sampleShape, labelShape }: Pick<Dataset, 'sampleShape' | 'labelShape'>,
  place: Place,
): Result<true> {
  const features = zeros([1, ...sampleShape]);
  const labels = zeros([1, ...labelShape]);
  try {
    const { loss, byVariable } = withSeededRandom(1, () =>
      gradientsOf(model, { features, labels }),
    );
    dispose([loss, ...Object.values(byVariable)]);
    return ok(true);
  } catch (error) {
    // libtensorflow's second line is the one that says it.
    if (saysOutOfMemory(error instanceof Error ? error.message : '')) return ok(true);
    const cause = firstLine(error).replace(/\.$/, '');
    return fail('modelNotTrainable', { cause }, { ...place, pointer: ['model'] });
  } finally {
    dispose([features, labels]);
  }
}
