import { perSample, type Amount } from './amount';
import {
  add,
  apply,
  cast,
  divide,
  mean,
  multiply,
  number,
  reshape,
  subtract,
  sumOver,
} from './operations';
import type { Shaped } from './layers';
import type { Tape, Value } from './tape';

/** Losses by their names in the config's schema. */
const lossNames = [
  'categoricalCrossentropy',
  'sparseCategoricalCrossentropy',
  'binaryCrossentropy',
  'meanSquaredError',
  'meanAbsoluteError',
] as const;
export type Loss = (typeof lossNames)[number];

/** A loss by its name in the config or, in snake_case, in a compiled model; null for any other. */
export function lossNamed(name: unknown): Loss | null {
  if (typeof name !== 'string') return null;
  const camel = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return lossNames.find((loss) => loss === camel) ?? null;
}

/** The loss a model ends with, where nothing says one: by the activation of its last layer. */
export function likelyLoss(activation: unknown): Loss {
  if (activation === 'softmax') return 'sparseCategoricalCrossentropy';
  return activation === 'sigmoid' ? 'binaryCrossentropy' : 'meanSquaredError';
}

/** Labels of one sample for an output of this shape. */
export function labelValues(loss: Loss, output: readonly (number | null)[]): number {
  const places = output.slice(0, -1).reduce<number>((all, length) => all * (length ?? 1), 1);
  return loss.includes('ategorical') ? places : places * (output.at(-1) ?? 1);
}

/** Losses of the samples [batch], as src/trainer/model/objective.ts and tfjs layers compute them. */
export function losses(tape: Tape, loss: Loss, { value, shape }: Shaped, labels: Value): Value {
  return tape.tidy(() => {
    const classes = shape.at(-1) ?? 1;
    const places = perSample(value.size.perSample / classes);
    const each = eachLoss(tape, loss, value, labels, places);
    const cast_ = cast(tape, each);
    return shape.length > 1 ? mean(tape, cast_, perSample(1)) : cast_;
  });
}

function eachLoss(tape: Tape, loss: Loss, outputs: Value, labels: Value, places: Amount): Value {
  switch (loss) {
    case 'sparseCategoricalCrossentropy':
      return crossentropy(tape, apply(tape, 'clip', outputs), labels, places);
    case 'categoricalCrossentropy':
      return crossentropy(tape, outputs, labels, places);
    case 'binaryCrossentropy':
      return binaryCrossentropy(tape, outputs, reshape(tape, labels), places);
    case 'meanSquaredError': {
      const difference = subtract(tape, outputs, reshape(tape, labels));
      // K.square multiplies the difference with itself.
      return mean(tape, multiply(tape, difference, difference), places);
    }
    case 'meanAbsoluteError':
      return mean(tape, apply(tape, 'abs', subtract(tape, outputs, reshape(tape, labels))), places);
  }
}

function crossentropy(tape: Tape, outputs: Value, labels: Value, places: Amount): Value {
  const indices = cast(tape, labels);
  const oneHot = tape.constant(outputs.size);
  tape.dispose(indices);
  return tape.tidy(() => {
    const shares = divide(tape, outputs, sumOver(tape, outputs, places));
    const clipped = apply(tape, 'clip', shares);
    const logs = apply(tape, 'log', clipped);
    const products = multiply(tape, cast(tape, oneHot), logs);
    return apply(tape, 'negative', sumOver(tape, products, places));
  });
}

/** From probabilities back to logits, then the stable form of the loss. */
function binaryCrossentropy(tape: Tape, outputs: Value, labels: Value, places: Amount): Value {
  const clipped = apply(tape, 'clip', outputs);
  const odds = divide(tape, clipped, subtract(tape, number(tape), clipped));
  const logits = apply(tape, 'log', odds);
  const each = tape.tidy(() => {
    const magnitude = apply(tape, 'negative', apply(tape, 'abs', logits));
    const correction = apply(tape, 'log', apply(tape, 'exp', magnitude));
    const difference = subtract(tape, apply(tape, 'relu', logits), multiply(tape, logits, labels));
    return add(tape, difference, correction);
  });
  return mean(tape, each, places);
}
