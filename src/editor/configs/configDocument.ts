import { findKey, findValue, parseJsonText, valueAt, type TextRange } from '../../config/jsonText';

/** A number of the config that decides the arithmetic, with where it stands. */
interface ConfigNumber {
  readonly kind: 'batchSize' | 'epochs' | 'learningRate';
  /** Null where the text holds no positive number. */
  readonly value: number | null;
  readonly key: TextRange;
  readonly range: TextRange;
}

/** What the editor needs of a config's text, whether or not it is valid. */
export interface ConfigOutline {
  readonly numbers: readonly ConfigNumber[];
  /** The key `training`, else `tuning`, `model` or the document's first brace: where a lens goes. */
  readonly lensAt: TextRange | null;
  /** The value as parsed so far, unchecked. */
  readonly value: unknown;
}

const nothing: ConfigOutline = { numbers: [], lensAt: null, value: undefined };

/** Reads a config's text as far as it goes; never throws. */
export function outlineConfig(text: string): ConfigOutline {
  try {
    const json = parseJsonText(text);
    const { root } = json;
    if (!root) return nothing;
    const numbers = (['batchSize', 'epochs', 'learningRate'] as const).flatMap((kind) => {
      const pointer = ['training', kind];
      const key = findKey(root, pointer);
      const node = findValue(root, pointer);
      if (!key || !node) return [];
      const value: unknown = node.value;
      const valid =
        typeof value === 'number' &&
        (kind === 'learningRate' ? value > 0 : Number.isSafeInteger(value) && value > 0);
      return [{ kind, value: valid ? value : null, key: json.range(key), range: json.range(node) }];
    });
    const lensNode =
      findKey(root, ['training']) ?? findKey(root, ['tuning']) ?? findKey(root, ['model']) ?? root;
    return { numbers, lensAt: json.range(lensNode), value: json.value };
  } catch (error) {
    if (error instanceof RangeError) return nothing; // nested thousands deep
    throw error;
  }
}

/** The value of one of the numbers; null when it is absent or not a positive number. */
export function numberOf(outline: ConfigOutline, kind: ConfigNumber['kind']): number | null {
  return outline.numbers.find((number) => number.kind === kind)?.value ?? null;
}

/** A string at a path of keys in an unchecked value; null for anything else. */
export function stringAt(value: unknown, ...keys: readonly string[]): string | null {
  const found = valueAt(value, keys);
  return typeof found === 'string' ? found : null;
}
