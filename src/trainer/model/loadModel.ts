import { createHash } from 'node:crypto';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Config } from '../../config/schema';
import { detectModelType } from '../../core/model/modelType';
import { fail, ok, type Place, type Result } from '../../core/text/problem';
import type { AnyDataset } from '../data/records/streamedDataset';
import type { Loaded } from '../loaded';
import { trainingBytes } from '../training/evaluation';
import { mixSeed, streams } from '../random/seededRandom';
import { fitDataset } from './fit';
import { readModelRecipe } from './modelRecipe';
import { layerClassNames } from './modelShapes';
import { createObjective, withClassWeights } from './objective';
import { createOptimizer, optimizerNumbers } from './optimizer';
import { rehearse } from './rehearse';
import { trainingSettings } from './trainingSettings';

/**
 * Reads the config's model and checks it with its loss against the data, all before training.
 * @param root absolute folder that paths may not leave
 */
export async function loadModel<D extends AnyDataset>(
  { config, configFile, root }: { config: Config; configFile: string; root: string },
  dataset: D,
): Promise<Result<Loaded<D>>> {
  const { sampleShape } = dataset;
  const recipe = await readModelRecipe(config.model, { configFile, root, sampleShape });
  if (!recipe.ok) return recipe;
  const { build, compiled, draft, notes } = recipe.value;

  // Built once to be looked at: shapes and layers are known only then.
  const model = await draft();
  if (!model.ok) return model;
  const place: Place = { file: configFile };
  try {
    const settings = trainingSettings(config.training, compiled(), place);
    if (!settings.ok) return settings;
    const { loss, optimizer, learningRate } = settings.value;
    const fitted = fitDataset(model.value, dataset, loss, place);
    if (!fitted.ok) return fitted;
    const weights = classWeightsFor(config.training.classWeights, fitted.value, place);
    if (!weights.ok) return weights;
    const plain = createObjective(loss);
    const objective = weights.value ? withClassWeights(plain, weights.value) : plain;
    const rehearsed = rehearse({ model: model.value, ...objective }, fitted.value, place);
    if (!rehearsed.ok) return rehearsed;
    return ok({
      ...describeModel(model.value),
      dataset: fitted.value,
      trainingBytes: trainingBytes(model.value, config.training.batchSize),
      notes: notes(),
      loss: loss.name,
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
        return ok({ model: fresh.value, optimizer: trained, ...objective });
      },
    });
  } finally {
    model.value.dispose();
  }
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
