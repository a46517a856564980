import type { Config } from '../../config/schema';
import { lossSettings, type LossSettings } from '../../config/trainingSchema';
import { isObject, snakeCase } from '../../core/model/topology/json';
import { fail, ok, type Place, type Result } from '../../core/text/problem';
import { listed } from '../data/rawData';
import { compiledLoss } from './trainingSettings';

/** What one output of a model is trained for. */
export interface OutputLoss {
  readonly name: string;
  readonly loss: LossSettings;
  readonly weight: number;
}

type Training = Pick<Config['training'], 'loss' | 'losses' | 'lossWeights'>;

/** What a model was compiled with, as its file or TensorFlow.js has it. */
interface Compiled {
  readonly loss: unknown;
  readonly lossWeights?: unknown;
}

/**
 * The outputs that have a loss: those that the config names in "losses", all where it names one
 * loss, else those that were compiled with one. Keras takes one loss for all outputs, a list in
 * their order, or an object by name.
 */
export function trainedOutputs(
  names: readonly string[],
  { loss, losses }: Training,
  compiled: unknown,
): string[] {
  if (losses) return names.filter((name) => losses[name] !== undefined);
  if (loss !== undefined) return [...names];
  const given = byOutput(names, compiled);
  return given ? names.filter((name) => isGiven(given.get(name))) : [...names];
}

/** The loss and weight of each trained output, in the model's order. */
export function outputLosses(
  names: readonly string[],
  training: Training,
  compiled: Compiled | null,
  place: Place,
): Result<readonly OutputLoss[]> {
  const known = trainedOutputs(names, training, compiled?.loss);
  for (const key of ['losses', 'lossWeights'] as const) {
    for (const name of Object.keys(training[key] ?? {})) {
      const among = key === 'losses' ? names : known;
      if (among.includes(name)) continue;
      const at = { ...place, pointer: ['training', key, name] };
      return fail('modelOutputUnknown', { name, known: listed(among) }, at);
    }
  }
  const at = { ...place, pointer: ['training'] };
  const example = `{ "losses": { ${known.map((name) => `"${name}": "…"`).join(', ')} } }`;
  const given = byOutput(names, compiled?.loss);
  if (Array.isArray(compiled?.loss) && !given && training.loss === undefined && !training.losses) {
    const values = { count: compiled.loss.length, outputs: names.length, example };
    return fail('modelOutputLosses', values, at);
  }
  const weights = byOutput(names, compiled?.lossWeights);
  const found: OutputLoss[] = [];
  for (const name of known) {
    const written = training.losses?.[name] ?? training.loss;
    const own = given ? given.get(name) : compiled?.loss;
    const loss = written === undefined ? compiledLoss(own, at) : ok(lossSettings(written));
    if (!loss.ok) {
      if (loss.problem.reason !== 'lossUnknown' || names.length < 2) return loss;
      return fail('lossUnknown', { example }, at);
    }
    const compiledWeight = weights?.get(name);
    const weight =
      training.lossWeights?.[name] ?? (typeof compiledWeight === 'number' ? compiledWeight : 1);
    found.push({ name, loss: loss.value, weight });
  }
  return found.length > 0 ? ok(found) : fail('lossUnknown', { example }, at);
}

/** What a list or an object gives to each output; null where it is one value for all. */
function byOutput(names: readonly string[], given: unknown): ReadonlyMap<string, unknown> | null {
  if (Array.isArray(given)) {
    if (given.length !== names.length) return null;
    return new Map(names.map((name, index) => [name, given[index] as unknown]));
  }
  if (!isObject(given) || typeof given.class_name === 'string') return null;
  // The keys of a model's file were put into snake_case, which may be the name or not.
  const keyOf = (name: string) => [name, snakeCase(name)].find((key) => Object.hasOwn(given, key));
  const known = names.flatMap((name) => {
    const key = keyOf(name);
    return key === undefined ? [] : [[name, given[key]] as const];
  });
  return known.length === 0 ? null : new Map(known);
}

function isGiven(loss: unknown): boolean {
  return loss !== null && loss !== undefined;
}
