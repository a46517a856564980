import {
  cast,
  div,
  expandDims,
  max,
  mean,
  mul,
  reshape,
  sum,
  tidy,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import {
  firstShape,
  firstTensor,
  maskIn,
  register,
  type Call,
  type Settings,
  type Shape,
} from './keras';

/**
 * The mean or the largest value over all places, by channel. TensorFlow.js has these layers without
 * `keepdims`, and takes steps that a mask hides into the mean, which Keras leaves out.
 */
abstract class GlobalPooling extends layers.Layer {
  readonly #settings: Settings;
  readonly #keepsAxes: boolean;
  readonly #isChannelsFirst: boolean;

  constructor(settings: Settings) {
    super(settings);
    this.supportsMasking = true;
    this.#settings = settings;
    this.#keepsAxes = settings['keepdims'] === true;
    this.#isChannelsFirst = settings['dataFormat'] === 'channelsFirst';
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = firstShape(inputShape);
    const axes = this.#axes(shape.length);
    return this.#keepsAxes
      ? shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
      : shape.filter((_, axis) => !axes.includes(axis));
  }

  override computeMask(): Tensor {
    // Nothing of the steps is left; the type of tfjs has no null.
    return null as unknown as Tensor;
  }

  override call(inputs: Tensor | Tensor[], kwargs: Call[1] | undefined): Tensor {
    return tidy(() => {
      const x = firstTensor(inputs);
      // Pictures have no steps.
      const mask = x.rank === 3 ? maskIn(kwargs) : null;
      const pooled = this.pool(x, this.#axes(x.rank), mask);
      return this.#keepsAxes
        ? reshape(pooled, this.computeOutputShape(x.shape) as number[])
        : pooled;
    });
  }

  /** @param mask as `maskIn` gives it; null where all places count */
  protected abstract pool(x: Tensor, axes: number[], mask: Tensor | null): Tensor;

  #axes(rank: number): number[] {
    const first = this.#isChannelsFirst ? 2 : 1;
    return Array.from({ length: rank - 2 }, (_, axis) => first + axis);
  }

  override getConfig(): ReturnType<InstanceType<typeof layers.Layer>['getConfig']> {
    return { ...super.getConfig(), ...(this.#settings as object) };
  }
}

class GlobalAveragePooling extends GlobalPooling {
  protected pool(x: Tensor, axes: number[], mask: Tensor | null): Tensor {
    if (!mask) return mean(x, axes);
    const [steps = 1] = axes;
    const shown = expandDims(cast(mask, 'float32'), steps === 1 ? 2 : 1);
    return div(sum(mul(x, shown), axes), sum(shown, axes));
  }
}

class GlobalMaxPooling extends GlobalPooling {
  protected pool(x: Tensor, axes: number[]): Tensor {
    return max(x, axes);
  }
}

export function registerGlobalPooling(): void {
  for (const rank of [1, 2]) {
    const [average, largest] = [`GlobalAveragePooling${rank}D`, `GlobalMaxPooling${rank}D`];
    register(
      class extends GlobalAveragePooling {
        static readonly className = average;
      },
    );
    register(
      class extends GlobalMaxPooling {
        static readonly className = largest;
      },
    );
  }
}
