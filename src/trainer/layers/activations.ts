import {
  abs,
  clipByValue,
  exp,
  leakyRelu,
  minimum,
  mul,
  relu,
  relu6,
  add,
  elu,
  neg,
  softplus,
  sqrt,
  sub,
  tanh,
  tidy,
  div,
  where,
  greater,
  zerosLike,
  serialization,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { register } from './keras';

type Activation = (x: Tensor) => Tensor;

/** Activations of Keras (https://keras.io/api/layers/activations/) that tfjs layers lacks. */
const activations: Readonly<Record<string, Activation>> = {
  exponential: (x) => exp(x),
  leakyRelu: (x) => leakyRelu(x, 0.2),
  hardSigmoid6: (x) => mul(relu6(add(x, 3)), 1 / 6),
  hardSwish: (x) => mul(x, mul(relu6(add(x, 3)), 1 / 6)),
  celu: (x) => elu(x),
  hardTanh: (x) => clipByValue(x, -1, 1),
  logSigmoid: (x) => neg(softplus(neg(x))),
  tanhShrink: (x) => sub(x, tanh(x)),
  softShrink: (x) => sub(x, clipByValue(x, -0.5, 0.5)),
  hardShrink: (x) => where(greater(abs(x), 0.5), x, zerosLike(x)),
  squareplus: (x) => div(add(x, sqrt(add(mul(x, x), 4))), 2),
};

/** Names of activations of ours, with those that have settings of their own. */
export const activationNames: readonly string[] = Object.keys(activations);

/**
 * Makes an activation with settings in its name usable: `leakyRelu(0.1)`, and
 * `relu(highest, slope, threshold)`.
 * @returns false for a name that is none
 */
export function ensureActivation(name: string): boolean {
  const parts = /^(leakyRelu|relu|elu)\(([-\d., e]+)\)$/.exec(name);
  if (!parts) return false;
  const [, kind, values = ''] = parts;
  const [first = 0, slope = 0, threshold = 0] = values.split(',').map(Number);
  const by: Readonly<Record<string, Activation>> = {
    leakyRelu: (x) => leakyRelu(x, first),
    relu: (x) => cutOff(x, first, slope, threshold),
    elu: (x) => add(relu(x), mul(first, sub(exp(minimum(x, 0)), 1))),
  };
  const activation = by[kind ?? ''];
  if (activation) registerActivation(name, activation);
  return activation !== undefined;
}

/** x above a threshold, up to the highest value (0: none), and a slope below. */
function cutOff(x: Tensor, highest: number, slope: number, threshold: number): Tensor {
  const above = threshold === 0 ? relu(x) : where(greater(x, threshold), x, zerosLike(x));
  const bounded = highest > 0 ? minimum(above, highest) : above;
  if (slope === 0) return bounded;
  return add(bounded, mul(slope, minimum(sub(x, threshold), 0)));
}

function registerActivation(className: string, activation: Activation): void {
  class Named extends serialization.Serializable {
    static readonly className = className;
    apply(x: Tensor): Tensor {
      return tidy(() => activation(x));
    }
    getConfig(): serialization.ConfigDict {
      return {};
    }
  }
  register(Named);
}

export function registerActivations(): void {
  for (const [name, activation] of Object.entries(activations))
    registerActivation(name, activation);
}
