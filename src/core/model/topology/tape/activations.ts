import { entryOf } from '../json';
import type { Tape, Value } from './tape';
import { add, apply, divide, multiply, number, subtract } from './operations';

type Activation = (tape: Tape, x: Value) => Value;

const hardSigmoid: Activation = (tape, x) =>
  tape.tidy(() => apply(tape, 'clip', add(tape, number(tape), multiply(tape, number(tape), x))));

const swish: Activation = (tape, x) =>
  tape.tidy(() => multiply(tape, apply(tape, 'sigmoid', multiply(tape, x, number(tape))), x));

/** x·Φ(x) by the error function. */
const gelu: Activation = (tape, x) =>
  tape.tidy(() => {
    const error = apply(tape, 'erf', divide(tape, x, number(tape)));
    return multiply(tape, x, multiply(tape, number(tape), add(tape, number(tape), error)));
  });

/** The same by a hyperbolic tangent of a polynomial. */
const geluNew: Activation = (tape, x) =>
  tape.tidy(() => {
    const cube = multiply(tape, number(tape), apply(tape, 'power', x));
    const scaled = multiply(tape, number(tape), add(tape, x, cube));
    const share = add(tape, number(tape), apply(tape, 'tanh', scaled));
    return multiply(tape, number(tape), multiply(tape, x, share));
  });

/** tfjs layers' activations by name, as the operations they are made of. */
const activations: Readonly<Record<string, Activation>> = {
  linear: (_, x) => x,
  relu: (tape, x) => apply(tape, 'relu', x),
  relu6: (tape, x) => tape.tidy(() => apply(tape, 'smallerOf', apply(tape, 'relu', x))),
  elu: (tape, x) => apply(tape, 'elu', x),
  selu: (tape, x) => apply(tape, 'selu', x),
  sigmoid: (tape, x) => apply(tape, 'sigmoid', x),
  hardSigmoid,
  hard_sigmoid: hardSigmoid,
  tanh: (tape, x) => apply(tape, 'tanh', x),
  softplus: (tape, x) => apply(tape, 'softplus', x),
  softsign: (tape, x) =>
    tape.tidy(() => divide(tape, x, add(tape, apply(tape, 'abs', x), number(tape)))),
  softmax: (tape, x) => apply(tape, 'softmax', x),
  logSoftmax: (tape, x) => apply(tape, 'logSoftmax', x),
  swish,
  silu: swish,
  mish: (tape, x) =>
    tape.tidy(() => multiply(tape, x, apply(tape, 'tanh', apply(tape, 'softplus', x)))),
  gelu,
  gelu_new: geluNew,
  exponential: (tape, x) => apply(tape, 'exp', x),
  leakyRelu: (tape, x) => apply(tape, 'leakyRelu', x),
  celu: (tape, x) => apply(tape, 'elu', x),
  hardTanh: (tape, x) => apply(tape, 'clip', x),
  hardSigmoid6: (tape, x) =>
    tape.tidy(() => multiply(tape, apply(tape, 'clip', add(tape, x, number(tape))), number(tape))),
  hardSwish: (tape, x) =>
    tape.tidy(() => {
      const cut = apply(tape, 'clip', add(tape, x, number(tape)));
      return multiply(tape, x, multiply(tape, cut, number(tape)));
    }),
  logSigmoid: (tape, x) =>
    tape.tidy(() => apply(tape, 'negative', apply(tape, 'softplus', apply(tape, 'negative', x)))),
  tanhShrink: (tape, x) => tape.tidy(() => subtract(tape, x, apply(tape, 'tanh', x))),
  softShrink: (tape, x) => tape.tidy(() => subtract(tape, x, apply(tape, 'clip', x))),
};

export function activate(tape: Tape, name: unknown, x: Value): Value {
  // Some carry settings: `leakyRelu(0.1)`.
  const activation =
    typeof name === 'string' ? entryOf(activations, name.replace(/\(.*/, '')) : undefined;
  return (activation ?? activations.tanh ?? ((_, y) => y))(tape, x);
}

/** Activations that tfjs layers asks tfjs to fuse with the product before them. */
export function mapsToFused(name: unknown): boolean {
  return name === 'relu' || name === 'elu' || name === 'linear';
}

/** Whether it then does: while gradients are recorded, only `linear` is. */
export function isFused(tape: Tape, name: unknown): boolean {
  return tape.training ? name === 'linear' : mapsToFused(name);
}
