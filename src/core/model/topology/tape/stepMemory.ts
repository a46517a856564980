import type { JsonObject } from '../json';
import { isObject } from '../json';
import { sizeOf, type Shape } from '../layerCost';
import { walkTopology } from '../walkTopology';
import { fixed, perSample, type Amount } from './amount';
import type { Shaped } from './layerCall';
import { callLayer } from './layers';
import { likelyLoss, type LossName } from '../../losses';
import { labelValues, losses } from './loss';
import { add, apply, mean, reshape } from './operations';
import { Tape } from './tape';

/** What the device holds besides weights, optimizer and data set. */
export interface StepMemory {
  /** From the gathering of a batch to its gradients: the largest of these lines. */
  readonly step: readonly Amount[];
  /** While it is evaluated, without gradients. */
  readonly evaluation: readonly Amount[];
  /** Labels of one sample. */
  readonly labels: number;
}

/**
 * Follows a training step and an evaluation of a normalized topology (normalizeTopology.ts) through
 * tfjs's engine, as `gradientsOf` and `evaluate` of src/trainer/training run them.
 * @param input shape of one sample, for models that do not say it
 * @param loss null: the one that the last activation of an output points to
 * @param ownKernels whether layers run in our own kernels: see Tape
 */
export function stepMemory(
  model: JsonObject,
  input: Shape,
  loss: LossName | null,
  ownKernels = true,
): StepMemory {
  const step = follow(model, input, loss, new Tape(true, ownKernels));
  const evaluation = follow(model, input, loss, new Tape(false, ownKernels));
  return { step: step.most, evaluation: evaluation.most, labels: step.labels };
}

function follow(
  model: JsonObject,
  inputShape: Shape,
  given: LossName | null,
  tape: Tape,
): { readonly most: readonly Amount[]; readonly labels: number } {
  const activations = outputActivations(model);
  const lossOf = (index: number) => given ?? likelyLoss(activations[index]);
  let labels = 0;
  const total = tape.tidy(() => {
    const indices = tape.constant(perSample(1));
    const outputs = forward(model, inputShape, tape);
    const values = outputs.map(({ shape }, index) => labelValues(lossOf(index), shape));
    labels = values.reduce((sum, each) => sum + each, 0);
    tape.dispose(indices);
    const rows = tape.constant(perSample(labels));
    // Labels of several outputs come in one row, out of which each takes its own.
    const labelsOf = (index: number) =>
      outputs.length === 1 ? rows : tape.constant(perSample(values[index] ?? 1));
    const each = outputs.map((output, index) =>
      tape.tidy(() => losses(tape, lossOf(index), output, labelsOf(index))),
    );
    const sum = each.reduce((one, other) => add(tape, one, other));
    if (!tape.training) apply(tape, 'square', sum);
    return mean(tape, sum, fixed(1));
  });
  if (tape.training) tape.backward(total);
  return { most: tape.most, labels };
}

function forward(model: JsonObject, inputShape: Shape, tape: Tape): readonly Shaped[] {
  const uses = tape.training ? null : usesOf(model);
  const inputs = inputSizes(model, inputShape);
  // Several inputs come in one row, out of which each takes its own.
  if (inputs.length > 1) tape.constant(perSample(inputs.reduce((sum, size) => sum + size, 0)));
  const left = new Map<Shaped, number>();
  let made = 0;
  const counted = (output: Shaped): Shaped => {
    left.set(output, uses?.[made++] ?? 0);
    return output;
  };
  return walkTopology<Shaped>(model, {
    inputOf: (own) => {
      const shape = own ?? inputShape;
      made++;
      return { value: tape.constant(perSample(sizeOf(shape))), shape };
    },
    call: ({ className, config, inputs }) => {
      const output = callLayer(tape, className, config, inputs);
      if (!output) return null;
      const isInput = inputs.some(({ value }) => value === output.value);
      const own = isInput ? { ...output, value: reshape(tape, output.value) } : output;
      for (const input of inputs) {
        const rest = (left.get(input) ?? 0) - 1;
        left.set(input, rest);
        // `execute` of tfjs layers frees an output, but no input, that no layer takes any more.
        if (uses && rest === 0) tape.dispose(input.value);
      }
      return counted(own);
    },
  });
}

/** How often each input and output is taken, in the order in which a walk makes them. */
function usesOf(model: JsonObject): readonly number[] {
  const made: { uses: number }[] = [];
  const one = () => {
    const thing = { uses: 0 };
    made.push(thing);
    return thing;
  };
  const outputs = walkTopology<{ uses: number }>(model, {
    inputOf: one,
    call: ({ inputs }) => {
      for (const input of inputs) input.uses++;
      return one();
    },
  });
  // What the model gives stays, though another layer takes it as well.
  for (const output of outputs) output.uses++;
  return made.map(({ uses }) => uses);
}

/** Values of one sample of each input. */
function inputSizes(model: JsonObject, inputShape: Shape): readonly number[] {
  const sizes: number[] = [];
  walkTopology<true>(model, {
    inputOf: (shape) => {
      sizes.push(sizeOf(shape ?? inputShape));
      return true;
    },
    call: () => true,
  });
  return sizes;
}

/** The activation that each output has gone through last. */
function outputActivations(model: JsonObject): readonly unknown[] {
  const outputs = walkTopology<{ readonly activation: unknown }>(model, {
    inputOf: () => ({ activation: null }),
    call: ({ config, className, inputs }) => {
      const inner =
        isObject(config.layer) && isObject(config.layer.config) ? config.layer.config : {};
      const own = className === 'Softmax' ? 'softmax' : (inner.activation ?? config.activation);
      return { activation: own ?? inputs[0]?.activation ?? null };
    },
  });
  return outputs.map(({ activation }) => activation);
}
