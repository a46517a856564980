import { describe, expect, it } from 'vitest';
import { english } from '../../../../src/core/text/problem';
import { countingSentences } from '../../../../src/editor/explain/counting';
import { explainInference } from '../../../../src/editor/explain/explainOthers';
import type { Language } from '../../../../src/editor/language';

const language: Language = { t: (template, values = {}) => english(template, values), tag: 'en' };
const told = (facts: Parameters<typeof countingSentences>[0]): string =>
  countingSentences(facts, language).join(' ');

describe('a whole update beside its microbatch', () => {
  const sizes = {
    batchSize: 4,
    counts: 'microbatch',
    sizeName: 'train_micro_batch_size_per_gpu',
    microbatch: 4,
    accumulation: 3,
    global: 96,
  } as const;

  it('tells the number of devices that it is for', () => {
    expect(told(sizes)).toContain('96 = 4 × 3 × 8, so it is for 8 devices.');
    expect(told(sizes)).not.toContain('One update');
  });

  it('tells what is left to the framework where accumulation is not said', () => {
    const derived = { ...sizes, accumulation: 1, derivesAccumulation: true };
    expect(told(derived)).toContain(
      '96 = 4 × 24: accumulated batches × data-parallel devices = 24.',
    );
    expect(told({ ...derived, devices: 2 })).toContain(
      '96 = 4 × 2 × 12: gradients of 12 batches are accumulated.',
    );
  });

  it('leaves out a single accumulated batch', () => {
    const derived = { ...sizes, accumulation: 1, derivesAccumulation: true };
    expect(told({ ...derived, devices: 24 })).toContain('96 = 4 × 24.');
  });

  it('contradicts itself where nothing brings them together', () => {
    expect(told({ ...sizes, global: 100 })).toContain(
      '**Contradiction**: 100 is no multiple of 4 × 3.',
    );
    expect(told({ ...sizes, devices: 2 })).toContain('**Contradiction**: 4 × 3 × 2 = 24, not 96.');
    expect(told({ ...sizes, devices: 8 })).toContain('96 = 4 × 3 × 8.');
  });
});

describe('what the program around a batch size does with it', () => {
  const plain = { batchSize: 16, accumulation: 1 };

  it('counts no epochs where no data set is passed over', () => {
    expect(told({ ...plain, draws: true })).toContain('no epochs are counted');
    expect(told({ ...plain, draws: true, setsSteps: true })).not.toContain('is set here');
  });

  it('leaves the size of an update open where nobody knows how many batches it has', () => {
    const open = { ...plain, counts: 'perDevice', devices: 4 } as const;
    expect(told(open)).toContain('One update: 16 × 4 devices = 64.');
    expect(told({ ...open, accumulates: true })).not.toContain('One update');
    expect(told({ ...open, accumulates: true })).toContain('how many is not known here');
  });

  it('says that a rate follows the size', () => {
    expect(told({ ...plain, scalesRate: true })).toContain('a new size changes it, too');
  });

  it('names completions without a number of them, too', () => {
    const completions = { ...plain, counts: 'completions', draws: true } as const;
    expect(told(completions)).toContain('completions that the model generates');
    expect(told({ ...completions, generations: 5 })).toContain('generates 5 for each prompt');
    expect(told({ ...completions, generations: 5 })).not.toContain('One update');
  });
});

it('a batch that no update is made of has nothing to tune', () => {
  const { here } = explainInference(64, language);
  expect(here[0]).toBe('**Batchwise**: inference batch of 64');
  expect(here[1]).toContain('nothing to tune');
});

describe('numbers that a program which is not seen here reads', () => {
  const read = { batchSize: 9, accumulation: 1, readElsewhere: true } as const;

  it('does not say that no batches are accumulated', () => {
    const each = { ...read, counts: 'perDevice' } as const;
    expect(told({ ...each, devices: 3 })).toContain(
      'Without accumulated batches, one update is 9 × 3 devices = 27.',
    );
    expect(told(each)).toContain('Without accumulated batches, one update is 9 on one device');
    expect(told({ ...each, accumulation: 5 })).toContain('One update: 9 × 5 accumulated batches');
  });

  it('names the option only where the size stands under it', () => {
    const each = {
      batchSize: 9,
      accumulation: 1,
      framework: 'transformers',
      counts: 'perDevice',
    } as const;
    expect(told({ ...each, sizeName: 'batch_size' })).not.toContain('per_device_train_batch_size');
    expect(told({ ...each, sizeName: 'per_device_train_batch_size' })).toContain(
      '`per_device_train_batch_size` is the batch of each device.',
    );
  });
});
