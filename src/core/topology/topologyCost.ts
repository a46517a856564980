import { isObject, type JsonObject } from './json';
import { layerCost, type LayerCost, type Shape } from './layerCost';
import { isModel, layersOf } from './normalizeTopology';
import { trainingValues, type TrainingValues } from './trainingValues';

export interface TopologyCost extends LayerCost {
  /** Shape of one sample, as the model says it; else as given. */
  readonly input: Shape;
  /** The largest output of a layer, in values per sample. */
  readonly largestOutput: number;
  /** What training holds for each layer, in the model's order. */
  readonly layers: readonly TrainingValues[];
  /** Class names of all layers, those of inner models too. */
  readonly classNames: readonly string[];
  /** Class names that are not known here: their cost is missing, so that the sums are too low. */
  readonly unknown: readonly string[];
}

/**
 * Adds up what the layers of a normalized topology (normalizeTopology.ts) cost per sample.
 * @param inputShape of one sample, for models that do not say it
 */
export function topologyCost(model: JsonObject, inputShape: Shape = []): TopologyCost {
  const config = isObject(model.config) ? model.config : {};
  const layers = layersOf(config.layers);
  const outputs = new Map<string, Shape>();
  const sum = { parameters: 0, trainable: 0, kept: 0, largestOutput: 0 };
  const classNames: string[] = [];
  const unknown: string[] = [];
  const held: TrainingValues[] = [];
  let last: Shape = inputShape;
  let input: Shape = inputShape;

  for (const layer of layers) {
    const settings = isObject(layer.config) ? layer.config : {};
    const own = ownInputShape(settings);
    if (own && input === inputShape) input = own;
    const calls: unknown[] = Array.isArray(layer.inbound_nodes) ? layer.inbound_nodes : [];
    const inputsOf = (call: unknown) => sourcesOf(call).map((name) => outputs.get(name) ?? []);
    const uses: Shape[][] = calls.length > 0 ? calls.map(inputsOf) : [[own ?? last]];
    for (const [index, inputs] of uses.entries()) {
      const whole = isModel(layer) ? topologyCost(layer, inputs[0]) : null;
      const cost = whole ?? layerCost(String(layer.class_name), settings, inputs);
      if (index === 0) classNames.push(...(whole?.classNames ?? namesIn(layer)));
      if (!cost) {
        if (index === 0) unknown.push(String(layer.class_name));
        last = inputs[0] ?? last;
        continue;
      }
      if (index === 0) unknown.push(...(whole?.unknown ?? []));
      // Weights are shared between the calls of one layer, values are not.
      sum.parameters += index === 0 ? cost.parameters : 0;
      sum.trainable += index === 0 && settings.trainable !== false ? cost.trainable : 0;
      sum.kept += cost.kept;
      const isFirst = !held.some(({ saved }) => saved > 0);
      held.push(
        ...(whole?.layers ?? [
          trainingValues(String(layer.class_name), settings, inputs, cost, isFirst),
        ]),
      );
      const values = cost.output.reduce<number>((all, length) => all * (length ?? 1), 1);
      sum.largestOutput = Math.max(sum.largestOutput, values);
      last = cost.output;
    }
    const name = layer.name ?? settings.name;
    if (typeof name === 'string') outputs.set(name, last);
  }
  return { ...sum, layers: held, input, output: last, classNames, unknown };
}

function namesIn(layer: JsonObject): readonly string[] {
  const config = isObject(layer.config) ? layer.config : {};
  const inner = isObject(config.layer) ? [String(config.layer.class_name)] : [];
  const name = String(layer.class_name);
  return name === 'InputLayer' ? [] : [name, ...inner];
}

function ownInputShape(config: JsonObject): Shape | null {
  const { batch_input_shape: batch, input_shape: sample } = config;
  const shape: unknown = Array.isArray(batch) ? batch.slice(1) : sample;
  if (!Array.isArray(shape)) return null;
  return shape.map((length) => (typeof length === 'number' ? length : null));
}

/** Names of the layers whose outputs a call takes. */
function sourcesOf(call: unknown): string[] {
  if (!Array.isArray(call)) return [];
  return call.flatMap((tensor) =>
    Array.isArray(tensor) && typeof tensor[0] === 'string' ? [tensor[0]] : [],
  );
}
