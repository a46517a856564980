import { permutation } from '../random/seededRandom';

/** Indices of samples, each list in file order. */
interface Split {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
}

/**
 * Draws validation samples: the same ones for the same seed, at least one on each side.
 * @param count samples in all, at least 2
 * @param fraction share of the samples that validate, in (0, 1)
 * @param classOf class index of a sample; with it every class keeps its share (largest remainder),
 *   and at least one sample to train on. Null draws from all samples alike.
 */
export function splitSamples(
  count: number,
  fraction: number,
  seed: number,
  classOf: ((sample: number) => number) | null,
): Split {
  const wanted = Math.min(count - 1, Math.max(1, Math.round(count * fraction)));
  const order = permutation(count, seed);
  const isValidation = new Uint8Array(count);
  if (classOf) {
    const quotas = classQuotas(count, wanted, classOf);
    for (const sample of order) {
      const left = quotas.get(classOf(sample)) ?? 0;
      if (left === 0) continue;
      isValidation[sample] = 1;
      quotas.set(classOf(sample), left - 1);
    }
  } else {
    for (const sample of order.subarray(0, wanted)) isValidation[sample] = 1;
  }
  const train: number[] = [];
  const validation: number[] = [];
  isValidation.forEach((taken, sample) => (taken === 1 ? validation : train).push(sample));
  return { train: Uint32Array.from(train), validation: Uint32Array.from(validation) };
}

/** As splitSamples, of a series: the last samples validate what was learnt from those before. */
export function splitInTime(count: number, fraction: number): Split {
  const wanted = Math.min(count - 1, Math.max(1, Math.round(count * fraction)));
  const order = Uint32Array.from({ length: count }, (_, sample) => sample);
  return { train: order.subarray(0, count - wanted), validation: order.subarray(count - wanted) };
}

/** How many samples of each class validate, `wanted` in all as far as each class can spare them. */
function classQuotas(
  count: number,
  wanted: number,
  classOf: (sample: number) => number,
): Map<number, number> {
  const sizes = new Map<number, number>();
  for (let sample = 0; sample < count; sample++) {
    const own = classOf(sample);
    sizes.set(own, (sizes.get(own) ?? 0) + 1);
  }
  const shares = [...sizes].map(([own, size]) => {
    const share = (size * wanted) / count;
    return { own, most: size - 1, quota: Math.min(size - 1, Math.floor(share)), share };
  });
  let left = wanted - shares.reduce((total, { quota }) => total + quota, 0);
  shares.sort((one, other) => other.share - other.quota - (one.share - one.quota));
  while (left > 0 && shares.some(({ quota, most }) => quota < most)) {
    for (const share of shares) {
      if (left === 0 || share.quota === share.most) continue;
      share.quota++;
      left--;
    }
  }
  // Every class may be down to its last sample: then one of them validates nevertheless.
  const [first] = shares;
  if (first && shares.every(({ quota }) => quota === 0)) first.quota = 1;
  return new Map(shares.map(({ own, quota }) => [own, quota]));
}

/** The rows of some samples, copied. */
export function takeRows(values: Float32Array, width: number, samples: Uint32Array): Float32Array {
  const taken = new Float32Array(samples.length * width);
  samples.forEach((sample, row) => {
    taken.set(values.subarray(sample * width, (sample + 1) * width), row * width);
  });
  return taken;
}
