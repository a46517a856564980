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

/** The mask of a layer's first input: false at the steps that are hidden, [samples, steps]. */
export function maskIn(kwargs: Call[1] | undefined): Tensor | null {
  const [mask] = [kwargs?.['mask'] as Tensor | Tensor[] | null | undefined].flat();
  return mask ?? null;
}

export function isTraining(kwargs: Call[1] | undefined): boolean {
  return kwargs?.['training'] === true;
}

export function numberIn(settings: Settings, name: string, otherwise: number): number {
  const value = settings[name];
  return typeof value === 'number' ? value : otherwise;
}

/** A layer whose output has the shape of its input. */
export abstract class SameShape extends layers.Layer {
  constructor(protected readonly settings: Settings) {
    super(settings);
    this.supportsMasking = true;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return firstShape(inputShape);
  }

  protected rate(name: string, otherwise: number): number {
    return numberIn(this.settings, name, otherwise);
  }

  protected flag(name: string, otherwise: boolean): boolean {
    const value = this.settings[name];
    return typeof value === 'boolean' ? value : otherwise;
  }

  override getConfig(): ReturnType<InstanceType<typeof layers.Layer>['getConfig']> {
    return { ...super.getConfig(), ...(this.settings as object) };
  }
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
