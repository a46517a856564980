/** Which arrays of a file are trained on, by the names that people give them. */
export interface NamedSplit {
  readonly train: NamedPair;
  /** The pair to validate with, where there is one. */
  readonly validation: NamedPair | null;
}

interface NamedPair {
  readonly features: string;
  readonly label: string;
}

type Side = 'train' | 'validation' | 'test' | 'all';
type Role = keyof NamedPair;

const sides: readonly (readonly [Side, RegExp])[] = [
  ['train', /^(?:train|training|tr)$/],
  ['validation', /^(?:val|valid|validation|dev)$/],
  ['test', /^(?:test|testing|te|eval)$/],
];
const roles: readonly (readonly [Role, RegExp])[] = [
  ['features', /^(?:xs?|data|features?|images?|imgs?|inputs?|samples)$/],
  ['label', /^(?:ys?|labels?|lbl|targets?|class|classes|outputs?)$/],
];

/** The pairs among names such as x_train, y_train, train_images, testLabels, X, y; null for others. */
export function namedSplit(names: readonly string[]): NamedSplit | null {
  const found: Partial<Record<Side, Partial<NamedPair>>> = {};
  for (const name of names) {
    const part = roleOf(name);
    if (part) found[part.side] = { [part.role]: name, ...found[part.side] };
  }
  const pairOf = (side: Side): NamedPair | null => {
    const { features, label } = found[side] ?? {};
    return features !== undefined && label !== undefined ? { features, label } : null;
  };
  const train = pairOf('train') ?? pairOf('all');
  return train && { train, validation: pairOf('validation') ?? pairOf('test') };
}

function roleOf(name: string): { readonly side: Side; readonly role: Role } | null {
  const words = name
    .replace(/^([xy])(?=train|test|val)/i, '$1_')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
  const side = known(words, sides);
  const role = known(words, roles);
  const [own] = role;
  if (!own || role.length > 1 || side.length > 1 || words.length !== side.length + 1) return null;
  return { side: side[0] ?? 'all', role: own };
}

function known<T>(words: readonly string[], of: readonly (readonly [T, RegExp])[]): T[] {
  return of.filter(([, pattern]) => words.some((word) => pattern.test(word))).map(([name]) => name);
}
