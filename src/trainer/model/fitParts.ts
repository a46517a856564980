import type { LayersModel } from '@tensorflow/tfjs-layers';
import { fail, ok, type Place, type Result, type Text } from '../../core/text/problem';
import type { DataParts, Dataset, PackedLabels, PackedPart, Samples } from '../data/dataset';
import type { FeatureScale } from '../data/normalize';
import { listed, product } from '../data/rawData';
import { checkActivation, checkIndices, fittingShape } from './fit';
import { fitLabels } from './fitLabels';
import { inputShape, outputShape, shapeText, sideNames, type Layer } from './modelShapes';
import type { OutputLoss } from './outputLosses';

/** Data that fit a model with several inputs or outputs, in the model's order. */
export interface FittedParts {
  readonly dataset: Dataset;
  readonly inputs: readonly PackedPart[];
  readonly outputs: readonly (PackedLabels & OutputLoss & { readonly index: number })[];
}

/** As fitDataset, of packed rows: each part is fitted to the input or output of its name. */
export function fitParts(
  model: LayersModel,
  dataset: Dataset & { readonly parts: DataParts },
  losses: readonly OutputLoss[],
  place: Place,
): Result<FittedParts> {
  const names = sideNames(model);
  const atData: Place = { ...place, pointer: ['data', 'train'] };
  const matched = {
    inputs: byName('input', names.inputs, dataset.parts.inputs, atData),
    outputs: byName(
      'output',
      losses.map(({ name }) => name),
      dataset.parts.outputs,
      atData,
    ),
  };
  if (!matched.inputs.ok) return matched.inputs;
  if (!matched.outputs.ok) return matched.outputs;
  const inputs = fitInputs(model, dataset, matched.inputs.value, place);
  if (!inputs.ok) return inputs;
  const fitted = fitOutputs(model, dataset, matched.outputs.value, losses, place);
  if (!fitted.ok) return fitted;
  const notes = [
    ...inputs.value.parts.map(inputNote),
    ...fitted.value.outputs.map(outputNote),
    ...untrainedNote(names.outputs, losses),
  ];
  const { reading = { notes: [], columns: [], classes: [] } } = dataset;
  return ok({
    dataset: {
      ...fitted.value.dataset,
      ...(inputs.value.scale && { pendingScale: inputs.value.scale }),
      reading: { ...reading, notes: [...reading.notes, ...notes] },
    },
    inputs: inputs.value.parts,
    outputs: fitted.value.outputs,
  });
}

/** Parts in the model's order; a list that came without names is in that order already. */
function byName<P extends PackedPart>(
  side: 'input' | 'output',
  names: readonly string[],
  parts: readonly P[],
  place: Place,
): Result<readonly P[]> {
  const isList = parts.every(({ name }, index) => name === String(index));
  const isOnly = parts.length === 1 && names.length === 1;
  if (isOnly || (isList && parts.length === names.length)) return ok(parts);
  const found: P[] = [];
  for (const name of names) {
    const part = parts.find((each) => each.name === name);
    const known = listed(parts.map((each) => each.name));
    if (!part) return fail('modelPartUnfed', { side, name, known }, place);
    found.push(part);
  }
  const other = parts.find(({ name }) => !names.includes(name));
  if (!other) return ok(found);
  return fail('modelPartUnknown', { side, name: other.name, known: listed(names) }, place);
}

function fitInputs(
  model: LayersModel,
  dataset: Dataset,
  parts: readonly PackedPart[],
  place: Place,
): Result<{ readonly parts: readonly PackedPart[]; readonly scale: FeatureScale | undefined }> {
  const at: Place = { ...place, pointer: ['data', 'train'] };
  const fitted: PackedPart[] = [];
  const { pendingScale: scale } = dataset;
  const scales =
    scale?.kind === 'columns' ? { mean: [...scale.mean], inverse: [...scale.inverse] } : null;
  for (const [index, part] of parts.entries()) {
    const wanted = inputShape(model, index);
    const shape = fittingShape(wanted, part.shape);
    if (!shape) {
      const values = { model: shapeText(wanted), data: shapeText(part.shape) };
      return fail('dataPartsShape', { side: 'input', name: part.name, ...values }, at);
    }
    const lookup = lookupOf(model, index);
    if (lookup) {
      const checked = checkIndices(lookup, viewOf(dataset, 'features', part), place);
      if (!checked.ok) return checked;
      scales?.mean.fill(0, part.offset, part.offset + product(shape));
      scales?.inverse.fill(1, part.offset, part.offset + product(shape));
    }
    fitted.push({ ...part, shape });
  }
  return ok({ parts: fitted, scale: scales ? { kind: 'columns', ...scales } : scale });
}

/** The embedding that an input feeds. */
function lookupOf(model: LayersModel, index: number): Layer | undefined {
  const { inputLayers } = model as unknown as { inputLayers?: Layer[] };
  const nodes = (inputLayers?.[index]?.outboundNodes ?? []) as { outboundLayer: Layer }[];
  return nodes
    .map(({ outboundLayer }) => outboundLayer)
    .find((layer) => layer.getClassName() === 'Embedding');
}

function fitOutputs(
  model: LayersModel,
  dataset: Dataset,
  parts: readonly PackedLabels[],
  losses: readonly OutputLoss[],
  place: Place,
): Result<Pick<FittedParts, 'dataset' | 'outputs'>> {
  const names = sideNames(model).outputs;
  const outputs: FittedParts['outputs'][number][] = [];
  let fitted = dataset;
  for (const [at, part] of parts.entries()) {
    const own = losses[at];
    if (!own) throw new Error(`No loss for ${part.name}.`);
    const index = names.indexOf(own.name);
    const shape = outputShape(model, index);
    const view = {
      ...viewOf(fitted, 'labels', part),
      labelShape: part.shape,
      classes: part.classes,
    };
    const labelled = fitLabels(shape, view, own.loss.name, place);
    if (!labelled.ok) return labelled;
    const activation = checkActivation(model, own.loss, place, index);
    if (!activation.ok) return activation;
    const { train, validation, labelShape, classes } = labelled.value;
    fitted = {
      ...fitted,
      train: withLabels(fitted.train, part, train.labels),
      validation: withLabels(fitted.validation, part, validation.labels),
    };
    outputs.push({ ...part, ...own, shape: labelShape, classes, index });
  }
  const [only] = outputs;
  const isSingle = outputs.length === 1 && only !== undefined;
  return ok({
    dataset: isSingle
      ? {
          ...fitted,
          ...(dataset.parts?.weights ? {} : { labelShape: only.shape }),
          classes: only.classes,
        }
      : fitted,
    outputs,
  });
}

/** One part of packed rows, as if there were no others. */
function viewOf(
  dataset: Dataset,
  side: 'features' | 'labels',
  { offset, shape }: PackedPart,
): Dataset {
  const size = product(shape);
  const of = (samples: Samples): Samples => {
    const width = samples[side].length / samples.count;
    if (width === size) return samples;
    const own = new Float32Array(samples.count * size);
    for (let row = 0; row < samples.count; row++) {
      const start = row * width + offset;
      own.set(samples[side].subarray(start, start + size), row * size);
    }
    return { ...samples, [side]: own };
  };
  return { ...dataset, train: of(dataset.train), validation: of(dataset.validation) };
}

function withLabels(samples: Samples, { offset, shape }: PackedPart, own: Float32Array): Samples {
  const size = product(shape);
  const { count } = samples;
  if (samples.labels.length === own.length) return { ...samples, labels: own };
  const width = samples.labels.length / count;
  const labels = samples.labels.slice();
  for (let row = 0; row < count; row++)
    labels.set(own.subarray(row * size, (row + 1) * size), row * width + offset);
  return { ...samples, labels };
}

function inputNote({ name, shape, from }: PackedPart): Text {
  const values = { name, shape: shapeText(shape), columns: listed(from) };
  return { id: 'modelNoteInput', values };
}

function outputNote(output: FittedParts['outputs'][number]): Text {
  const { name, shape, from, loss, weight } = output;
  const values = { name, shape: shapeText(shape), columns: listed(from), loss: loss.name, weight };
  return { id: 'modelNoteOutput', values };
}

function untrainedNote(names: readonly string[], losses: readonly OutputLoss[]): Text[] {
  const rest = names.filter((name) => !losses.some((each) => each.name === name));
  return rest.length === 0
    ? []
    : [{ id: 'modelNoteOutputsUntrained', values: { columns: listed(rest) } }];
}
