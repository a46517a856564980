import type { LossName } from '../../core/model/losses';
import { fail, ok, type Place, type Result } from '../../core/text/problem';
import type { AnyDataset } from '../data/records/streamedDataset';
import { eachLabel, renumbered, type AnySamples } from '../data/samples';
import { matches, shapeText, type SampleShape } from './modelShapes';

/** Gives labels the form that the loss and the model's output take, or says why they cannot. */
export function fitLabels<D extends AnyDataset>(
  output: SampleShape,
  dataset: D,
  loss: LossName,
  place: Place,
): Result<D> {
  switch (loss) {
    case 'categoricalCrossentropy':
    case 'sparseCategoricalCrossentropy':
    case 'categoricalFocalCrossentropy':
    case 'categoricalHinge':
    case 'kullbackLeiblerDivergence':
      return fitCategorical(output, dataset, loss, place);
    case 'binaryCrossentropy':
    case 'binaryFocalCrossentropy':
    case 'hinge':
    case 'squaredHinge':
      return fitBinary(output, dataset, place);
    case 'meanSquaredError':
    case 'meanAbsoluteError':
    case 'meanAbsolutePercentageError':
    case 'meanSquaredLogarithmicError':
    case 'huber':
    case 'logCosh':
    case 'poisson':
    case 'cosineSimilarity':
      return fitNumbers(output, dataset, loss, place);
  }
}

const atModel = (place: Place): Place => ({ ...place, pointer: ['model'] });
const atData = (place: Place): Place => ({ ...place, pointer: ['data'] });
const atLoss = (place: Place): Place => ({ ...place, pointer: ['training', 'loss'] });

function fitCategorical<D extends AnyDataset>(
  output: SampleShape,
  given: D,
  loss: LossName,
  place: Place,
): Result<D> {
  const units = output.at(-1) ?? 1;
  const dataset = asClasses(given);
  if (dataset.classes && dataset.labelShape.length === 0) {
    const classes = dataset.classes.length;
    const values = { loss, classes, units, model: shapeText(output) };
    if (output.length !== 1)
      return fail('fitLabels', { data: '[]', model: shapeText(output) }, atModel(place));
    if (units === 1) return fail('fitCategoricalOneUnit', values, atModel(place));
    if (classes > units) return fail('fitClasses', values, atModel(place));
    return ok(dataset);
  }
  const { labelShape } = dataset;
  if (labelShape.length === 0)
    return fail('fitNotClasses', { loss, data: shapeText(labelShape) }, atLoss(place));
  const oneHotRows = matches(output, labelShape);
  const indexRows =
    matches(output.slice(0, -1), labelShape) && areIndices(dataset, units) && output.length > 1;
  if (oneHotRows || indexRows) return ok(dataset);
  return fail(
    'fitLabels',
    { data: shapeText(labelShape), model: shapeText(output) },
    atModel(place),
  );
}

function fitBinary<D extends AnyDataset>(output: SampleShape, given: D, place: Place): Result<D> {
  const dataset = asClasses(given);
  if (dataset.classes && dataset.labelShape.length === 0) {
    const classes = dataset.classes.length;
    if (classes > 2) return fail('fitBinaryClasses', { classes }, atLoss(place));
    if (!fitsOneNumber(output))
      return fail('fitBinaryUnits', { classes, model: shapeText(output) }, atModel(place));
    return ok(dataset);
  }
  return fitShape(dataset, output, place);
}

function fitNumbers<D extends AnyDataset>(
  output: SampleShape,
  given: D,
  loss: LossName,
  place: Place,
): Result<D> {
  const dataset = asNumbers(given);
  if (dataset.classes)
    return fail('fitRegressionOnClasses', { loss, classes: dataset.classes.length }, atLoss(place));
  return fitShape(dataset, output, place);
}

/** Labels [N] fit outputs [N, 1]; else the shapes must agree. */
function fitShape<D extends AnyDataset>(
  dataset: D,
  output: readonly (number | null)[],
  place: Place,
): Result<D> {
  const { labelShape } = dataset;
  if (labelShape.length === 0 && fitsOneNumber(output)) return ok(dataset);
  const columns = labelShape.length === 1 && labelShape[0] === 1 && fitsOneNumber(output);
  if (columns || matches(output, labelShape)) return ok(dataset);
  const values = { data: shapeText(labelShape), model: shapeText(output) };
  return fail('fitLabels', values, labelShape.length === 0 ? atModel(place) : atData(place));
}

function fitsOneNumber(output: readonly (number | null)[]): boolean {
  return output.length === 0 || (output.length === 1 && output[0] === 1);
}

/** Whole numbers from 0 as labels are class indices where the loss is for classes. */
function asClasses<D extends AnyDataset>(dataset: D): D {
  const { labelShape, classes, train, validation } = dataset;
  const single = labelShape.length === 0 || (labelShape.length === 1 && labelShape[0] === 1);
  if (classes || !single || !areIndices(dataset, Infinity)) return dataset;
  const last = Math.max(largest(train), largest(validation));
  const names = Array.from({ length: last + 1 }, (_, index) => String(index));
  return { ...dataset, labelShape: [], classes: names };
}

/** Classes whose names are numbers are numbers where the loss is for them. */
function asNumbers<D extends AnyDataset>(dataset: D): D {
  const { classes } = dataset;
  if (!classes) return dataset;
  const numbers = classes.map((name) => (name.trim() === '' ? NaN : Number(name)));
  if (!numbers.every(Number.isFinite)) return dataset;
  return {
    ...dataset,
    classes: null,
    train: renumbered(dataset.train, numbers),
    validation: renumbered(dataset.validation, numbers),
  };
}

function areIndices({ train, validation }: AnyDataset, below: number): boolean {
  const isIndex = (value: number) => Number.isInteger(value) && value >= 0 && value < below;
  return eachLabel(train, isIndex) && eachLabel(validation, isIndex);
}

function largest(samples: AnySamples): number {
  let most = 0;
  eachLabel(samples, (value) => {
    most = Math.max(most, value);
    return true;
  });
  return most;
}
