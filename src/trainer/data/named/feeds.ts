import { sizeOf } from '../../../core/model/topology/layerCost';
import type { ModelSide, Signature } from '../../../core/model/topology/signature';
import type { Config } from '../../../config/schema';
import { dataKey, listed, refuse, type Source } from '../rawData';

/** What feeds an input of the model, or what an output learns. */
export interface Feed {
  readonly name: string;
  /** Columns, keys or arrays of the file, side by side; null for all that nothing else takes. */
  readonly from: readonly string[] | null;
  /** Whether the config names them: else they are called as the input or output is. */
  readonly isNamed: boolean;
}

/** What feeds each side of a model with several inputs or outputs. */
export interface Feeds {
  readonly inputs: readonly Feed[];
  /** Only those that are trained. */
  readonly outputs: readonly Feed[];
  /** What says how much each sample counts. */
  readonly weights: Feed | null;
}

export type FeedSide = 'inputs' | 'outputs';

/** Whether data are read by name: the config says so, samples are weighted, or the model has several inputs or outputs. */
export function isNamed(data: Config['data'], signature: Signature | null): boolean {
  return (
    data.inputs !== undefined ||
    data.outputs !== undefined ||
    data.sampleWeights !== undefined ||
    (signature !== null && (signature.inputs.length > 1 || signature.outputs.length > 1))
  );
}

/**
 * What feeds what, as the config says it. Where it says nothing, a side is fed by what has its name;
 * "features" of as many arrays as there are inputs, or of as many columns as they take, feed them
 * in order.
 * @param signature of the model; null where only building it shows its inputs and outputs
 */
export function feedsOf(
  data: Config['data'],
  signature: Signature | null,
  source: Pick<Source, 'configFile'>,
): Feeds {
  const inputs = sidesOf('inputs', data.inputs, signature?.inputs, source);
  const outputs = sidesOf('outputs', data.outputs, signature?.outputs, source);
  const inOrder = data.inputs ? null : featuresInOrder(data.features, signature?.inputs ?? []);
  const asked = { inputs: data.inputs, outputs: data.outputs };
  const feed = (side: FeedSide, name: string, otherwise: readonly string[] | undefined): Feed => {
    const written = asked[side]?.[name];
    const from = written === undefined ? otherwise : [written].flat();
    return { name, from: from ?? [name], isNamed: from !== undefined };
  };
  const [onlyInput] = inputs;
  const [onlyOutput] = outputs;
  return {
    inputs:
      inputs.length === 1 && onlyInput !== undefined && !data.inputs
        ? [{ name: onlyInput, from: data.features ?? null, isNamed: data.features !== undefined }]
        : inputs.map((name, index) => feed('inputs', name, inOrder?.[index])),
    outputs:
      outputs.length === 1 && onlyOutput !== undefined
        ? [feed('outputs', onlyOutput, data.label === undefined ? undefined : [data.label])]
        : outputs.map((name) => feed('outputs', name, undefined)),
    weights:
      data.sampleWeights === undefined
        ? null
        : { name: 'sampleWeights', from: [data.sampleWeights], isNamed: true },
  };
}

function sidesOf(
  side: FeedSide,
  written: Config['data']['inputs'],
  known: readonly ModelSide[] | undefined,
  source: Pick<Source, 'configFile'>,
): string[] {
  const asked = Object.keys(written ?? {});
  if (!known) return asked.length > 0 ? asked : [side === 'inputs' ? 'input' : 'output'];
  const names = known.map(({ name }) => name);
  const [only] = names;
  // Nobody knows what the single input of a sequential model is called.
  if (side === 'inputs' && only !== undefined && names.length === 1 && asked.length === 1)
    return asked;
  for (const name of asked) {
    if (names.includes(name)) continue;
    const values = { side: sideName(side), name, known: listed(names) };
    refuse('modelPartUnknown', values, dataKey(source, side, name));
  }
  return names;
}

/** A side as sentences name it. */
export function sideName(side: FeedSide): 'input' | 'output' {
  return side === 'inputs' ? 'input' : 'output';
}

function featuresInOrder(
  features: readonly string[] | undefined,
  inputs: readonly ModelSide[],
): readonly (readonly string[])[] | null {
  if (!features || inputs.length < 2) return null;
  if (features.length === inputs.length) return features.map((name) => [name]);
  const sizes = inputs.map(({ shape }) => (shape ? sizeOf(shape) : 0));
  if (sizes.reduce((total, size) => total + size, 0) !== features.length) return null;
  let at = 0;
  return sizes.map((size) => features.slice(at, (at += size)));
}
