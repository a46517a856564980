import path from 'node:path';
import { expect } from 'vitest';
import type { LossName } from '../../../../src/core/model/losses';
import { configSchema } from '../../../../src/config/schema';
import { english, describe as sentence, render } from '../../../../src/core/text/problem';
import { loadDataset } from '../../../../src/trainer/data/loadDataset';
import { loadStreamed } from '../../../../src/trainer/data/records/loadStreamed';
import { inMemory } from '../../../../src/trainer/data/samples';
import { pairs, workspace, type Files } from './workspace';

interface Read {
  /** Features and label of each sample, sorted. */
  readonly rows: readonly string[];
  readonly shape: readonly number[];
  readonly classes: readonly string[] | null;
  readonly validationSamples: number;
  readonly notes: string;
  readonly samplesOfClasses: readonly number[];
}

/** Reads data both ways, which have to agree in every number and word. */
export async function read(
  files: Files,
  data: object,
  loss: LossName = 'categoricalCrossentropy',
  inputShape: readonly number[] | null = null,
): Promise<Read> {
  const root = await workspace(files);
  const config = configSchema.parse({
    model: { topology: 'model.json' },
    data: { normalize: false, ...data },
    training: { loss },
  });
  const configFile = path.join(root, 'batchwise.json');
  const context = { configFile, root, seed: 3, tf: null, inputShape };
  const held = await loadDataset(config, context);
  const streamed = await loadStreamed(config, { ...context, folder: path.join(root, '.cache') });
  if (!held.ok) {
    if (streamed.ok) throw new Error('Only memory refuses it.');
    expect(sentence(streamed.problem)).toBe(sentence(held.problem));
    throw new Error(sentence(held.problem).replace(root, ''));
  }
  if (!streamed.ok) throw new Error(sentence(streamed.problem));
  const { train, validation, ...rest } = streamed.value;
  const onDisk = { ...rest, train: inMemory(train), validation: inMemory(validation) };
  expect(pairs(onDisk)).toEqual(pairs(held.value));
  expect(onDisk.reading).toEqual(held.value.reading);
  expect(onDisk.contentHash).toBe(held.value.contentHash);
  const { reading } = held.value;
  return {
    rows: pairs(held.value),
    shape: held.value.sampleShape,
    classes: held.value.classes,
    validationSamples: held.value.validation.count,
    notes: (reading?.notes ?? []).map((note) => render(note, english)).join('\n'),
    samplesOfClasses: (reading?.classes ?? []).map(({ samples }) => samples),
  };
}
