import {
  add,
  image,
  mean,
  mul,
  randomUniform,
  reverse,
  slice,
  sub,
  tidy,
  tensor2d,
  greater,
  cast,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import {
  firstShape,
  firstTensor,
  isTraining,
  numberIn,
  register,
  SameShape,
  type Call,
  type Shape,
} from './keras';

/*
 * Keras's augmentation layers for images [batch, height, width, channels]: they change samples while
 * training alone, each in its own way, drawn from Math.random, which training seeds for each step.
 */

abstract class Augmentation extends SameShape {
  override call(inputs: Tensor | Tensor[], kwargs: Call[1]): Tensor {
    const x = firstTensor(inputs);
    return isTraining(kwargs) ? tidy(() => this.augment(x as Tensor4D)) : this.plain(x as Tensor4D);
  }

  protected plain(x: Tensor4D): Tensor {
    return x;
  }

  protected abstract augment(x: Tensor4D): Tensor;

  /** Bounds of a setting that is one number (both ways) or two. */
  protected bounds(name: string): [number, number] | null {
    const value = this.settings[name];
    if (typeof value === 'number') return [-value, value];
    if (!Array.isArray(value)) return null;
    const [low = 0, high = 0] = value.map(Number);
    return [low, high];
  }
}

function between([low, high]: readonly [number, number]): number {
  return low + (high - low) * Math.random();
}

class RandomFlip extends Augmentation {
  static readonly className = 'RandomFlip';

  protected augment(x: Tensor4D): Tensor {
    const { mode = 'horizontal_and_vertical' } = this.settings;
    let y: Tensor = x;
    for (const [axis, name] of [
      [1, 'vertical'],
      [2, 'horizontal'],
    ] as const) {
      if (!String(mode).includes(name)) continue;
      const turned = cast(greater(randomUniform([x.shape[0], 1, 1, 1]), 0.5), 'float32');
      y = add(mul(y, sub(1, turned)), mul(reverse(y, axis), turned));
    }
    return y;
  }
}

class RandomContrast extends Augmentation {
  static readonly className = 'RandomContrast';

  protected augment(x: Tensor4D): Tensor {
    const factor = this.settings['factor'];
    const [low, high] = Array.isArray(factor)
      ? [Number(factor[0]), Number(factor[1])]
      : [Number(factor), Number(factor)];
    const scale = randomUniform([x.shape[0], 1, 1, 1], 1 - low, 1 + high);
    const center = mean(x, [1, 2], true);
    return add(mul(sub(x, center), scale), center);
  }
}

class RandomCrop extends Augmentation {
  static readonly className = 'RandomCrop';

  get #size(): [number, number] {
    return [numberIn(this.settings, 'height', 1), numberIn(this.settings, 'width', 1)];
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch = null, , , channels = null] = firstShape(inputShape);
    return [batch, ...this.#size, channels];
  }

  protected augment(x: Tensor4D): Tensor {
    return this.#cropped(x, () => Math.random());
  }

  protected override plain(x: Tensor4D): Tensor {
    return this.#cropped(x, () => 0.5);
  }

  #cropped(x: Tensor4D, share: () => number): Tensor {
    const [batch, rows, columns, channels] = x.shape;
    const [height, width] = this.#size;
    if (rows < height || columns < width) return image.resizeBilinear(x, [height, width]);
    const top = Math.floor(share() * (rows - height + 1));
    const left = Math.floor(share() * (columns - width + 1));
    return slice(x, [0, top, left, 0], [batch, height, width, channels]);
  }
}

/** Layers that take each output pixel from another place of the input. */
abstract class Placement extends Augmentation {
  /** The eight numbers of tf.image.transform, from output to input. */
  protected abstract placement(height: number, width: number): readonly number[];

  protected augment(x: Tensor4D): Tensor {
    const [batch, height, width] = x.shape;
    const rows = Array.from({ length: batch }, () => [...this.placement(height, width)]);
    const { interpolation = 'bilinear', fillMode = 'reflect' } = this.settings;
    return image.transform(
      x,
      tensor2d(rows, [batch, 8]),
      interpolation === 'nearest' ? 'nearest' : 'bilinear',
      fillMode as 'reflect',
      numberIn(this.settings, 'fillValue', 0),
    );
  }
}

class RandomTranslation extends Placement {
  static readonly className = 'RandomTranslation';

  protected placement(height: number, width: number): readonly number[] {
    const down = between(this.bounds('heightFactor') ?? [0, 0]) * height;
    const right = between(this.bounds('widthFactor') ?? [0, 0]) * width;
    return [1, 0, -right, 0, 1, -down, 0, 0];
  }
}

class RandomRotation extends Placement {
  static readonly className = 'RandomRotation';

  protected placement(height: number, width: number): readonly number[] {
    const angle = 2 * Math.PI * between(this.bounds('factor') ?? [0, 0]);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [right, bottom] = [width - 1, height - 1];
    const x = (right - (cos * right - sin * bottom)) / 2;
    const y = (bottom - (sin * right + cos * bottom)) / 2;
    return [cos, -sin, x, sin, cos, y, 0, 0];
  }
}

class RandomZoom extends Placement {
  static readonly className = 'RandomZoom';

  protected placement(height: number, width: number): readonly number[] {
    const vertical = 1 + between(this.bounds('heightFactor') ?? [0, 0]);
    const own = this.bounds('widthFactor');
    const horizontal = own ? 1 + between(own) : vertical;
    const x = ((width - 1) / 2) * (1 - horizontal);
    const y = ((height - 1) / 2) * (1 - vertical);
    return [horizontal, 0, x, 0, vertical, y, 0, 0];
  }
}

export function registerAugmentation(): void {
  [RandomFlip, RandomContrast, RandomCrop].forEach(register);
  [RandomTranslation, RandomRotation, RandomZoom].forEach(register);
}
