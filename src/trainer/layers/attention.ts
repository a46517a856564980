import {
  add,
  expandDims,
  linalg,
  matMul,
  mul,
  ones,
  reshape,
  softmax,
  sub,
  sum,
  tanh,
  tidy,
  transpose,
  cast,
  type Rank,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import { isTraining, numberIn, register, type Call, type Settings, type Shape } from './keras';

interface Variable {
  read(): Tensor;
}

type Mask = Tensor | null;

/** What is added to the scores of places that may not be seen. */
const hidden = -1e9;

/** One shape is a list, too: of lengths. */
function shapesOf(inputShape: Shape | Shape[]): Shape[] {
  return (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[];
}

abstract class AttentionLayer extends layers.Layer {
  constructor(protected readonly settings: Settings) {
    super(settings);
    this.supportsMasking = true;
  }

  /** Query, value and key; what is not given is the value, or the only input. */
  protected sources<T>(inputs: T | T[]): [T, T, T] {
    const list = Array.isArray(inputs) ? inputs : [inputs];
    const [query, value = query, key = value] = list as [T, T?, T?];
    return [query, value, key];
  }

  protected dropped(weights: Tensor, kwargs: Call[1]): Tensor {
    const rate = numberIn(this.settings, 'dropout', 0);
    if (rate === 0 || !isTraining(kwargs)) return weights;
    return layers.dropout({ rate }).call(weights, { training: true }) as Tensor;
  }

  /** The masks of query, value and key: false at the places that are hidden, [batch, places]. */
  protected masksOf(kwargs: Call[1] | undefined): [Mask, Mask, Mask] {
    const given = (kwargs?.['masks'] ?? kwargs?.['mask'] ?? null) as Mask | Mask[];
    return this.sources<Mask>(given);
  }

  /**
   * Shares of the last axis, [batch, ..., queries, keys], of what may be seen.
   * @param masks of the queries and of the keys; null where all count
   */
  protected shares(scores: Tensor, masks: { queries: Mask; keys: readonly Mask[] }): Tensor {
    const [batch = 1, ...rest] = scores.shape;
    const [queries = 1, keys = 1] = rest.slice(-2);
    const between = rest.slice(0, -2).map(() => 1);
    const shaped = (mask: Mask, lengths: number[]) =>
      mask ? [reshape(cast(mask, 'float32'), [batch, ...between, ...lengths])] : [];
    const [first, ...others] = [
      ...(this.settings['useCausalMask'] === true
        ? [linalg.bandPart(ones([queries, keys]), -1, 0)]
        : []),
      ...shaped(masks.queries, [queries, 1]),
      // A key that is the value has its mask.
      ...[...new Set(masks.keys)].flatMap((mask) => shaped(mask, [1, keys])),
    ];
    if (!first) return softmax(scores);
    const visible = others.reduce<Tensor>((both, mask) => mul(both, mask), first);
    return softmax(add(scores, mul(sub(1, visible), hidden)));
  }

  override computeMask(_: Tensor | Tensor[], mask?: Tensor | Tensor[]): Tensor | Tensor[] {
    return (Array.isArray(mask) ? mask[0] : mask) as Tensor;
  }

  override getConfig(): ReturnType<InstanceType<typeof layers.Layer>['getConfig']> {
    return { ...super.getConfig(), ...(this.settings as object) };
  }
}

type Initializer = ReturnType<typeof initializers.randomUniform>;

interface Projection {
  readonly kernel: Variable;
  readonly bias: Variable | null;
}

/** As arXiv 1706.03762 has it, with Keras's weights: kernels [width, heads, size]. */
class MultiHeadAttention extends AttentionLayer {
  static readonly className = 'MultiHeadAttention';
  #projections: Partial<Record<'query' | 'key' | 'value' | 'output', Projection>> = {};

  get #heads(): number {
    return numberIn(this.settings, 'numHeads', 1);
  }

  get #keySize(): number {
    return numberIn(this.settings, 'keyDim', 1);
  }

  get #valueSize(): number {
    return numberIn(this.settings, 'valueDim', this.#keySize);
  }

  override build(inputShape: Shape | Shape[]): void {
    const [query, value, key] = this.sources<Shape>(shapesOf(inputShape));
    const heads = this.#heads;
    const keySize = this.#keySize;
    const valueSize = this.#valueSize;
    const width = (shape: Shape) => shape.at(-1) ?? 1;
    this.#projections = {
      query: this.#projection('query', [width(query), heads, keySize], [heads, keySize]),
      key: this.#projection('key', [width(key), heads, keySize], [heads, keySize]),
      value: this.#projection('value', [width(value), heads, valueSize], [heads, valueSize]),
    };
    const output = this.#outputWidth(width(query));
    this.#projections.output = this.#projection(
      'attention_output',
      [heads, valueSize, output],
      [output],
    );
    this.built = true;
  }

  #outputWidth(query: number): number {
    const given = this.settings['outputShape'];
    const [first] = [given].flat();
    return typeof first === 'number' ? first : query;
  }

  #projection(name: string, kernel: number[], bias: number[]): Projection {
    const initial = (key: string, otherwise: Initializer) =>
      (this.settings[key] as Initializer | undefined) ?? otherwise;
    const limit = flatGlorot(kernel);
    return {
      kernel: this.addWeight(`${name}/kernel`, kernel, 'float32', initial('kernel', limit)),
      bias:
        this.settings['useBias'] === false
          ? null
          : this.addWeight(`${name}/bias`, bias, 'float32', initializers.zeros()),
    };
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    return [...shape.slice(0, -1), this.#outputWidth(shape.at(-1) ?? 1)];
  }

  override call(inputs: Tensor | Tensor[], kwargs: Call[1]): Tensor {
    return tidy(() => {
      const [query, value, key] = this.sources(inputs);
      const heads = this.#heads;
      const keySize = this.#keySize;
      const valueSize = this.#valueSize;
      const q = mul(this.#project('query', query, keySize), 1 / Math.sqrt(keySize));
      const k = this.#project('key', key, keySize);
      const v = this.#project('value', value, valueSize);
      const scores = matMul(q, k, false, true);
      const [queries, ...keys] = this.masksOf(kwargs);
      const shares = this.dropped(this.shares(scores, { queries, keys }), kwargs);
      const mixed = transpose(matMul(shares, v), [0, 2, 1, 3]);
      const [batch = 1, places = 1] = query.shape;
      const { kernel, bias } = this.#projections.output ?? missing();
      const output = kernel.read();
      const width = output.shape.at(-1) ?? 1;
      const rows = matMul(
        reshape<Rank.R2>(mixed, [batch * places, heads * valueSize]),
        reshape<Rank.R2>(output, [heads * valueSize, width]),
      );
      return reshape(bias ? add(rows, bias.read()) : rows, [batch, places, width]);
    });
  }

  /** [batch, heads, places, size] */
  #project(name: 'query' | 'key' | 'value', x: Tensor, size: number): Tensor {
    const { kernel, bias } = this.#projections[name] ?? missing();
    const [batch = 1, places = 1, width = 1] = x.shape;
    const columns = this.#heads * size;
    const rows = matMul(
      reshape<Rank.R2>(x, [batch * places, width]),
      reshape<Rank.R2>(kernel.read(), [width, columns]),
    );
    const biased = bias ? add(rows, reshape(bias.read(), [columns])) : rows;
    return transpose(reshape(biased, [batch, places, this.#heads, size]), [0, 2, 1, 3]);
  }
}

function missing(): never {
  throw new Error('The layer was not built.');
}

/** Glorot's bounds for a kernel of three axes as Keras computes them: the first two are the inputs. */
function flatGlorot(kernel: number[]): Initializer {
  const [first = 1, second = 1, third = 1] = kernel;
  const limit = Math.sqrt(6 / (first * second + first * third));
  return initializers.randomUniform({ minval: -limit, maxval: limit });
}

/** Dot products as scores (Luong). */
class Attention extends AttentionLayer {
  static readonly className: string = 'Attention';
  protected scale: Variable | null = null;

  override build(inputShape: Shape | Shape[]): void {
    if (this.settings['useScale'] === true)
      this.scale = this.addWeight('scale', [], 'float32', initializers.ones());
    if (this.settings['scoreMode'] === 'concat')
      throw new Error('score_mode "concat" is not known; "dot" is');
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [query, value] = this.sources<Shape>(shapesOf(inputShape));
    return [...query.slice(0, -1), value.at(-1) ?? null];
  }

  override call(inputs: Tensor | Tensor[], kwargs: Call[1]): Tensor {
    return tidy(() => {
      const [query, value, key] = this.sources(inputs);
      const [queries, keys] = this.masksOf(kwargs);
      const shares = this.shares(this.scores(query, key), { queries: null, keys: [keys] });
      const mixed = matMul(this.dropped(shares, kwargs), value);
      return queries ? mul(mixed, expandDims(cast(queries, 'float32'), -1)) : mixed;
    });
  }

  protected scores(query: Tensor, key: Tensor): Tensor {
    const scores = matMul(query, key, false, true);
    return this.scale ? mul(scores, this.scale.read()) : scores;
  }
}

/** A sum of hyperbolic tangents as scores (Bahdanau). */
class AdditiveAttention extends Attention {
  static override readonly className: string = 'AdditiveAttention';

  override build(inputShape: Shape | Shape[]): void {
    const [, value] = this.sources<Shape>(shapesOf(inputShape));
    if (this.settings['useScale'] !== false) {
      const width = value.at(-1) ?? 1;
      this.scale = this.addWeight('scale', [width], 'float32', initializers.glorotUniform({}));
    }
    this.built = true;
  }

  protected override scores(query: Tensor, key: Tensor): Tensor {
    const each = tanh(add(expandDims(query, 2), expandDims(key, 1)));
    return sum(this.scale ? mul(each, this.scale.read()) : each, -1);
  }
}

export function registerAttention(): void {
  [MultiHeadAttention, Attention, AdditiveAttention].forEach(register);
}
