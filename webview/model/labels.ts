import * as l10n from '@vscode/l10n';
import type { BackendInfo, DatasetInfo, ModelType, Objective } from '../../src/core/sweep/result';
import { stopReasonText } from '../../src/core/sweep/trialTexts';
import type { Format } from '../format';
import { sentence } from '../text';
import type { LossAxis, MemoryPart } from '../store';
import type { Outcome } from './trials';

/** Names of things, in the person's language. Functions, since the language is known late. */
export const outcomeLabel = (outcome: Outcome): string =>
  ({
    running: l10n.t('Running'),
    paused: l10n.t('Paused'),
    reached: l10n.t('Reached target'),
    measured: l10n.t('Probed only'),
    stoppedEarly: l10n.t('Stopped early'),
    'out-of-memory': l10n.t('Out of memory'),
    diverged: l10n.t('Diverged'),
    failed: l10n.t('Failed'),
    skipped: l10n.t('Skipped'),
  })[outcome];

/** Why a trial was stopped; empty for a reason that this version does not know. */
export function stopReasonLabel(reason: string | null, format: Format): string {
  const text = reason === null ? null : stopReasonText(reason);
  return text ? sentence(text, format) : '';
}

export const axisLabel = (axis: LossAxis): string =>
  ({
    samples: l10n.t('Samples'),
    iterations: l10n.t('Iterations'),
    seconds: l10n.t('Seconds'),
  })[axis];

export const partLabel = (part: MemoryPart): string =>
  ({
    data: l10n.t('Data set'),
    parameters: l10n.t('Parameters'),
    optimizer: l10n.t('Optimizer'),
    gradients: l10n.t('Gradients'),
    activations: l10n.t('Activations'),
  })[part];

/** Which size wins by an objective; without a target, times cannot be compared. */
export const objectiveLabel = (objective: Objective, reached: boolean): string =>
  ({
    time: reached ? l10n.t('Fastest to target') : l10n.t('Furthest in the same time'),
    throughput: l10n.t('Most samples per second'),
    quality: l10n.t('Best after equal epochs'),
    memory: reached ? l10n.t('Nearly as fast, least memory') : l10n.t('Least memory'),
  })[objective];

/** The rule behind it, as src/planner/advice/choice.ts has it. */
export const objectiveHint = (objective: Objective, reached: boolean): string =>
  ({
    time: reached
      ? l10n.t('The batch size that reached the target in the least training time.')
      : l10n.t(
          'No batch size reached the target: the one with the best validation result after equal training time.',
        ),
    throughput: l10n.t(
      'The smallest batch size among those that train the most samples per second, regardless of how well they learn.',
    ),
    quality: l10n.t(
      'The batch size with the best validation result after the same number of epochs, however long they take.',
    ),
    memory: reached
      ? l10n.t(
          'The smallest batch size whose time to the target is within 10% of the best. Smaller batches need less memory.',
        )
      : l10n.t('The smallest batch size that trained. Smaller batches need less memory.'),
  })[objective];

export const modelTypeLabel = (type: ModelType): string =>
  ({
    cnn: l10n.t('Convolutional model'),
    rnn: l10n.t('Recurrent model'),
    attention: l10n.t('Attention model'),
    dense: l10n.t('Dense model'),
    mixed: l10n.t('Mixed model'),
  })[type];

export function backendLabel({ name, framework }: BackendInfo): string {
  if (name === 'python') return framework ?? 'Python';
  return { webgpu: 'WebGPU', tensorflow: 'TensorFlow', wasm: 'WebAssembly', cpu: 'JavaScript' }[
    name
  ];
}

export function datasetLabel(dataset: DatasetInfo, format: Format): string {
  return l10n.t('{samples} samples, {validation} for validation', {
    samples: format.count(dataset.samples),
    validation: format.count(dataset.validationSamples),
  });
}
