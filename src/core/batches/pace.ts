import { iterationsPerEpoch } from './arithmetic';
import type { Schedule } from '../sweep/result';

/** Updates that a trial makes at one batch size, in a row. */
export interface Stretch {
  readonly batchSize: number;
  readonly iterations: number;
}

/** How a trial's updates fall on samples: at one batch size, or following a schedule. */
export interface Pace {
  /** Updates made when exactly so many samples were seen; null when no update ends there. */
  iterationAt(samplesSeen: number): number | null;
  /** The first so many updates by batch size. */
  stretches(iterations: number): readonly Stretch[];
}

/**
 * The pace of a trial on `samples` training samples. Batches do not cross the ends of epochs; a
 * schedule changes the batch size at the start of an epoch.
 */
export function paceOf(samples: number, batchSize: number, schedule: Schedule | null): Pace {
  const sizeIn = (epoch: number) =>
    schedule?.findLast((entry) => entry.epoch <= epoch)?.batchSize ?? batchSize;
  if (!schedule || schedule.length === 0) return constantPace(samples, batchSize);
  const last = Math.ceil(Math.max(...schedule.map(({ epoch }) => epoch)));
  /** Updates in the first so many epochs. */
  const before = (epochs: number) => {
    let updates = 0;
    for (let epoch = 0; epoch < Math.min(epochs, last); epoch++) {
      updates += iterationsPerEpoch(samples, sizeIn(epoch));
    }
    return updates + Math.max(0, epochs - last) * iterationsPerEpoch(samples, sizeIn(last));
  };
  return {
    iterationAt: (seen) => {
      const epochs = Math.floor(seen / samples);
      const rest = seen % samples;
      const size = sizeIn(epochs);
      return rest % size === 0 ? before(epochs) + rest / size : null;
    },
    stretches: (iterations) => {
      const found: Stretch[] = [];
      let left = iterations;
      for (let epoch = 0; left > 0; epoch++) {
        const size = sizeIn(epoch);
        const made = epoch >= last ? left : Math.min(left, iterationsPerEpoch(samples, size));
        found.push({ batchSize: size, iterations: made });
        left -= made;
      }
      return found;
    },
  };
}

function constantPace(samples: number, batchSize: number): Pace {
  const perEpoch = iterationsPerEpoch(samples, batchSize);
  return {
    iterationAt: (seen) => {
      const rest = seen % samples;
      return rest % batchSize === 0
        ? Math.floor(seen / samples) * perEpoch + rest / batchSize
        : null;
    },
    stretches: (iterations) => [{ batchSize, iterations }],
  };
}
