import { createHash } from 'node:crypto';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Config } from '../../config/schema';
import { detectModelType } from '../../core/model/modelType';
import { fail, ok, type Place, type Result, type Text } from '../../core/text/problem';
import type { Compiled } from '../../core/model/topology/readTopology';
import type { DataParts, Dataset } from '../data/dataset';
import type { AnyDataset } from '../data/records/streamedDataset';
import { listed } from '../data/rawData';
import type { Loaded } from '../loaded';
import { recordMasks } from '../tfjs/outputMasks';
import type { TrainedMetric, Trainable } from '../training/trainable';
import { trainingBytes } from '../training/evaluation';
import { mixSeed, streams } from '../random/seededRandom';
import { fitDataset } from './fit';
import { readModelRecipe } from './modelRecipe';
import { told } from '../running';
import { fitParts } from './fitParts';
import { compiledMetrics, type MeasuredOutput } from './metrics';
import { layerClassNames, outputShape, sideNames } from './modelShapes';
import { outputObjective, withClassWeights } from './objective';
import {
  inputsOf,
  objectiveOf,
  onlyOutput,
  sumOfObjectives,
  trainedMetric,
  type Objective,
  type TrainedOutput,
} from './objectives';
import { outputLosses } from './outputLosses';
import { createOptimizer, optimizerNumbers } from './optimizer';
import { rehearse } from './rehearse';
import { lossOf, optimizerSettings } from './trainingSettings';

/**
 * Reads the config's model and checks it with its loss against the data, all before training.
 * @param root absolute folder that paths may not leave
 */
export async function loadModel<D extends AnyDataset>(
  { config, configFile, root }: { config: Config; configFile: string; root: string },
  dataset: D,
): Promise<Result<Loaded<D>>> {
  const { sampleShape, textsLookedUp } = dataset;
  const context = { configFile, root, sampleShape, textsLookedUp };
  const recipe = await readModelRecipe(config.model, context);
  if (!recipe.ok) return recipe;
  const { build, compiled, draft, notes } = recipe.value;

  // Built once to be looked at: shapes and layers are known only then.
  const model = await draft();
  if (!model.ok) return model;
  const place: Place = { file: configFile };
  try {
    const settings = optimizerSettings(config.training, compiled(), place);
    if (!settings.ok) return settings;
    const { optimizer, learningRate } = settings.value;
    const goal = goalOf(model.value, dataset, config, compiled(), place);
    if (!goal.ok) return goal;
    const { dataset: fitted, loss, ...objective } = goal.value;
    const trained = { model: model.value, takeMasks: recordMasks(model.value), ...objective };
    const rehearsed = await told({ kind: 'rehearsal' }, () => rehearse(trained, fitted, place));
    if (!rehearsed.ok) return rehearsed;
    return ok({
      ...describeModel(model.value),
      dataset: fitted,
      trainingBytes: trainingBytes(model.value, config.training.batchSize),
      notes: notes(),
      loss,
      optimizer: optimizer.name,
      optimizerNumbers: optimizerNumbers(optimizer),
      learningRate,
      contentHash: createHash('sha256')
        .update(recipe.value.contentHash)
        .update(dataset.contentHash)
        .digest('hex'),
      build: async (seed, rate, numbers) => {
        const fresh = await build(mixSeed(seed, streams.model));
        if (!fresh.ok) return fresh;
        const trained = createOptimizer({ ...optimizer, ...numbers }, rate);
        const takeMasks = recordMasks(fresh.value);
        return ok({ model: fresh.value, optimizer: trained, takeMasks, ...objective });
      },
    });
  } finally {
    model.value.dispose();
  }
}

/** What is minimized, and the data in the shapes that it takes. */
interface Goal<D extends AnyDataset> extends Objective, Pick<Trainable, 'inputs' | 'metrics'> {
  readonly dataset: D;
  /** The names of the losses. */
  readonly loss: string;
}

function goalOf<D extends AnyDataset>(
  model: LayersModel,
  dataset: D,
  { training, tuning }: Config,
  compiled: Compiled | null,
  place: Place,
): Result<Goal<D>> {
  if (isPacked(dataset)) {
    const goal = goalOfParts(model, dataset, { training, tuning }, compiled, place);
    return goal as Result<Goal<D>>;
  }
  const loss = lossOf(training, compiled, place);
  if (!loss.ok) return loss;
  const fitted = fitDataset(model, dataset, loss.value, place);
  if (!fitted.ok) return fitted;
  const weights = classWeightsFor(training.classWeights, fitted.value, place);
  if (!weights.ok) return weights;
  const plain = outputObjective(loss.value);
  const own = weights.value ? withClassWeights(plain, weights.value) : plain;
  const units = outputShape(model).at(-1) ?? 1;
  const measured = [{ name: '', loss: loss.value.name, units }];
  const metrics = metricsFor(compiled, measured, [onlyOutput(own)]);
  return ok({
    dataset: withNotes(fitted.value, metrics.notes),
    loss: loss.value.name,
    // The accuracy is evaluated in any case.
    metrics: metrics.known.filter(({ name }) => !/^acc(uracy)?$/.test(name)),
    ...objectiveOf(own),
  });
}

/** The metrics that are computed; a note names the others. */
function metricsFor(
  compiled: Compiled | null,
  measured: readonly MeasuredOutput[],
  outputs: readonly TrainedOutput[],
): { readonly known: readonly TrainedMetric[]; readonly notes: readonly Text[] } {
  const { known, unknown } = compiledMetrics(compiled?.metrics, measured);
  return {
    known: known.flatMap((metric) => {
      const output = outputs[metric.output];
      return output ? [trainedMetric(metric, output)] : [];
    }),
    notes:
      unknown.length === 0
        ? []
        : [{ id: 'modelNoteMetricsLeftOut', values: { columns: listed(unknown) } }],
  };
}

function withNotes<D extends AnyDataset>(dataset: D, notes: readonly Text[]): D {
  if (notes.length === 0) return dataset;
  const { reading = { notes: [], columns: [], classes: [] } } = dataset;
  return { ...dataset, reading: { ...reading, notes: [...reading.notes, ...notes] } };
}

type Packed = Dataset & { readonly parts: DataParts };

function isPacked(dataset: AnyDataset): dataset is Packed {
  return dataset.parts !== undefined;
}

function goalOfParts(
  model: LayersModel,
  dataset: Packed,
  { training, tuning }: Pick<Config, 'training' | 'tuning'>,
  compiled: Compiled | null,
  place: Place,
): Result<Goal<Dataset>> {
  const names = sideNames(model).outputs;
  const losses = outputLosses(names, training, compiled, place);
  if (!losses.ok) return losses;
  const trained = losses.value.map(({ name }) => name);
  const { targetOutput = null } = tuning;
  if (targetOutput !== null && !trained.includes(targetOutput)) {
    const at = { ...place, pointer: ['tuning', 'targetOutput'] };
    return fail('modelOutputUnknown', { name: targetOutput, known: listed(trained) }, at);
  }
  const fitted = fitParts(model, dataset, losses.value, place);
  if (!fitted.ok) return fitted;
  const { inputs, outputs } = fitted.value;
  const isSingle = outputs.length === 1;
  const isAlone = isSingle && !dataset.parts.weights;
  if (training.classWeights && !isSingle) {
    const at = { ...place, pointer: ['training', 'classWeights'] };
    return fail('modelOutputsNoClassWeights', { outputs: listed(trained) }, at);
  }
  const weights = classWeightsFor(training.classWeights, fitted.value.dataset, place);
  if (!weights.ok) return weights;
  const { value: byClass } = weights;
  const objectives = outputs.map((output): TrainedOutput => {
    const plain = outputObjective(output.loss);
    const objective = byClass ? withClassWeights(plain, byClass) : plain;
    return { ...output, objective, labels: isAlone ? null : output };
  });
  const judged =
    outputs.find(({ name }) => name === targetOutput) ??
    outputs.find(({ classes }) => classes !== null);
  const metrics = metricsFor(
    compiled,
    outputs.map(({ name, loss, index }) => ({
      ...{ name, loss: loss.name },
      units: outputShape(model, index).at(-1) ?? 1,
    })),
    objectives,
  );
  const [input] = inputs;
  const isRow = inputs.length === 1 && input?.shape.length === 1;
  return ok({
    dataset: {
      ...withNotes(fitted.value.dataset, metrics.notes),
      // The accuracy is that of one output.
      classes: fitted.value.dataset.classes ?? judged?.classes ?? null,
    },
    loss: [...new Set(outputs.map((output) => output.loss.name))].join(' + '),
    ...(isRow ? {} : { inputs: inputsOf(inputs) }),
    metrics: metrics.known,
    ...sumOfObjectives(objectives, targetOutput, dataset.parts.weights),
  });
}

function describeModel(
  model: LayersModel,
): Pick<
  Loaded,
  'layers' | 'modelType' | 'parameterCount' | 'trainedCount' | 'hasBatchNormalization'
> {
  const layers = layerClassNames(model);
  return {
    layers,
    modelType: detectModelType(layers).type,
    parameterCount: model.countParams(),
    trainedCount: model.trainableWeights.reduce((sum, weight) => sum + weight.read().size, 0),
    hasBatchNormalization: layers.includes('BatchNormalization'),
  };
}

/** The weight of each class in its order; null where none was given. */
function classWeightsFor(
  given: Config['training']['classWeights'],
  { classes, labelShape }: AnyDataset,
  place: Place,
): Result<readonly number[] | null> {
  if (!given) return ok(null);
  const at = { ...place, pointer: ['training', 'classWeights'] };
  if (!classes || labelShape.length > 1) return fail('classWeightsNoClasses', {}, at);
  for (const name of Object.keys(given)) {
    if (!classes.includes(name))
      return fail('classWeightsUnknown', { name, known: classes.slice(0, 12).join(', ') }, at);
  }
  return ok(classes.map((name) => given[name] ?? 1));
}
