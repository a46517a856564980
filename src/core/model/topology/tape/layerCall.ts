import { isObject, type JsonObject } from '../json';
import type { Shape } from '../layerCost';
import { fixed } from './amount';
import { add } from './operations';
import type { Tape, Value } from './tape';

/** A layer's input or output: its values and the shape of one sample. */
export interface Shaped {
  readonly value: Value;
  readonly shape: Shape;
}

/** One call of a layer, as the tape follows it. */
export interface Call {
  readonly tape: Tape;
  readonly config: JsonObject;
  readonly inputs: readonly Shaped[];
  readonly input: Shaped;
  /** Shape of one sample of the output. */
  readonly output: Shape;
  readonly isTrained: boolean;
}

/** What a layer does on the tape; returns its output. */
export type Layer = (call: Call) => Value;

export function biasOf({ tape, config, output, isTrained }: Call): Value | null {
  return config.use_bias === false ? null : tape.weight(fixed(output.at(-1) ?? 1), isTrained);
}

export function biased(call: Call, product: Value): Value {
  const bias = biasOf(call);
  return bias ? add(call.tape, product, bias) : product;
}

/** Values of a kernel: those of all weights less the bias. */
export function kernelOf({ config, input, output }: Call): number {
  const units = output.at(-1) ?? 1;
  const rank = input.shape.length - 1;
  return (
    (input.shape.at(-1) ?? 1) *
    units *
    (config.kernel_size === undefined ? 1 : windowOf(config, rank))
  );
}

export function windowOf(config: JsonObject, rank: number): number {
  const { kernel_size: size } = config;
  if (!Array.isArray(size)) return numberOf(size) ** rank;
  return size.reduce<number>((all, each) => all * numberOf(each), 1);
}

export function innerLayer(config: JsonObject): { className: string; config: JsonObject } {
  const layer = isObject(config.layer) ? config.layer : {};
  return {
    className: String(layer.class_name),
    config: isObject(layer.config) ? layer.config : {},
  };
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 1;
}
