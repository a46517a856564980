import { formatCount, formatNumberShort } from '../../core/text/format';
import {
  arithmetic,
  explainBatchSize,
  explainEpochs,
  title,
  type Explanation,
  type Facts,
} from './explanation';
import type { Language } from '../language';
import { engineMarkdown } from './measurement';

/** The kinds of numbers that hovers explain. */
type ExplainedKind = 'batchSize' | 'epochs' | 'datasetSize' | 'accumulation' | 'learningRate';

/** The hover on a number of a kind. */
export function explain(
  kind: ExplainedKind,
  value: number | null,
  facts: Facts,
  language: Language,
): Explanation {
  switch (kind) {
    case 'batchSize':
      return explainBatchSize(facts, language);
    case 'epochs':
      return explainEpochs(facts, language);
    case 'datasetSize':
      return explainDatasetSize(value, facts, language);
    case 'accumulation':
      return explainAccumulation(value, facts, language);
    case 'learningRate':
      return explainLearningRate(value, facts, language);
  }
}

/** The hover on a batch size that no update is made of. */
export function explainInference(value: number | null, language: Language): Explanation {
  const { t, tag } = language;
  return {
    here: [
      title(
        value === null
          ? t('inference batch')
          : t('inference batch of {size}', { size: formatCount(value, tag) }),
        language,
      ),
      t(
        'The model is only evaluated or run with this batch. No update is made of it, so it changes how fast results come and how much memory they need, not what the model learns. There is nothing to tune.',
      ),
    ],
    background: t(
      'A larger inference batch is usually faster, until the device is busy all the time or its memory is full.',
    ),
  };
}

function known(facts: Facts, language: Language): string[] {
  return facts.batchSize === null ? [] : [arithmetic(facts.batchSize, facts, language)];
}

function explainDatasetSize(value: number | null, facts: Facts, language: Language): Explanation {
  const { t, tag } = language;
  return {
    here: [
      title(
        value === null
          ? t('number of samples')
          : t('{samples} samples', { samples: formatCount(value, tag) }),
        language,
      ),
      ...known(facts, language),
    ],
    background: t(
      'Iterations per epoch = samples / batch size, rounded up: an epoch is every sample once.',
    ),
  };
}

function explainAccumulation(value: number | null, facts: Facts, language: Language): Explanation {
  const { t, tag } = language;
  return {
    here: [
      title(
        value === null
          ? t('gradient accumulation')
          : t('gradients of {count} batches per update', { count: formatCount(value, tag) }),
        language,
      ),
      ...known(facts, language),
    ],
    background: t(
      'Accumulation makes one update (iteration) of several batches: the effect of a larger batch size with the memory of a small one, at no gain in speed.',
    ),
  };
}

function explainLearningRate(value: number | null, facts: Facts, language: Language): Explanation {
  const { t, tag } = language;
  const { result } = facts;
  const recommended = result?.recommendation ?? null;
  return {
    here: [
      title(
        value === null
          ? t('learning rate')
          : t('learning rate {rate}', { rate: formatNumberShort(value, tag, 3) }),
        language,
      ),
      ...known(facts, language),
      ...(result && recommended && !recommended.isEstimate
        ? [
            t('Measured with {engine}: {rate} goes with the recommended batch size {size}.', {
              engine: engineMarkdown(result),
              rate: formatNumberShort(recommended.learningRate, tag, 3),
              size: formatCount(recommended.batchSize, tag),
            }),
          ]
        : []),
    ],
    background: t(
      'The learning rate is how far one update (iteration) moves the weights. It belongs to the batch size: a larger batch has a steadier gradient and stands a larger rate, by the square root of the ratio for Adam and its kin.',
    ),
  };
}
