import {
  add,
  div,
  floor,
  maximum,
  mean,
  mul,
  randomUniform,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  tidy,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { initializers, type layers } from '@tensorflow/tfjs-layers';
import {
  firstShape,
  firstTensor,
  isTraining,
  register,
  SameShape,
  type Call,
  type Shape,
} from './keras';

type Weight = ReturnType<InstanceType<typeof layers.Layer>['getWeights']>[number];
interface Variable {
  read(): Weight;
}

/** Hands on what it gets; its penalty is added to the loss (model/activityPenalties.ts). */
class ActivityRegularization extends SameShape {
  static readonly className = 'ActivityRegularization';

  override call(inputs: Call[0]): Tensor {
    return firstTensor(inputs).clone();
  }
}

/** Normalizes groups of channels within each sample (arXiv 1803.08494); channels on the last axis. */
class GroupNormalization extends SameShape {
  static readonly className = 'GroupNormalization';
  #gamma: Variable | null = null;
  #beta: Variable | null = null;
  #groups = 1;

  override build(inputShape: Shape | Shape[]): void {
    const channels = firstShape(inputShape).at(-1) ?? 1;
    const groups = this.rate('groups', 32);
    this.#groups = groups === -1 ? channels : groups;
    if (channels % this.#groups !== 0)
      throw new Error(`${String(channels)} channels do not make ${String(this.#groups)} groups`);
    if (this.flag('scale', true))
      this.#gamma = this.addWeight('gamma', [channels], 'float32', initializers.ones());
    if (this.flag('center', true))
      this.#beta = this.addWeight('beta', [channels], 'float32', initializers.zeros());
    this.built = true;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const x = firstTensor(inputs);
      const [batch = 1] = x.shape;
      const channels = x.shape.at(-1) ?? 1;
      const width = channels / this.#groups;
      const places = x.size / Math.max(1, batch * channels);
      const grouped = reshape(x, [batch, places, this.#groups, width]);
      const center = mean(grouped, [1, 3], true);
      const offset = sub(grouped, center);
      const variance = mean(square(offset), [1, 3], true);
      const scaled = div(offset, sqrt(add(variance, this.rate('epsilon', 1e-3))));
      let y: Tensor = reshape(scaled, x.shape);
      if (this.#gamma) y = mul(y, this.#gamma.read());
      return this.#beta ? add(y, this.#beta.read()) : y;
    });
  }
}

/** Divides each vector of the last axis (or of others) by its length. */
class UnitNormalization extends SameShape {
  static readonly className = 'UnitNormalization';

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const x = firstTensor(inputs);
      const axis = (this.settings['axis'] ?? -1) as number | number[];
      return div(x, sqrt(maximum(sum(square(x), axis, true), 1e-12)));
    });
  }
}

/** Takes away a mean and divides by a deviation that the model's file holds, as weights or settings. */
class Normalization extends SameShape {
  static readonly className = 'Normalization';
  #average: Variable | null = null;
  #variance: Variable | null = null;

  override build(inputShape: Shape | Shape[]): void {
    if (this.settings['mean'] === undefined || this.settings['mean'] === null) {
      const shape = this.#keptShape(firstShape(inputShape));
      const weight = (name: string, initial: 'zeros' | 'ones', own: number[]) =>
        this.addWeight(name, own, 'float32', initializers[initial](), undefined, false);
      this.#average = weight('mean', 'zeros', shape);
      this.#variance = weight('variance', 'ones', shape);
      weight('count', 'zeros', []);
    }
    this.built = true;
  }

  #keptShape(inputShape: Shape): number[] {
    const { axis = -1 } = this.settings;
    if (axis === null) return [];
    const kept = [axis].flat().map((each) => {
      const at = Number(each);
      return at < 0 ? at + inputShape.length : at;
    });
    return kept.map((at) => inputShape[at] ?? 1);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const x = firstTensor(inputs);
      const given = (name: string, own: Variable | null) =>
        own ? own.read() : tensor(this.settings[name] as number | number[]);
      const offset = sub(x, given('mean', this.#average));
      const deviation = maximum(sqrt(given('variance', this.#variance)), 1e-7);
      if (this.flag('invert', false)) return add(mul(x, deviation), given('mean', this.#average));
      return div(offset, deviation);
    });
  }
}

/** Leaves out whole channels: one mask for all places. */
class SpatialDropout extends SameShape {
  override call(inputs: Tensor | Tensor[], kwargs: Call[1]): Tensor {
    return tidy(() => {
      const x = firstTensor(inputs);
      const kept = 1 - this.rate('rate', 0.5);
      if (!isTraining(kwargs) || kept >= 1) return x;
      const isFirst = this.settings['dataFormat'] === 'channelsFirst';
      const channels = isFirst ? 1 : x.rank - 1;
      const shape = x.shape.map((length, axis) => (axis === 0 || axis === channels ? length : 1));
      return mul(x, div(floor(add(randomUniform(shape), kept)), kept));
    });
  }
}

class SpatialDropout1D extends SpatialDropout {
  static readonly className = 'SpatialDropout1D';
}

class SpatialDropout2D extends SpatialDropout {
  static readonly className = 'SpatialDropout2D';
}

class SpatialDropout3D extends SpatialDropout {
  static readonly className = 'SpatialDropout3D';
}

export function registerNormalization(): void {
  [ActivityRegularization, GroupNormalization, UnitNormalization, Normalization].forEach(register);
  [SpatialDropout1D, SpatialDropout2D, SpatialDropout3D].forEach(register);
}
