import path from 'node:path';
import type { StreamedDataset } from '../data/records/streamedDataset';
import { inMemory } from '../data/samples';
import { DeviceSamples, type DeviceData } from '../training/deviceData';
import { shareSlots, startReader } from './rowChunks';
import { StreamedOnDevice } from './streamedOnDevice';

/** Validation samples up to this share of the limit are held: they are needed again and again. */
const validationShare = 1 / 16;
const mostHeldBytes = 64 * 2 ** 20;

/**
 * Samples on disk, ready to be trained on: training samples are streamed, validation samples only
 * where they are many.
 * @param bundles the folder of this bundle, where the reading thread's lies
 */
export function streamOnDevice(
  { train, validation, sampleShape, labelShape }: StreamedDataset,
  limitBytes: number | null,
  bundles: string,
): DeviceData {
  const perSample = 4 * (validation.features.width + validation.labels.width);
  const mostHeld = Math.min(mostHeldBytes, validationShare * (limitBytes ?? Infinity));
  const holdsValidation = validation.count * perSample <= mostHeld;
  const sets = (holdsValidation ? [train] : [train, validation]).map(shareSlots);
  const reader = startReader(sets, path.join(bundles, 'rowReader.js'));
  const [trainSet, validationSet] = sets.map(
    (shared, set) => new StreamedOnDevice(shared, reader, set, sampleShape, labelShape),
  );
  if (!trainSet) throw new Error('There are no training samples.');
  return {
    train: trainSet,
    validation: validationSet ?? new DeviceSamples(inMemory(validation), sampleShape, labelShape),
  };
}
