import { isObject, type JsonObject } from './json';
import { layerCost, sizeOf, type LayerCost, type Shape } from './layerCost';
import { walkTopology, type LayerCall } from './walkTopology';

export interface TopologyCost extends LayerCost {
  /** Shape of one sample, as the model says it; else as given. Of several inputs the first. */
  readonly input: Shape;
  /** Values of one sample, in all inputs. */
  readonly inputValues: number;
  /** Shape of the first output. */
  readonly output: Shape;
  /** Outputs of all layers together, in values per sample. */
  readonly outputs: number;
  /** The largest trained weight of a layer, counted with its bias. */
  readonly largestTrained: number;
  /** Class names of all layers, those of inner models too. */
  readonly classNames: readonly string[];
  /** Class names that are not known here: their cost is missing, so that the sums are too low. */
  readonly unknown: readonly string[];
}

/**
 * Adds up what the layers of a normalized topology (normalizeTopology.ts) cost.
 * @param inputShape of one sample, for models that do not say it
 */
export function topologyCost(model: JsonObject, inputShape: Shape = []): TopologyCost {
  const sum = { parameters: 0, trainable: 0, outputs: 0, largestTrained: 0 };
  const classNames: string[] = [];
  const unknown: string[] = [];
  const inputs: Shape[] = [];

  const [output] = walkTopology<Shape>(model, {
    inputOf: (shape) => {
      inputs.push(shape ?? inputShape);
      return shape ?? inputShape;
    },
    call: ({ className, config, inputs, isFirst }) => {
      if (isFirst) classNames.push(...namesIn({ className, config }));
      const cost = layerCost(className, config, inputs);
      if (!cost) {
        if (isFirst) unknown.push(className);
        return null;
      }
      sum.outputs += sizeOf(cost.output);
      // Weights are shared between the calls of one layer, values are not.
      if (isFirst) {
        const trained = config.trainable === false ? 0 : cost.trainable;
        sum.parameters += cost.parameters;
        sum.trainable += trained;
        sum.largestTrained = Math.max(sum.largestTrained, trained);
      }
      return cost.output;
    },
  });
  const [input = inputShape] = inputs;
  const inputValues = inputs.reduce((total, shape) => total + sizeOf(shape), 0);
  return { ...sum, input, inputValues, output, classNames, unknown };
}

function namesIn({ className, config }: Pick<LayerCall<Shape>, 'className' | 'config'>): string[] {
  const inner = isObject(config.layer) ? [String(config.layer.class_name)] : [];
  return className === 'InputLayer' ? [] : [className, ...inner];
}
