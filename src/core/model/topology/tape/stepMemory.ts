import type { JsonObject } from '../json';
import { isObject } from '../json';
import { sizeOf, type Shape } from '../layerCost';
import { walkTopology } from '../walkTopology';
import { fixed, perSample, type Amount } from './amount';
import type { Shaped } from './layerCall';
import { callLayer } from './layers';
import { labelValues, likelyLoss, losses, type Loss } from './loss';
import { apply, mean, reshape } from './operations';
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
 * @param loss null: the one that the last activation points to
 */
export function stepMemory(model: JsonObject, input: Shape, loss: Loss | null): StepMemory {
  const step = follow(model, input, loss, new Tape(true));
  const evaluation = follow(model, input, loss, new Tape(false));
  return { step: step.most, evaluation: evaluation.most, labels: step.labels };
}

function follow(
  model: JsonObject,
  inputShape: Shape,
  given: Loss | null,
  tape: Tape,
): { readonly most: readonly Amount[]; readonly labels: number } {
  const loss = given ?? likelyLoss(lastActivation(model));
  let labels = 0;
  const total = tape.tidy(() => {
    const indices = tape.constant(perSample(1));
    const outputs = forward(model, inputShape, tape);
    labels = labelValues(loss, outputs.shape);
    tape.dispose(indices);
    const each = losses(tape, loss, outputs, tape.constant(perSample(labels)));
    if (!tape.training) apply(tape, 'square', each);
    return mean(tape, each, fixed(1));
  });
  if (tape.training) tape.backward(total);
  return { most: tape.most, labels };
}

function forward(model: JsonObject, inputShape: Shape, tape: Tape): Shaped {
  const uses = tape.training ? null : usesOf(model);
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
  walkTopology<{ uses: number }>(model, {
    inputOf: one,
    call: ({ inputs }) => {
      for (const input of inputs) input.uses++;
      return one();
    },
  });
  return made.map(({ uses }) => uses);
}

/** Of the last layer that has one. */
function lastActivation(model: JsonObject): unknown {
  let last: unknown = null;
  walkTopology<boolean>(model, {
    inputOf: () => true,
    call: ({ config, className }) => {
      if (className === 'Softmax') last = 'softmax';
      else if (config.activation !== undefined) last = config.activation;
      const inner = isObject(config.layer) && isObject(config.layer.config) && config.layer.config;
      if (inner && inner.activation !== undefined) last = inner.activation;
      return null;
    },
  });
  return last;
}
