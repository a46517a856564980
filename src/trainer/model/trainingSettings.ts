import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  lossSettings,
  optimizers,
  type LossSettings,
  type OptimizerName,
  type OptimizerSettings,
} from '../../config/trainingSchema';
import { lossNames, type LossName } from '../../core/model/losses';
import { type Config } from '../../config/schema';
import { fail, ok, type Place, type Result } from '../../core/text/problem';
import {
  asNumber,
  asText,
  isObject,
  snakeCase,
  withSnakeCaseKeys,
  type JsonObject,
} from '../../core/model/topology/json';
import { plainClassName } from '../../core/model/topology/normalizeTopology';
import type { Topology } from '../../core/model/topology/readTopology';

/** How a model's weights are changed, all of it known. */
interface UpdateSettings {
  readonly optimizer: OptimizerSettings;
  readonly learningRate: number;
}

/** The config's loss, else the one that the model was compiled with. */
export function lossOf(
  { loss }: Pick<Config['training'], 'loss'>,
  compiled: Topology['compiled'],
  place: Place,
): Result<LossSettings> {
  const at = { ...place, pointer: ['training'] };
  return loss ? ok(lossSettings(loss)) : compiledLoss(compiled?.loss, at);
}

const defaultLearningRate = 0.001;

/** Other names that Keras and tfjs know the losses by. */
const lossAliases: Readonly<Record<string, LossName>> = {
  mse: 'meanSquaredError',
  mae: 'meanAbsoluteError',
  mape: 'meanAbsolutePercentageError',
  msle: 'meanSquaredLogarithmicError',
  kld: 'kullbackLeiblerDivergence',
  kldivergence: 'kullbackLeiblerDivergence',
  kl_divergence: 'kullbackLeiblerDivergence',
  huber_loss: 'huber',
  logcosh: 'logCosh',
  cosine_proximity: 'cosineSimilarity',
};

/**
 * The config's settings, else those the model was compiled with, else Adam at 0.001. The compiled
 * optimizer's settings and learning rate count only while the config names no other optimizer.
 * @param place of the config
 */
export function optimizerSettings(
  training: Config['training'],
  compiled: Topology['compiled'],
  place: Place,
): Result<UpdateSettings> {
  const at = { ...place, pointer: ['training'] };
  const given = training.optimizer;
  if (given !== undefined) {
    const optimizer = typeof given === 'string' ? { name: given } : given;
    const before = compiledOptimizer(compiled?.optimizer, at);
    const same = before.ok && before.value?.optimizer.name === optimizer.name ? before.value : null;
    const learningRate = training.learningRate ?? same?.learningRate ?? defaultLearningRate;
    return ok({ optimizer, learningRate });
  }
  const before = compiledOptimizer(compiled?.optimizer, at);
  if (!before.ok) return before;
  return ok({
    optimizer: before.value?.optimizer ?? { name: 'adam' },
    learningRate: training.learningRate ?? before.value?.learningRate ?? defaultLearningRate,
  });
}

/** What a model that a module made was compiled with, in the form of a topology's. */
export function compiledWith(model: LayersModel): Topology['compiled'] {
  const { loss } = model as { loss?: unknown };
  const optimizer = (model as Partial<Pick<LayersModel, 'optimizer'>>).optimizer;
  if (loss === undefined && optimizer === undefined) return null;
  const named = (given: unknown): unknown =>
    typeof given === 'function'
      ? { class_name: given.name.replace(/__op$/, ''), config: {} }
      : (given ?? null);
  const isSingle = Array.isArray(loss) && loss.length === 1;
  const { metrics } = model as { metrics?: unknown };
  return {
    metrics: Array.isArray(metrics) ? metrics.map(named) : metrics,
    loss: isSingle ? named(loss[0]) : Array.isArray(loss) ? loss.map(named) : named(loss),
    optimizer: optimizer
      ? withSnakeCaseKeys({ class_name: optimizer.getClassName(), config: optimizer.getConfig() })
      : null,
  };
}

/** The loss of one output, as its model was compiled. */
export function compiledLoss(loss: unknown, place: Place): Result<LossSettings> {
  const name = nameOf(loss);
  if (name === null) {
    return fail('lossUnknown', { example: '{ "loss": "categoricalCrossentropy" }' }, place);
  }
  const known =
    lossAliases[name.toLowerCase()] ??
    lossNames.find((each) => snakeCase(each) === snakeCase(name));
  if (known === undefined)
    return fail('lossUnsupported', { loss: name, known: lossNames.join(', ') }, place);
  const config = isObject(loss) && isObject(loss.config) ? loss.config : {};
  const smoothing = asNumber(config.label_smoothing);
  const [delta, gamma] = [asNumber(config.delta), asNumber(config.gamma)];
  // Keras also keeps a weight for the rare class in the binary focal loss, but does not always use it.
  const usesAlpha =
    known === 'categoricalFocalCrossentropy' || config.apply_class_balancing === true;
  const alpha = usesAlpha ? asNumber(config.alpha) : null;
  return ok({
    name: known,
    ...(config.from_logits === true ? { fromLogits: true } : {}),
    ...(smoothing !== null && smoothing > 0 ? { labelSmoothing: smoothing } : {}),
    ...(delta !== null && known === 'huber' ? { delta } : {}),
    ...(gamma !== null && known.includes('ocal') ? { gamma } : {}),
    ...(alpha !== null ? { alpha } : {}),
  });
}

/** A loss is a name, a list or object of one, or an object of class (or function) and config. */
function nameOf(loss: unknown): string | null {
  if (typeof loss === 'string') return loss;
  if (Array.isArray(loss)) return loss.length === 1 ? nameOf(loss[0]) : null;
  if (!isObject(loss)) return null;
  if (typeof loss.class_name === 'string')
    return loss.class_name === 'function' ? asText(loss.config) : plainClassName(loss.class_name);
  const values = Object.values(loss);
  return values.length === 1 ? nameOf(values[0]) : null;
}

interface CompiledOptimizer {
  readonly optimizer: OptimizerSettings;
  readonly learningRate: number | null;
}

function compiledOptimizer(optimizer: unknown, place: Place): Result<CompiledOptimizer | null> {
  if (optimizer === null || optimizer === undefined) return ok(null);
  const className = typeof optimizer === 'string' ? plainClassName(optimizer) : nameOf(optimizer);
  const name = optimizers.find((each) => each === className?.toLowerCase());
  if (name === undefined) {
    const values = { optimizer: className ?? 'unknown', known: optimizers.join(', ') };
    return fail('optimizerUnsupported', values, place);
  }
  const config = isObject(optimizer) && isObject(optimizer.config) ? optimizer.config : {};
  return ok({ optimizer: settingsFrom(name, config), learningRate: learningRateOf(config) });
}

/** A learning-rate schedule counts with its first value. */
function learningRateOf(config: JsonObject): number | null {
  const rate = config.learning_rate ?? config.lr;
  const schedule = isObject(rate) && isObject(rate.config) ? rate.config : {};
  const value = asNumber(rate) ?? asNumber(schedule.initial_learning_rate);
  // Keras writes float32 values with all the digits of a double: 0.003000000026077032.
  return value === null || value <= 0 ? null : Number(value.toPrecision(7));
}

function settingsFrom(name: OptimizerName, config: JsonObject): OptimizerSettings {
  const momentum = asNumber(config.momentum);
  const beta1 = asNumber(config.beta_1) ?? asNumber(config.beta1);
  const beta2 = asNumber(config.beta_2) ?? asNumber(config.beta2);
  const epsilon = asNumber(config.epsilon);
  const nesterov = config.nesterov ?? config.use_nesterov;
  // Keras calls the decay of both rho; its `decay` is an older, unrelated setting.
  const decay =
    name === 'rmsprop' || name === 'adadelta'
      ? (asNumber(config.rho) ?? asNumber(config.decay))
      : null;
  const usesBetas = ['adam', 'adamw', 'adamax', 'nadam', 'lion'].includes(name);
  const weightDecay = asNumber(config.weight_decay);
  return {
    name,
    ...(momentum !== null && momentum > 0 ? { momentum } : {}),
    ...(nesterov === true ? { nesterov } : {}),
    ...(usesBetas && beta1 !== null ? { beta1 } : {}),
    ...(usesBetas && beta2 !== null ? { beta2 } : {}),
    ...(epsilon !== null && epsilon > 0 ? { epsilon } : {}),
    ...(decay !== null ? { decay } : {}),
    ...(weightDecay !== null ? { weightDecay } : {}),
  };
}
