/** Losses by their names in configs. */
export const lossNames = [
  'categoricalCrossentropy',
  'sparseCategoricalCrossentropy',
  'binaryCrossentropy',
  'meanSquaredError',
  'meanAbsoluteError',
  'meanAbsolutePercentageError',
  'meanSquaredLogarithmicError',
  'huber',
  'logCosh',
  'poisson',
  'cosineSimilarity',
  'kullbackLeiblerDivergence',
  'hinge',
  'squaredHinge',
  'categoricalHinge',
  'binaryFocalCrossentropy',
  'categoricalFocalCrossentropy',
] as const;
export type LossName = (typeof lossNames)[number];

/** A loss by its name in the config or, in snake_case, in a compiled model; null for any other. */
export function lossNamed(name: unknown): LossName | null {
  if (typeof name !== 'string') return null;
  const camel = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return lossNames.find((loss) => loss === camel) ?? null;
}

/** The loss a model ends with, where nothing says one: by the activation of its last layer. */
export function likelyLoss(activation: unknown): LossName {
  if (activation === 'softmax') return 'sparseCategoricalCrossentropy';
  return activation === 'sigmoid' ? 'binaryCrossentropy' : 'meanSquaredError';
}
