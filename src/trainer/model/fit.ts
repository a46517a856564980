import type { LayersModel } from '@tensorflow/tfjs-layers';
import { lossSettings, type LossSettings } from '../../config/trainingSchema';
import type { LossName } from '../../core/model/losses';
import { fail, ok, type Place, type Result } from '../../core/text/problem';
import type { AnyDataset } from '../data/records/streamedDataset';
import { findFeature } from '../data/samples';
import { fitLabels } from './fitLabels';
import {
  allLayers,
  inputShape,
  matches,
  outputActivation,
  outputShape,
  shapeText,
  sideNames,
  type Layer,
  type SampleShape,
} from './modelShapes';
import { listed } from '../data/rawData';

/**
 * Fits data to a model and its loss, or says why they do not fit, before anything is trained: a
 * channel axis of 1 is added to images or taken away, labels become what the loss takes.
 * @param place of the config
 * @returns the data set in the model's shapes, its values shared with the given one
 */
export function fitDataset<D extends AnyDataset>(
  model: LayersModel,
  dataset: D,
  given: LossName | LossSettings,
  place: Place,
): Result<D> {
  const loss = lossSettings(given);
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    const { inputs, outputs } = sideNames(model);
    const of = (names: readonly string[]) => names.map((name) => `"${name}": "…"`).join(', ');
    const example = `"data": { "inputs": { ${of(inputs)} }, "outputs": { ${of(outputs)} } }`;
    const values = { inputs: listed(inputs), outputs: listed(outputs), example };
    return fail('modelSeveralInputs', values, { ...place, pointer: ['model'] });
  }
  const sampleShape = fitSamples(model, dataset, place);
  if (!sampleShape.ok) return sampleShape;
  const indices = checkIndices(firstLayer(model), dataset, place);
  if (!indices.ok) return indices;
  const labelled = fitLabels(outputShape(model), dataset, loss.name, place);
  if (!labelled.ok) return labelled;
  const activation = checkActivation(model, loss, place);
  if (!activation.ok) return activation;
  return ok({ ...labelled.value, sampleShape: sampleShape.value });
}

function fitSamples(
  model: LayersModel,
  { sampleShape }: AnyDataset,
  place: Place,
): Result<readonly number[]> {
  const wanted = inputShape(model);
  const fitting = fittingShape(wanted, sampleShape);
  if (fitting) return ok(fitting);
  const values = { data: shapeText(sampleShape), model: shapeText(wanted) };
  return fail('fitInput', values, { ...place, pointer: ['data', 'train'] });
}

/** The shape of samples as an input takes it, with or without a channel axis of 1. */
export function fittingShape(
  wanted: SampleShape,
  given: readonly number[],
): readonly number[] | null {
  const shapes = [given, [...given, 1], withoutChannel(given)];
  return shapes.find((shape) => matches(wanted, shape)) ?? null;
}

function withoutChannel(shape: readonly number[]): readonly number[] {
  return shape.length > 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape;
}

function firstLayer(model: LayersModel): Layer | undefined {
  return allLayers(model).find((layer) => layer.getClassName() !== 'InputLayer');
}

/** An embedding looks up whole numbers below its size; others would read past its table. */
export function checkIndices(
  first: Layer | undefined,
  dataset: Pick<AnyDataset, 'train' | 'validation'>,
  place: Place,
): Result<true> {
  if (first?.getClassName() !== 'Embedding') return ok(true);
  const { inputDim } = first.getConfig();
  const size = typeof inputDim === 'number' ? inputDim : Infinity;
  const isWrong = (value: number) => !Number.isInteger(value) || value < 0 || value >= size;
  const wrong = findFeature(dataset.train, isWrong) ?? findFeature(dataset.validation, isWrong);
  if (wrong === null) return ok(true);
  const values = { maximum: size - 1, found: Number(wrong.toPrecision(4)) };
  return fail('fitInputDtype', values, { ...place, pointer: ['data', 'train'] });
}

/** Activations whose outputs are probabilities, by loss; the first is what to advise. */
const probabilities: Partial<Record<LossName, readonly string[]>> = {
  categoricalCrossentropy: ['softmax', 'sigmoid', 'hardSigmoid', 'hardSigmoid6'],
  sparseCategoricalCrossentropy: ['softmax', 'sigmoid', 'hardSigmoid', 'hardSigmoid6'],
  binaryCrossentropy: ['sigmoid', 'hardSigmoid', 'hardSigmoid6', 'softmax'],
  binaryFocalCrossentropy: ['sigmoid', 'hardSigmoid', 'hardSigmoid6', 'softmax'],
  categoricalFocalCrossentropy: ['softmax', 'sigmoid', 'hardSigmoid', 'hardSigmoid6'],
  kullbackLeiblerDivergence: ['softmax', 'sigmoid', 'hardSigmoid', 'hardSigmoid6'],
};

export function checkActivation(
  model: LayersModel,
  { name: loss, fromLogits = false }: LossSettings,
  place: Place,
  index = 0,
): Result<true> {
  const allowed = probabilities[loss];
  const output = outputActivation(model, index);
  if (!allowed || !output) return ok(true);
  const { activation } = output;
  if (fromLogits) {
    // A sigmoid under a softmax is rarely meant, but only the loss's own activation surely is not.
    if (activation !== allowed[0]) return ok(true);
    const values = { loss, activation, example: `{ "loss": "${loss}" }` };
    return fail('lossFromLogits', values, { ...place, pointer: ['model'] });
  }
  if (allowed.includes(activation)) return ok(true);
  const values = { loss, name: `"${output.name}"`, activation, expected: allowed[0] ?? '' };
  const example = `{ "loss": { "name": "${loss}", "fromLogits": true } }`;
  return fail('fitActivation', { ...values, example }, { ...place, pointer: ['model'] });
}
