import { usableConfig } from './scriptConfig';
import { tell, shownWhile } from './stderr';
import { iterationsPerEpoch, lastBatchSize, totalIterations } from '../core/batches/arithmetic';
import { optimizerMemory } from '../core/model/memoryEstimate';
import { formatBytes, formatCount } from '../core/text/format';
import type { MessageId } from '../core/text/messages';
import { describe, type Language } from '../core/text/problem';
import type { Prepared } from '../protocol/trainer';
import { failureCause } from '../tuner/process/loadedTrainer';
import { explain, explanationDocument } from '../tuner/explain';
import type { AnyConfig } from '../config/schema';
import { explainReading } from './explainReading';
import { exitCode, type ExitCode } from './exitCode';
import { inLanguage } from '../core/sweep/renderedText';
import { plainTable } from './trialTable';

const modelTypes: Readonly<Record<Prepared['modelType'], MessageId>> = {
  cnn: 'modelTypeCnn',
  rnn: 'modelTypeRnn',
  attention: 'modelTypeAttention',
  dense: 'modelTypeDense',
  mixed: 'modelTypeMixed',
};

const bytesPerValue = 4;

/** `batchwise explain FILE`: reads model and data to count them; nothing is trained. */
export async function explainCommand(
  file: string,
  { args, json }: { readonly args: readonly string[]; readonly json: boolean },
  language: Language,
  signal: AbortSignal,
): Promise<ExitCode> {
  const read = await usableConfig(file, args, language);
  if (!read) return exitCode.usage;
  const explained = await shownWhile(language.say('progressPreparing'), () =>
    explain(read, { nodePath: process.execPath }, signal),
  );
  if (signal.aborted) return exitCode.cancelled;
  if (!explained.ok) {
    tell(describe(explained.problem, language.translate));
    return failureCause(explained.problem) === 'input' ? exitCode.usage : exitCode.failed;
  }
  const { prepared, ladder } = explained.value;
  process.stdout.write(
    json
      ? `${JSON.stringify(explanationDocument(read.config, explained.value), null, 2)}\n`
      : explanation(read.config, prepared, ladder, language),
  );
  return exitCode.done;
}

function explanation(
  config: AnyConfig,
  prepared: Prepared,
  ladder: readonly number[],
  language: Language,
): string {
  const { say, tag } = language;
  const { dataset, parameterCount, dataBytes, optimizer } = prepared;
  const { trainedCount = parameterCount, notes = [] } = prepared;
  const { samples } = dataset;
  const { batchSize } = prepared.found ?? config.training;
  const epochs = Math.ceil(prepared.found?.epochs ?? config.training.epochs);
  const count = (value: number) => formatCount(value, tag);
  const last = lastBatchSize(samples, batchSize);
  const weightBytes = bytesPerValue * parameterCount;
  const gradientBytes = bytesPerValue * trainedCount;
  const lines = [
    say('explainData', {
      samples: count(samples),
      validation: count(dataset.validationSamples),
      features: `[${dataset.features.join(', ')}]`,
    }),
    ...explainReading(prepared, language),
    say('explainModel', {
      modelType: say(modelTypes[prepared.modelType]),
      parameters: count(parameterCount),
      backend: `${prepared.backend.name} (${prepared.backend.device})`,
    }),
    ...(trainedCount < parameterCount
      ? [say('explainFrozen', { trained: count(trainedCount) })]
      : []),
    ...notes.map((note) => inLanguage(note, language)),
    say('explainBatch', {
      batchSize: count(batchSize),
      iterations: count(iterationsPerEpoch(samples, batchSize)),
      samples: count(samples),
    }),
    last === null ? say('explainEven') : say('explainLast', { last: count(last) }),
    say('explainTotal', {
      epochs: count(epochs),
      updates: count(totalIterations(samples, batchSize, epochs)),
    }),
    say('explainMemory', {
      weights: formatBytes(weightBytes, tag),
      gradients: formatBytes(gradientBytes, tag),
      optimizer,
      state: formatBytes(optimizerMemory(optimizer).slots * gradientBytes, tag),
      data: formatBytes(dataBytes, tag),
    }),
    ...(dataset.streamedBytes === undefined
      ? []
      : [say('explainStreamed', { data: formatBytes(dataset.streamedBytes, tag) })]),
  ];
  const sizes = [...new Set([...ladder, batchSize])].sort((a, b) => a - b);
  return `${lines.join('\n')}\n\n${sizeTable(sizes, samples, epochs, language)}\n`;
}

/** The arithmetic of each size in a row. */
function sizeTable(
  sizes: readonly number[],
  samples: number,
  epochs: number,
  { say, tag }: Language,
): string {
  const count = (value: number) => formatCount(value, tag);
  const head = [
    say('columnBatchSize'),
    say('columnIterations'),
    say('columnLastBatch'),
    say('columnUpdates', { epochs: count(epochs) }),
  ];
  const rows = sizes.map((size) => [
    count(size),
    count(iterationsPerEpoch(samples, size)),
    count(lastBatchSize(samples, size) ?? size),
    count(totalIterations(samples, size, epochs)),
  ]);
  return plainTable(head, rows, []);
}
