import type { BatchCount } from '../../../core/batches/updates';
import type { Library, SiteKind } from '../../site';

/** An argument by keyword and, where the library takes it, by position. */
export interface Parameter {
  readonly names: readonly string[];
  readonly position: number | null;
  /** What the library takes when it is left out; undefined when that depends. */
  readonly implied?: number;
  /** What a batch size counts there; undefined where that is left to the program. */
  readonly counts?: BatchCount;
}

/** What a known call does with the numbers it is given. */
export interface Api {
  readonly library: Library;
  /**
   * Whether the call itself trains, or makes the batches (or settings) that training takes;
   * `devices` prepares evaluation as well.
   */
  readonly role: 'trains' | 'settings' | 'batches' | 'optimizer' | 'epochs' | 'devices';
  readonly parameters: Partial<Record<SiteKind, Parameter>>;
  /** The position of the samples: an array, or a dataset. */
  readonly samples: number | null;
  /** Whether settings stand in an object (`fit(x, y, {batchSize})`): its position. */
  readonly options: number | null;
  /** Whether it trains several models to find the best. */
  readonly searches?: true;
  /** The share of the samples that it keeps for validation where nothing is said. */
  readonly validationSplit?: number;
  /** Whether what it makes batches of is collected as training goes. */
  readonly draws?: true;
}

/** An argument by its names, separated by spaces. */
export const at = (position: number | null, names: string, implied?: number): Parameter => ({
  names: names.split(' '),
  position,
  ...(implied === undefined ? {} : { implied }),
});

export const none = { samples: null, options: null } as const;

/** A call that makes batches of a size. */
export const named = (
  library: Library,
  position: number | null = null,
  names = 'batch_size',
): Api => ({
  ...none,
  library,
  role: 'batches',
  parameters: { batchSize: at(position, names) },
});

export const optimizer = (library: Library, position: number, names: string): Api => ({
  ...none,
  library,
  role: 'optimizer',
  parameters: { learningRate: at(position, names) },
});

export const optimizerNames = new Set([
  'adam',
  'adamw',
  'sgd',
  'rmsprop',
  'adagrad',
  'adadelta',
  'adamax',
  'nadam',
  'lion',
  'lamb',
  'lars',
  'adafactor',
  'momentum',
  'radam',
]);
