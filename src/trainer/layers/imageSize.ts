import { cast, image, slice, tidy, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { firstShape, firstTensor, numberIn, register, type Settings, type Shape } from './keras';

/*
 * Keras's layers that bring images [batch, height, width, channels] to one size. TensorFlow.js forgets
 * the batch in the shape of its own, and takes pixels from elsewhere than TensorFlow 2 does.
 */
abstract class ImageSize extends layers.Layer {
  protected readonly height: number;
  protected readonly width: number;

  constructor(protected readonly settings: Settings) {
    super(settings);
    this.height = numberIn(settings, 'height', 1);
    this.width = numberIn(settings, 'width', 1);
    if (settings['dataFormat'] === 'channelsFirst')
      throw new Error(`${this.getClassName()} is known with channels_last alone`);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = firstShape(inputShape);
    return [shape[0] ?? null, this.height, this.width, shape.at(-1) ?? null];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => this.sized(cast(firstTensor(inputs) as Tensor4D, 'float32')));
  }

  protected abstract sized(x: Tensor4D): Tensor;

  protected resize(x: Tensor4D): Tensor {
    const size: [number, number] = [this.height, this.width];
    return this.settings['interpolation'] === 'nearest'
      ? image.resizeNearestNeighbor(x, size, false, true)
      : image.resizeBilinear(x, size, false, true);
  }

  /** The largest part around the middle that has the shape of the result. */
  protected inProportion(x: Tensor4D): Tensor4D {
    const [, height, width] = x.shape;
    const tall = Math.min(height, Math.max(1, Math.floor((width * this.height) / this.width)));
    const wide = Math.min(width, Math.max(1, Math.floor((height * this.width) / this.height)));
    return middle(x, tall, wide);
  }

  override getConfig(): ReturnType<InstanceType<typeof layers.Layer>['getConfig']> {
    return { ...super.getConfig(), ...(this.settings as object) };
  }
}

function middle(x: Tensor4D, height: number, width: number): Tensor4D {
  const [, rows, columns] = x.shape;
  const from = [0, Math.floor((rows - height) / 2), Math.floor((columns - width) / 2), 0];
  return slice(x, from as [number, number, number, number], [-1, height, width, -1]);
}

class Resizing extends ImageSize {
  static readonly className = 'Resizing';

  constructor(settings: Settings) {
    super(settings);
    const { interpolation = 'bilinear' } = settings;
    if (interpolation !== 'bilinear' && interpolation !== 'nearest')
      throw new Error('Resizing is known with the interpolations bilinear and nearest alone');
    for (const option of ['padToAspectRatio', 'antialias'])
      if (settings[option] === true) throw new Error(`Resizing is not known with ${option}`);
  }

  protected sized(x: Tensor4D): Tensor {
    return this.resize(this.settings['cropToAspectRatio'] === true ? this.inProportion(x) : x);
  }
}

class CenterCrop extends ImageSize {
  static readonly className = 'CenterCrop';

  protected sized(x: Tensor4D): Tensor {
    const [, height, width] = x.shape;
    return height >= this.height && width >= this.width
      ? middle(x, this.height, this.width)
      : this.resize(this.inProportion(x));
  }
}

export function registerImageSize(): void {
  [Resizing, CenterCrop].forEach(register);
}
