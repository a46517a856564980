import type { LossName } from '../../losses';
import { perSample, type Amount } from './amount';
import {
  add,
  apply,
  cast,
  divide,
  largest,
  mean,
  multiply,
  number,
  reshape,
  subtract,
  sumOver,
} from './operations';
import type { Shaped } from './layerCall';
import type { Tape, Value } from './tape';

/** Labels of one sample for an output of this shape. */
export function labelValues(loss: LossName, output: readonly (number | null)[]): number {
  const places = output.slice(0, -1).reduce<number>((all, length) => all * (length ?? 1), 1);
  return loss.includes('ategorical') ? places : places * (output.at(-1) ?? 1);
}

/** Losses of the samples [batch], as src/trainer/model/objective.ts and tfjs layers compute them. */
export function losses(tape: Tape, loss: LossName, { value, shape }: Shaped, labels: Value): Value {
  return tape.tidy(() => {
    const classes = shape.at(-1) ?? 1;
    const places = perSample(value.size.perSample / classes);
    const each = eachLoss(tape, loss, value, labels, places);
    const cast_ = cast(tape, each);
    return shape.length > 1 ? mean(tape, cast_, perSample(1)) : cast_;
  });
}

function eachLoss(
  tape: Tape,
  loss: LossName,
  outputs: Value,
  labels: Value,
  places: Amount,
): Value {
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
    case 'meanAbsolutePercentageError': {
      const truth = reshape(tape, labels);
      const share = divide(tape, subtract(tape, truth, outputs), apply(tape, 'abs', truth));
      return multiply(tape, number(tape), apply(tape, 'abs', share));
    }
    case 'meanSquaredLogarithmicError': {
      const logs = apply(tape, 'log', apply(tape, 'smallerOf', outputs));
      const truth = apply(tape, 'log', apply(tape, 'smallerOf', reshape(tape, labels)));
      return apply(tape, 'square', subtract(tape, logs, truth));
    }
    case 'huber': {
      const error = apply(tape, 'abs', subtract(tape, outputs, reshape(tape, labels)));
      const inner = apply(tape, 'smallerOf', error);
      const squares = multiply(tape, number(tape), apply(tape, 'square', inner));
      const line = multiply(tape, number(tape), subtract(tape, error, inner));
      return add(tape, squares, line);
    }
    case 'logCosh': {
      const error = subtract(tape, outputs, reshape(tape, labels));
      const soft = apply(tape, 'softplus', multiply(tape, error, number(tape)));
      return subtract(tape, add(tape, error, soft), number(tape));
    }
    case 'poisson': {
      const logs = apply(tape, 'log', add(tape, outputs, number(tape)));
      return subtract(tape, outputs, multiply(tape, reshape(tape, labels), logs));
    }
    case 'cosineSimilarity': {
      const [truth, given] = [
        unitLength(tape, reshape(tape, labels), places),
        unitLength(tape, outputs, places),
      ];
      return apply(tape, 'negative', sumOver(tape, multiply(tape, truth, given), places));
    }
    case 'hinge':
    case 'squaredHinge': {
      const signs = multiply(tape, cast(tape, reshape(tape, labels)), number(tape));
      const margin = multiply(tape, subtract(tape, signs, number(tape)), outputs);
      const each = apply(tape, 'relu', subtract(tape, number(tape), margin));
      return loss === 'hinge' ? each : apply(tape, 'square', each);
    }
    case 'categoricalHinge': {
      const truth = oneHotOf(tape, outputs, labels);
      const right = sumOver(tape, multiply(tape, truth, outputs), places);
      const others = multiply(tape, subtract(tape, number(tape), truth), outputs);
      const wrong = largest(tape, others, places);
      return apply(tape, 'relu', add(tape, subtract(tape, wrong, right), number(tape)));
    }
    case 'kullbackLeiblerDivergence': {
      const truth = apply(tape, 'clip', oneHotOf(tape, outputs, labels));
      const share = divide(tape, truth, apply(tape, 'clip', outputs));
      return sumOver(tape, multiply(tape, truth, apply(tape, 'log', share)), places);
    }
    case 'binaryFocalCrossentropy': {
      const truth = cast(tape, reshape(tape, labels));
      const clipped = apply(tape, 'clip', outputs);
      const against = subtract(tape, number(tape), truth);
      const rest = apply(tape, 'log', subtract(tape, number(tape), clipped));
      const entropy = add(
        tape,
        multiply(tape, truth, apply(tape, 'log', clipped)),
        multiply(tape, against, rest),
      );
      const other = multiply(tape, against, subtract(tape, number(tape), outputs));
      const certainty = add(tape, multiply(tape, truth, outputs), other);
      const focus = apply(tape, 'power', subtract(tape, number(tape), certainty));
      return multiply(tape, focus, apply(tape, 'negative', entropy));
    }
    case 'categoricalFocalCrossentropy': {
      const truth = add(
        tape,
        multiply(tape, oneHotOf(tape, outputs, labels), number(tape)),
        number(tape),
      );
      const shares = divide(tape, outputs, sumOver(tape, outputs, places));
      const clipped = apply(tape, 'clip', shares);
      const focus = apply(tape, 'power', subtract(tape, number(tape), clipped));
      const scaled = multiply(tape, number(tape), focus);
      const entropy = multiply(tape, truth, apply(tape, 'log', clipped));
      const sums = sumOver(tape, multiply(tape, entropy, scaled), places);
      return apply(tape, 'negative', sums);
    }
  }
}

/** Class indices as rows of zeros and a one. */
function oneHotOf(tape: Tape, outputs: Value, labels: Value): Value {
  const indices = cast(tape, labels);
  const oneHot = tape.constant(outputs.size);
  tape.dispose(indices);
  return cast(tape, oneHot);
}

function unitLength(tape: Tape, x: Value, places: Amount): Value {
  const squares = sumOver(tape, apply(tape, 'square', x), places);
  return divide(tape, x, apply(tape, 'sqrt', apply(tape, 'smallerOf', squares)));
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
