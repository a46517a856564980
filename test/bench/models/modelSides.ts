import type { LayersModel } from '@tensorflow/tfjs-layers';
import { likelyLoss } from '../../../src/core/model/losses';
import {
  allLayers,
  innerModel,
  inputShape,
  outputActivation,
  outputShape,
  sideNames,
  type Layer,
  type SampleShape,
} from '../../../src/trainer/model/modelShapes';
import { trainedOutputs } from '../../../src/trainer/model/outputLosses';
import type { InputSide, OutputSide } from './madeUpData';

/** What a model takes and gives, and the loss that its config must name; null where it is compiled. */
export interface ModelSides {
  readonly inputs: readonly InputSide[];
  readonly outputs: readonly OutputSide[];
  readonly loss: string | null;
}

/** For axes of any length. */
const [anySteps, anyPixels, anyChannels] = [16, 64, 3];
const smallestImage = 16;
const positive = ['sigmoid', 'relu', 'relu6', 'softplus', 'exponential', 'hard_sigmoid'];

/** The sides of a model as the rule for made-up data takes them; `compiled` is what its file says. */
export function sidesOf(model: LayersModel, compiled: unknown): ModelSides {
  const names = sideNames(model);
  const inputs = names.inputs.map((name, index) => inputSide(model, name, index));
  const [only] = inputs;
  const activations = names.outputs.map((_, index) => outputActivation(model, index)?.activation);
  const loss = compiled === undefined || compiled === null ? likelyLoss(activations[0]) : null;
  const trained = loss === null ? trainedOutputs(names.outputs, {}, compiled) : names.outputs;
  const outputs = names.outputs.flatMap((name, index): OutputSide[] => {
    if (!trained.includes(name)) return [];
    const shape = outputShape(model, index).map((length) => length ?? anySteps);
    const lossText = JSON.stringify(loss ?? compiled).toLowerCase();
    const isCopy = inputs.length === 1 && String(only?.shape) === String(shape);
    const task = taskOf(shape, lossText, activations[index], isCopy);
    return [{ name, shape, task }];
  });
  return { inputs, outputs, loss };
}

function inputSide(model: LayersModel, name: string, index: number): InputSide {
  const given = inputShape(model, index);
  const shape = given.map((length, axis) => length ?? anyLength(given, axis));
  const [height = 0, , channels = 0] = shape;
  const isImage = shape.length === 3 && [1, 3, 4].includes(channels) && height >= smallestImage;
  return { name, shape, isImage, vocabulary: vocabularyOf(model, index) };
}

function anyLength(shape: SampleShape, axis: number): number {
  if (shape.length < 3) return anySteps;
  return axis === shape.length - 1 ? anyChannels : anyPixels;
}

/** How many tokens the embedding behind an input knows. */
function vocabularyOf(model: LayersModel, index: number): number | null {
  const { inputLayers } = innerModel(model) as unknown as {
    inputLayers?: readonly { outboundNodes: readonly { outboundLayer: Layer }[] }[];
  };
  const next = (inputLayers?.[index]?.outboundNodes ?? []).map((node) => node.outboundLayer);
  const isEmbedding = (layer: Layer) => layer.getClassName() === 'Embedding';
  const embedding =
    next.find(isEmbedding) ??
    (model.inputs.length === 1 ? allLayers(model).find(isEmbedding) : undefined);
  return embedding ? Number(embedding.getConfig()['inputDim']) : null;
}

function taskOf(
  shape: readonly number[],
  loss: string,
  activation: string | undefined,
  isCopy: boolean,
): OutputSide['task'] {
  const units = shape.at(-1) ?? 1;
  if (/sparse/.test(loss)) return { kind: 'classes', isOneHot: false };
  const isClasses = /categorical/.test(loss) || (activation === 'softmax' && !/binary/.test(loss));
  if (isClasses && units > 1) {
    // For such losses, one label a sample is made one-hot by the reader.
    return { kind: 'classes', isOneHot: shape.length > 1 || !/categorical/.test(loss) };
  }
  if (isCopy) return { kind: 'input' };
  if (/binary|hinge/.test(loss)) return units === 1 ? { kind: 'truth' } : { kind: 'truths' };
  const isPositive = positive.includes(activation ?? '') || /poisson|logarithmic|kull/.test(loss);
  return { kind: 'numbers', isPositive };
}
