import type { JsonObject } from './json';
import { sizeOf, type LayerCost, type Shape } from './layerCost';

/** Values per sample that training a layer holds on the device. */
export interface TrainingValues {
  /** From the forward pass until the step ends. */
  readonly saved: number;
  /** Gradients from the layer's turn in the backward pass until the step ends. */
  readonly returned: number;
  /** Kernels' own space during that turn. */
  readonly working: number;
}

/** Activations whose gradient makes no tensor. */
const linear = 'linear';
/**
 * Metered on WASM: values per unit and time step of an LSTM over a whole step, against those kept
 * for the backward pass; the other cells are taken to behave alike.
 */
const recurrentFactor = 52 / 21;

/**
 * What tfjs 4 allocates for a layer in training, counted from its operations. Its engine frees
 * neither saved values nor gradients before the step ends. While gradients are recorded nothing is
 * fused (`shouldFuse` in fused_util.ts): product, bias and activation are three tensors. Filter
 * gradients here transpose their operands and XNNPACK packs a copy of the second one.
 * @param isFirst whether the layer takes the model's input, which has no gradient
 */
export function trainingValues(
  className: string,
  config: JsonObject,
  inputs: readonly Shape[],
  cost: LayerCost,
  isFirst: boolean,
): TrainingValues {
  const input = inputs.reduce((sum, shape) => sum + sizeOf(shape), 0);
  const output = sizeOf(cost.output);
  const inputGradient = isFirst ? 0 : input;
  if (/^(Separable)?Conv[123]D$|^DepthwiseConv2D$|^Dense$/.test(className)) {
    const activated = (config.activation ?? linear) !== linear;
    const separate = className.startsWith('Separable') ? cost.kept - output : 0;
    const tensors = 1 + (config.use_bias === false ? 0 : 1) + (activated ? 1 : 0);
    return {
      saved: tensors * output + Math.max(0, separate),
      returned: (activated ? output : 0) + inputGradient + Math.max(0, separate),
      working: className === 'Dense' ? input + output : input + 2 * output,
    };
  }
  if (/^(LSTM|GRU|SimpleRNN|Bidirectional)$/.test(className))
    return { saved: cost.kept, returned: cost.kept * (recurrentFactor - 1), working: input };
  if (cost.kept === 0) return { saved: 0, returned: 0, working: 0 };
  if (/Normalization$/.test(className))
    return { saved: 2 * cost.kept, returned: 2 * cost.kept, working: output };
  return {
    saved: cost.kept,
    returned: Math.max(inputGradient, isFirst ? 0 : output),
    working: input,
  };
}

/** The most held at once, in values per sample: gradients gather from the last layer to the first. */
export function mostHeld(layers: readonly TrainingValues[]): number {
  const saved = layers.reduce((sum, layer) => sum + layer.saved, 0);
  let returned = 0;
  let most = 0;
  for (const layer of layers.toReversed()) {
    returned += layer.returned;
    most = Math.max(most, returned + layer.working);
  }
  return saved + most;
}
