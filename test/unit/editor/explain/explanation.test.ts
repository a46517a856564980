import type { BatchCount } from '../../../../src/core/batches/updates';
import { describe, expect, it } from 'vitest';
import { english } from '../../../../src/core/text/problem';
import {
  explainBatchSize,
  explainEpochs,
  type Explanation,
  type Facts,
} from '../../../../src/editor/explain/explanation';
import { explain } from '../../../../src/editor/explain/explainOthers';
import type { SweepResult } from '../../../../src/core/sweep/result';
import type { Language } from '../../../../src/editor/language';
import { suggestions } from '../../../../src/editor/explain/suggestion';
import { measuredResult } from './measuredResult';

const language: Language = { t: (template, values = {}) => english(template, values), tag: 'en' };
const facts: Facts = {
  batchSize: 100,
  epochs: 5,
  accumulation: 1,
  learningRate: null,
  samples: null,
  result: null,
  place: 'config',
  model: null,
};
const counted = (count: number) => ({ count, source: 'counted' as const });

const spoken = ({ here, background }: Explanation) => [...here, background].join('\n');

function hover(changes: Partial<Facts>): string {
  return spoken(explainBatchSize({ ...facts, ...changes }, language));
}

/** The configured size was stopped before the target. */
function stoppedResult(): SweepResult {
  const { recommendation } = measuredResult;
  if (!recommendation) throw new Error('nothing is recommended');
  return {
    ...measuredResult,
    trials: measuredResult.trials.map((trial) =>
      trial.batchSize === 32 ? { ...trial, timeToTargetSeconds: null } : trial,
    ),
    recommendation: {
      ...recommendation,
      stoppedComparison: { comparedTo: 32, metric: 'loss', value: 0.916, times: 3.8 },
    },
  };
}

it('has no link or command that a result file brings with it', () => {
  const hostile = '[a](command:batchwise.tune) <img src=x> `b` ![c](d) https://example.com';
  const { backend } = measuredResult;
  const result: SweepResult = {
    ...measuredResult,
    backend: { ...backend, name: 'python', framework: hostile, device: hostile },
  };
  const texts = [
    hover({ result, batchSize: 32, samples: counted(1437) }),
    spoken(explainEpochs({ ...facts, result, batchSize: 32 }, language)),
    spoken(explain('learningRate', 0.1, { ...facts, result }, language)),
  ];
  for (const text of texts) expect(text).not.toMatch(/(?<!\\)\]\(|(?<!\\)<img|(?<!\\)`b/);
  expect(texts.join()).toContain('https\\://example\\.com');
});

describe('the hover on a batch size', () => {
  it('names Batchwise and tells the arithmetic', () => {
    expect(hover({ samples: counted(1_000) })).toMatchInlineSnapshot(`
      "**Batchwise**: batch size 100
      1,000 training samples at 100 are **10 iterations** (updates) per epoch. All batches are full. 5 epochs are 50 updates in total.
      Not measured yet.
      Smaller: more updates, noisier gradients, less memory, an idling device. Larger: fewer and steadier updates, better use of the device, more memory."
    `);
    expect(hover({ samples: counted(10_000) })).toContain('**100 iterations**');
  });

  it('says which way is rounded only where that is known', () => {
    const source = { place: 'source', batchSize: 30 } as const;
    expect(hover(source)).toContain('rounded up, or down where a partial last batch is left out');
    expect(hover({ ...source, keepsLast: true })).toContain('samples / 30, rounded up. The');
    expect(hover({ ...source, dropsLast: true })).toContain('samples / 30, rounded down. The');
    const open = hover({ ...source, samples: counted(100) });
    expect(open).toContain(
      'The last batch is partial (10 samples); where such batches are left out',
    );
    expect(open).not.toContain('in total');
    expect(hover({ ...source, samples: counted(91) })).toContain('partial (1 sample); where');
    expect(hover({ ...source, samples: counted(90) })).toContain('in total');
  });

  it('divides by the devices that nobody has counted', () => {
    const each = { place: 'source', batchSize: 30, counts: 'perDevice' } as const;
    expect(hover(each)).toContain('samples / (30 × devices)');
    expect(hover({ ...each, devices: 4 })).toContain('samples / 120');
    expect(hover({ ...each, samples: counted(90) })).toContain('On one device, 90 training');
  });

  it('tells nothing of an epoch where another program reads the size and nothing names epochs', () => {
    const read = { batchSize: 30, place: 'source', readElsewhere: true } as const;
    expect(hover({ ...read, epochs: null })).not.toContain('samples / 30');
    expect(hover({ ...read, epochs: null })).toContain('The number of samples is not known here.');
    expect(hover({ ...read, epochs: 5 })).toContain('samples / 30 batches.');
  });

  it.each([{ draws: true }, { setsSteps: true }, { countsUpdates: true }, { accumulates: true }])(
    'counts no iterations of an epoch with %o',
    (changes) => {
      const text = hover({ place: 'source', samples: counted(1_000), ...changes });
      expect(text).not.toContain('iterations**');
      expect(text).not.toContain('Iterations per epoch');
    },
  );

  it('names the last partial batch', () => {
    expect(hover({ batchSize: 96, samples: counted(1_000) })).toContain(
      'The last batch is partial: 40 samples.',
    );
    expect(hover({ batchSize: 333, samples: counted(1_000) })).toContain(
      'The last batch is partial: 1 sample.',
    );
    expect(hover({ batchSize: 2_000, samples: counted(1_000) })).toContain(
      'fewer samples than the batch holds',
    );
  });

  it('leaves a dropped last batch out of an epoch', () => {
    const text = hover({ batchSize: 96, dropsLast: true, samples: counted(1_000), epochs: 2 });
    expect(text).toContain('**10 iterations** (updates) per epoch.');
    expect(text).toContain('The incomplete last batch is dropped: 40 samples per epoch.');
    expect(text).toContain('2 epochs are 20 updates in total.');
    expect(hover({ batchSize: 333, dropsLast: true, samples: counted(1_000) })).toContain(
      'dropped: 1 sample per epoch.',
    );
    expect(hover({ batchSize: 2_000, dropsLast: true, samples: counted(1_000) })).toContain(
      'partial batches are dropped',
    );
  });

  it('counts accumulated batches as one', () => {
    const text = hover({ batchSize: 25, accumulation: 4, samples: counted(1_000) });
    expect(text).toContain('the effective batch size is 100');
    expect(text).toContain('**10 iterations**');
  });

  it('says what it does not know', () => {
    const text = hover({});
    expect(text).toContain('Batchwise');
    expect(text).toContain('Iterations per epoch');
    expect(text).toContain('not known until');
    expect(hover({ batchSize: null })).toContain('Batchwise');
  });

  it('tells what was measured, with engine and device, and the standing', () => {
    expect(hover({ batchSize: 32, samples: counted(1_437), result: measuredResult }))
      .toMatchInlineSnapshot(`
        "**Batchwise**: batch size 32
        1,437 training samples at 32 are **45 iterations** (updates) per epoch. The last batch is partial: 29 samples. 5 epochs are 225 updates in total.
        Measured with TensorFlow.js (WASM) on Some CPU: 3.2 ms per iteration; 144 ms per epoch; memory 81.8 MB of 4 GB; 1.9 s to loss 0.30. Recommended: **256**, 2.4× faster to loss 0.30.
        Smaller: more updates, noisier gradients, less memory, an idling device. Larger: fewer and steadier updates, better use of the device, more memory."
      `);
    expect(hover({ batchSize: 256, result: measuredResult })).toContain(
      'This is the **recommended** size.',
    );
    expect(hover({ batchSize: 48, result: measuredResult })).toContain('but not at this size');
    expect(hover({ batchSize: 1024, result: measuredResult })).toContain('**out of memory**');
  });

  it('names a kind of model with its rule of thumb in one paragraph', () => {
    const model = { type: 'cnn', evidence: '`Conv2D` (line 7)' } as const;
    const { here } = explainBatchSize({ ...facts, model, samples: counted(1_000) }, language);
    expect(here).toHaveLength(3);
    expect(here[2]).toMatch(/^A convolutional model: `Conv2D` \(line 7\)\. Rule of thumb, not a/);
  });

  it('compares with a size that was stopped on the way by how far it had come', () => {
    const result = stoppedResult();
    expect(hover({ batchSize: 32, result })).toContain(
      'Recommended: **256**, 3.8× faster to loss 0.92.',
    );
    const [first] = suggestions(result, { batchSize: 32, learningRate: 0.0028 }, language);
    expect(first?.title).toContain('(measured: 3.8× faster to loss 0.92; memory');
    expect(hover({ batchSize: 48, result })).toContain('Recommended: **256**.');
  });

  it('calls an estimate one, wherever it stands', () => {
    const { recommendation } = measuredResult;
    if (!recommendation) throw new Error('nothing is recommended');
    const result = { ...measuredResult, recommendation: { ...recommendation, isEstimate: true } };
    for (const batchSize of [32, 256]) {
      const text = hover({ batchSize, result });
      expect(text).toContain('Estimated from speed alone: **256**.');
      expect(text).not.toMatch(/recommended/i);
    }
    const [first] = suggestions(result, { batchSize: 32, learningRate: 0.0028 }, language);
    expect(first?.title).toBe(
      'Use batch size 256 (estimated from its speed with TensorFlow.js (WASM))',
    );
    const rate = spoken(explain('learningRate', 0.1, { ...facts, result }, language));
    expect(rate).not.toContain('Measured with');
  });

  it('shows a device name as text, whatever it holds', () => {
    const device = '[x](command:evil) *GPU*';
    const result = { ...measuredResult, backend: { ...measuredResult.backend, device } };
    expect(hover({ batchSize: 32, result })).not.toContain('](command:');
  });
});

describe('the hover on epochs', () => {
  it('tells the total of updates and the time', () => {
    const text = spoken(
      explainEpochs(
        { ...facts, batchSize: 32, epochs: 10, samples: counted(1_437), result: measuredResult },
        language,
      ),
    );
    expect(text).toMatchInlineSnapshot(`
      "**Batchwise**: 10 epochs
      1,437 training samples at 32 are **45 iterations** (updates) per epoch. The last batch is partial: 29 samples. 10 epochs are 450 updates in total.
      Measured with TensorFlow.js (WASM): 144 ms per epoch, 1.4 s of training in total.
      An epoch is every sample once. More epochs learn more but risk overfitting; too few underfit. Batch size and epochs together set the number of updates."
    `);
    expect(explainEpochs({ ...facts, epochs: 1 }, language).here[0]).toBe('**Batchwise**: 1 epoch');
  });
});

describe('code actions', () => {
  it('carry the numbers in their titles', () => {
    expect(suggestions(measuredResult, { batchSize: 32, learningRate: 0.001 }, language)).toEqual([
      {
        title: 'Use batch size 256 (measured: 2.4× faster to loss 0.30; memory 310 MB of 4 GB)',
        batchSize: 256,
        learningRate: null,
        accumulation: 1,
      },
      {
        title:
          'Use batch size 256 (measured: 2.4× faster to loss 0.30; memory 310 MB of 4 GB) and set the learning rate to 0.0028',
        batchSize: 256,
        learningRate: 0.0028,
        accumulation: 1,
      },
    ]);
  });

  it('offer nothing when the recommendation stands already', () => {
    expect(suggestions(measuredResult, { batchSize: 256, learningRate: 0.0028 }, language)).toEqual(
      [],
    );
    expect(
      suggestions(
        { ...measuredResult, recommendation: null },
        { batchSize: 32, learningRate: null },
        language,
      ),
    ).toEqual([]);
  });

  it('claim no speed-up over a size that was not measured', () => {
    const [first] = suggestions(measuredResult, { batchSize: 48, learningRate: 0.0028 }, language);
    expect(first?.title).toBe(
      'Use batch size 256 (measured: 800 ms to loss 0.30; memory 310 MB of 4 GB)',
    );
  });

  it('write the microbatch into source, and the whole update into a config', () => {
    const { recommendation } = measuredResult;
    if (!recommendation) throw new Error('nothing is recommended');
    const result = {
      ...measuredResult,
      recommendation: { ...recommendation, gradientAccumulation: 4 },
    };
    const offer = (
      place: 'config' | 'source',
      batchSize: number,
      accumulation = 1,
      counts: BatchCount | null = null,
    ) => {
      const current = { place, batchSize, accumulation, counts, learningRate: 0.0028 };
      return suggestions(result, current, language)[0];
    };
    expect(offer('source', 32)).toMatchObject({ batchSize: 64, accumulation: 4 });
    expect(offer('source', 64)).toMatchObject({ batchSize: 64, accumulation: 4 });
    expect(offer('source', 64, 4)).toBeUndefined();
    expect(offer('config', 32)).toMatchObject({ batchSize: 256, accumulation: 4 });
    expect(offer('source', 64, 4, 'global')).toMatchObject({ batchSize: 256, accumulation: 4 });
    expect(offer('source', 256, 4, 'global')).toBeUndefined();
  });

  it('offer no number of samples for a size that counts something else', () => {
    for (const counts of ['tokens', 'completions'] as const) {
      const current = { batchSize: 4096, learningRate: 0.0028, counts };
      expect(suggestions(measuredResult, current, language)).toEqual([]);
    }
  });

  it('speak of throughput when that was the goal', () => {
    const [first] = suggestions(
      { ...measuredResult, objective: 'throughput' },
      { batchSize: 32, learningRate: 0.0028 },
      language,
    );
    expect(first?.title).toContain('3× the throughput');
  });
});
