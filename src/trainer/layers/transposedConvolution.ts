import { add, conv2dTranspose, tidy, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { firstShape, firstTensor, register, type Call, type Settings, type Shape } from './keras';

type Layer = InstanceType<typeof layers.Layer>;

interface Convolution extends Layer {
  readonly kernelSize: readonly number[];
  readonly strides: [number, number];
  readonly dataFormat: string;
  readonly padding: string;
  readonly kernel: { read(): Tensor };
  readonly bias: { read(): Tensor } | null;
  readonly activation: { apply(x: Tensor): Tensor } | null;
}

const Stock = (
  Object.getPrototypeOf(layers.conv2dTranspose({ filters: 1, kernelSize: 1 })) as object
).constructor as new (settings: Settings) => Convolution;

/**
 * A transposed convolution has several lengths that a plain one brings back to its input's; Keras's
 * `output_padding` says which, and tfjs forgets it.
 */
class Conv2DTranspose extends Stock {
  static readonly className = 'Conv2DTranspose';
  readonly #outputPadding: readonly number[] | null;

  constructor(settings: Settings) {
    super(settings);
    const given = settings['outputPadding'] as number | number[] | null | undefined;
    this.#outputPadding = typeof given === 'number' ? [given, given] : (given ?? null);
    if (this.#outputPadding && this.dataFormat === 'channelsFirst')
      throw new Error('output_padding is known with channels_last alone');
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const usual = super.computeOutputShape(inputShape) as Shape;
    if (!this.#outputPadding) return usual;
    return [usual[0] ?? null, ...this.#lengths(firstShape(inputShape)), usual.at(-1) ?? null];
  }

  override call(inputs: Tensor | Tensor[], kwargs: Call[1]): Tensor | Tensor[] {
    if (!this.#outputPadding) return super.call(inputs, kwargs);
    return tidy(() => {
      const x = firstTensor(inputs) as Tensor4D;
      const [rows = 1, columns = 1] = this.#lengths(x.shape).map((length) => length ?? 1);
      const filter = this.kernel.read() as Tensor4D;
      const shape: [number, number, number, number] = [x.shape[0], rows, columns, filter.shape[2]];
      const padding = this.padding === 'same' ? 'same' : 'valid';
      const y = conv2dTranspose(x, filter, shape, this.strides, padding);
      const biased = this.bias ? add(y, this.bias.read()) : y;
      return this.activation ? this.activation.apply(biased) : biased;
    });
  }

  #lengths(shape: Shape): (number | null)[] {
    return [0, 1].map((axis) => {
      const length = shape[axis + 1] ?? null;
      if (length === null) return null;
      const size = this.kernelSize[axis] ?? 1;
      const taken = this.padding === 'same' ? 2 * Math.floor(size / 2) : 0;
      const extra = this.#outputPadding?.[axis] ?? 0;
      return (length - 1) * (this.strides[axis] ?? 1) + size - taken + extra;
    });
  }

  override getConfig(): ReturnType<Layer['getConfig']> {
    return { ...super.getConfig(), outputPadding: this.#outputPadding as number[] | null };
  }
}

export function registerTransposedConvolution(): void {
  register(Conv2DTranspose);
}
