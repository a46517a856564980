import { seededRandom, type Random } from '../../../src/trainer/random/seededRandom';

/** One made-up data set: `count` samples of `shape`, row by row. */
export interface Samples {
  readonly count: number;
  readonly shape: readonly number[];
  readonly features: Float32Array;
  /** A class number or a value to predict, one a sample. */
  readonly labels: Float32Array;
}

export type Generator = (count: number, random: Random) => Samples;

/** A normally distributed number (Box and Muller's transform). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Points around several centres a class, so that no straight line tells the classes apart. */
export function clusters(options: {
  readonly features: number;
  readonly classes: number;
  readonly centresPerClass: number;
  /** Standard deviation around a centre; centres themselves have 1. */
  readonly spread: number;
  /** Share of the samples whose label is drawn at random. */
  readonly mislabeled: number;
}): Generator {
  const { features: width, classes, centresPerClass, spread, mislabeled } = options;
  return (count, random) => {
    const centres = Array.from({ length: classes * centresPerClass }, () =>
      Array.from({ length: width }, () => normal(random)),
    );
    return make(count, [width], (features, at) => {
      const index = Math.floor(random() * centres.length);
      const centre = centres[index] ?? [];
      centre.forEach((value, i) => {
        features[at + i] = value + spread * normal(random);
      });
      return random() < mislabeled ? Math.floor(random() * classes) : index % classes;
    });
  };
}

/** A smooth, bent surface over some of the features, with noise on top. */
export function surface(options: {
  readonly features: number;
  readonly noise: number;
  /** How often the surface bends: radians for a feature of one standard deviation. */
  readonly bends: number;
}): Generator {
  const { features: width, noise, bends } = options;
  return (count, random) => {
    const waves = Array.from({ length: 4 }, () => ({
      direction: Array.from({ length: width }, () => normal(random) / Math.sqrt(width)),
      phase: 2 * Math.PI * random(),
    }));
    return make(count, [width], (features, at) => {
      const point = Array.from({ length: width }, () => normal(random));
      features.set(point, at);
      const value = waves.reduce((total, { direction, phase }) => {
        const along = direction.reduce((sum, part, i) => sum + part * (point[i] ?? 0), 0);
        return total + Math.sin(bends * along + phase);
      }, 0);
      return value + noise * normal(random);
    });
  };
}

const edge = 0.8;
const stroke = 1.2;
const box = (dx: number, dy: number) => Math.max(Math.abs(dx), Math.abs(dy));
const diamond = (dx: number, dy: number) => Math.abs(dx) + Math.abs(dy);

/** Whether a point is inside a figure of radius r around the origin. */
const figures: readonly ((dx: number, dy: number, r: number) => boolean)[] = [
  (dx, dy, r) => box(dx, dy) <= r,
  (dx, dy, r) => Math.abs(box(dx, dy) - r) < edge,
  (dx, dy, r) => Math.hypot(dx, dy) <= r,
  (dx, dy, r) => Math.abs(Math.hypot(dx, dy) - r) < edge,
  (dx, dy, r) => diamond(dx, dy) <= r,
  (dx, dy, r) => Math.abs(diamond(dx, dy) - r) < edge,
  (dx, dy, r) => Math.min(Math.abs(dx), Math.abs(dy)) < 1 && box(dx, dy) <= r,
  (dx, dy, r) => Math.abs(Math.abs(dx) - Math.abs(dy)) < stroke && box(dx, dy) <= r,
  (dx, dy, r) => Math.abs(dx - dy) < stroke && Math.abs(dx) <= r,
  (dx, dy, r) => Math.abs(dx + dy) < stroke && Math.abs(dx) <= r,
];

/** Grey images of one of ten figures (filled, hollow, strokes), at a random place and size. */
export function shapes(options: { readonly side: number; readonly noise: number }): Generator {
  const { side, noise } = options;
  return (count, random) =>
    make(count, [side, side, 1], (features, at) => {
      const kind = Math.floor(random() * figures.length);
      const radius = side * (0.15 + 0.15 * random());
      const [x, y] = [0, 0].map(() => radius + random() * (side - 1 - 2 * radius));
      for (let row = 0; row < side; row++) {
        for (let column = 0; column < side; column++) {
          const ink = figures[kind]?.(column - (x ?? 0), row - (y ?? 0), radius) === true ? 1 : 0;
          features[at + row * side + column] = ink + noise * normal(random);
        }
      }
      return kind;
    });
}

/** Two noisy readings of a wave; the class is by how much the second lags behind the first. */
export function pulses(options: {
  readonly steps: number;
  /** Number of classes: delays evenly over 2.4 radians to either side together. */
  readonly delays: number;
  readonly noise: number;
}): Generator {
  const { steps, delays, noise } = options;
  return (count, random) =>
    make(count, [steps, 2], (features, at) => {
      const kind = Math.floor(random() * delays);
      const phase = 2 * Math.PI * random();
      const speed = 0.5 + 0.3 * random();
      const delay = 2.4 * (kind / (delays - 1) - 0.5);
      for (let step = 0; step < steps; step++) {
        features[at + 2 * step] = Math.sin(phase + speed * step) + noise * normal(random);
        features[at + 2 * step + 1] =
          Math.sin(phase + speed * step + delay) + noise * normal(random);
      }
      return kind;
    });
}

/** Word numbers: each topic prefers words of its own, and common words (the lowest) are many. */
export function topics(options: {
  readonly words: number;
  readonly vocabulary: number;
  readonly classes: number;
  /** Share of a text's words that tell its topic. */
  readonly telling: number;
}): Generator {
  const { words, vocabulary, classes, telling } = options;
  return (count, random) =>
    make(count, [words], (features, at) => {
      const topic = Math.floor(random() * classes);
      for (let i = 0; i < words; i++) {
        const rank = Math.floor(vocabulary * random() ** 2);
        const own = rank - (rank % classes) + topic;
        features[at + i] = Math.min(vocabulary - 1, random() < telling ? own : rank);
      }
      return topic;
    });
}

/**
 * Two signs in a sequence, an early and a late one, among noise; the class says what the early one
 * was and whether the late one is the same. Neither tells anything of the class by itself, so that
 * training rests at the loss of guessing before it finds out.
 */
export function signs(options: { readonly steps: number; readonly noise: number }): Generator {
  const { steps, noise } = options;
  const third = Math.floor(steps / 3);
  return (count, random) =>
    make(count, [steps, 2], (features, at) => {
      const early = Math.floor(random() * third);
      const late = steps - 1 - Math.floor(random() * third);
      const [first, second] = [random() < 0.5, random() < 0.5];
      for (let step = 0; step < steps; step++) {
        const sign = step === early ? first : step === late ? second : null;
        features[at + 2 * step] = (sign === null ? 0 : sign ? 1 : -1) + noise * normal(random);
        features[at + 2 * step + 1] = (sign === null ? 0 : 1) + noise * normal(random);
      }
      return (first ? 2 : 0) + (first === second ? 1 : 0);
    });
}

/**
 * Tokens of a key (a direction) and a value (one of several); the first one asks for a key, and the
 * class is the value of the token that has it.
 */
export function lookups(options: {
  readonly tokens: number;
  readonly values: number;
  readonly noise: number;
}): Generator {
  const { tokens, values, noise } = options;
  const width = 3 + values;
  return (count, random) =>
    make(count, [tokens, width], (features, at) => {
      const turn = 2 * Math.PI * random();
      const asked = 1 + Math.floor(random() * (tokens - 1));
      let answer = 0;
      for (let token = 0; token < tokens; token++) {
        const place = at + token * width;
        const key = turn + (2 * Math.PI * (token === 0 ? asked : token)) / (tokens - 1);
        features[place] = Math.cos(key) + noise * normal(random);
        features[place + 1] = Math.sin(key) + noise * normal(random);
        features[place + 2] = token === 0 ? 1 : 0;
        if (token === 0) continue;
        const value = Math.floor(random() * values);
        features[place + 3 + value] = 1;
        if (token === asked) answer = value;
      }
      return answer;
    });
}

/** A common class all over the place, and a rare one near a few centres of its own. */
export function rarities(options: {
  readonly features: number;
  readonly share: number;
  readonly centres: number;
  readonly spread: number;
}): Generator {
  const { features: width, share, centres: number, spread } = options;
  return (count, random) => {
    const centres = Array.from({ length: number }, () =>
      Array.from({ length: width }, () => normal(random)),
    );
    return make(count, [width], (features, at) => {
      const isRare = random() < share;
      const centre = centres[Math.floor(random() * number)] ?? [];
      for (let i = 0; i < width; i++) {
        features[at + i] = isRare ? (centre[i] ?? 0) + spread * normal(random) : normal(random);
      }
      return isRare ? 1 : 0;
    });
  };
}

/** Labels of another generator, a few of which lie far off. */
export function withOutliers(
  of: Generator,
  { share, size }: { readonly share: number; readonly size: number },
): Generator {
  return (count, random) => {
    const samples = of(count, random);
    const labels = samples.labels.map((label) =>
      random() < share ? label + size * normal(random) : label,
    );
    return { ...samples, labels };
  };
}

/** Draws a whole data set from one seed. */
export function generate(generator: Generator, count: number, seed: number): Samples {
  return generator(count, seededRandom(seed));
}

function make(
  count: number,
  shape: readonly number[],
  draw: (features: Float32Array, at: number) => number,
): Samples {
  const size = shape.reduce((a, b) => a * b, 1);
  const features = new Float32Array(count * size);
  const labels = new Float32Array(count);
  for (let i = 0; i < count; i++) labels[i] = draw(features, i * size);
  return { count, shape, features, labels };
}
