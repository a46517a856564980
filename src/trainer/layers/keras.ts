import { serialization, type Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

export type Shape = (number | null)[];
export type Call = Parameters<InstanceType<typeof layers.Layer>['call']>;
export type Settings = Readonly<Record<string, unknown>>;

export function firstTensor(inputs: Tensor | Tensor[]): Tensor {
  return (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor;
}

export function firstShape(shapes: Shape | Shape[]): Shape {
  return (Array.isArray(shapes[0]) ? shapes[0] : shapes) as Shape;
}

export function isTraining(kwargs: Call[1] | undefined): boolean {
  return kwargs?.['training'] === true;
}

export function numberIn(settings: Settings, name: string, otherwise: number): number {
  const value = settings[name];
  return typeof value === 'number' ? value : otherwise;
}

type Registered = Parameters<typeof serialization.registerClass>[0];

/** Class names of layers that were registered here. */
export const registeredLayers: string[] = [];

/** Lets models name a class of ours; one of tfjs by that name is replaced. */
export function register(layerClass: unknown): void {
  const { prototype, className } = layerClass as Registered & { className: string };
  if (prototype instanceof layers.Layer) registeredLayers.push(className);
  serialization.registerClass(layerClass as Registered);
}
