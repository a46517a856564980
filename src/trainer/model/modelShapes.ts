import type { LayersModel, layers } from '@tensorflow/tfjs-layers';
import { distinctNames } from '../../core/model/topology/signature';

export type Layer = InstanceType<typeof layers.Layer>;

/** Shape of one sample; null stands for any length. */
export type SampleShape = readonly (number | null)[];

export function inputShape(model: LayersModel, index = 0): SampleShape {
  return (model.inputs[index]?.shape ?? []).slice(1);
}

export function outputShape(model: LayersModel, index = 0): SampleShape {
  return (model.outputs[index]?.shape ?? []).slice(1);
}

/** Inputs and outputs by the names that topologies and configs give them. */
export function sideNames(model: LayersModel): {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
} {
  const named = (names: readonly string[] | undefined, count: number, other: string) =>
    names?.length === count
      ? distinctNames(names)
      : distinctNames(Array.from({ length: count }, () => other));
  const inner = innerModel(model);
  return {
    inputs: named(inner.inputNames, model.inputs.length, 'input'),
    outputs: named(inner.outputNames, model.outputs.length, 'output'),
  };
}

/** A sequential model keeps its names in the model that it builds of its layers. */
export function innerModel(model: LayersModel): LayersModel {
  return (model as unknown as { model?: LayersModel }).model ?? model;
}

/** Equal lengths on all axes, where null matches any. */
export function matches(model: SampleShape, data: readonly number[]): boolean {
  return (
    model.length === data.length &&
    model.every((length, axis) => length === null || length === data[axis])
  );
}

export function shapeText(shape: SampleShape): string {
  return `[${shape.map((length) => length ?? 'any').join(', ')}]`;
}

/** All layers in order, the layers of inner models and of wrappers after the layer that holds them. */
export function allLayers(model: LayersModel): Layer[] {
  return model.layers.flatMap(withInner);
}

function withInner(layer: Layer): Layer[] {
  const holder = layer as Layer & { layers?: Layer[]; layer?: Layer; forwardLayer?: Layer };
  const inner = holder.layers ?? [holder.layer ?? holder.forwardLayer].filter(isLayer);
  return [layer, ...inner.flatMap(withInner)];
}

function isLayer(layer: Layer | undefined): layer is Layer {
  return layer !== undefined;
}

/** Class names of all layers but inputs, for telling the model's type. */
export function layerClassNames(model: LayersModel): string[] {
  return allLayers(model)
    .map((layer) => layer.getClassName())
    .filter((name) => !['InputLayer', 'Sequential', 'Model', 'Functional'].includes(name));
}

/** Name and activation of the layer that gives the output; null where it has none of its own. */
export function outputActivation(
  model: LayersModel,
  index = 0,
): { readonly name: string; readonly activation: string } | null {
  const { outputLayers } = model as unknown as { outputLayers?: Layer[] };
  let layer = outputLayers?.[index] ?? model.layers.at(-1);
  const name = layer?.name ?? '';
  for (;;) {
    const holder = layer as (Layer & { layers?: Layer[]; layer?: Layer }) | undefined;
    const inner = holder?.layers?.at(-1) ?? holder?.layer;
    if (inner === undefined) break;
    layer = inner;
  }
  if (layer?.getClassName() === 'Softmax') return { name, activation: 'softmax' };
  const activation = layer?.getConfig().activation;
  return typeof activation === 'string' ? { name, activation } : null;
}
