import { withPosition } from '../config/parseConfig';
import { readForTerminal } from './scriptConfig';
import { parseDuration } from '../config/units';
import { iterationsPerEpoch, lastBatchSize, totalIterations } from '../core/batches/arithmetic';
import { optimizerMemory } from '../core/model/memoryEstimate';
import { formatBytes, formatCount } from '../core/text/format';
import { batchSizeLadder } from '../core/batches/ladder';
import type { MessageId } from '../core/text/messages';
import { describe, type Problem } from '../core/text/problem';
import type { Prepared } from '../protocol/trainer';
import { failureCause } from '../tuner/sweep';
import { LoadedTrainer } from '../tuner/process/loadedTrainer';
import type { AnyConfig } from '../config/schema';
import { explainReading } from './explainReading';
import { exitCode, type ExitCode } from './exitCode';
import type { Language } from './language';
import { inLanguage } from './progressDisplay';
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
  args: readonly string[],
  language: Language,
  signal: AbortSignal,
): Promise<ExitCode> {
  const read = await readForTerminal(file, args);
  const complain = (problem: Problem) => {
    process.stderr.write(`${describe(problem, language.translate)}\n`);
  };
  if (!read.ok) {
    read.problems.forEach(complain);
    return exitCode.usage;
  }
  const { config, root } = read;
  const trainer = new LoadedTrainer({
    config,
    configFile: read.file,
    root,
    backend: config.backend,
    seed: config.training.seed,
    trainer: { nodePath: process.execPath },
    // A module that never returns must not keep the terminal longer than a sweep would take.
    loadTimeoutMs: () => 1000 * (parseDuration(config.tuning.budget) ?? 120),
  });
  const stop = () => void trainer.stop();
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    const loaded = await trainer.load();
    signal.throwIfAborted();
    if (!loaded.ok) {
      complain(withPosition(loaded.problem, read.text, read.file));
      return failureCause(loaded.problem) === 'input' ? exitCode.usage : exitCode.failed;
    }
    const { samples } = loaded.value.dataset;
    const ladder = batchSizeLadder(config.tuning.batchSizes, samples);
    if (!ladder.ok) {
      const place = { file: read.file, pointer: ['tuning', 'batchSizes'] };
      complain(withPosition({ ...ladder.problem, place }, read.text, read.file));
      return exitCode.usage;
    }
    process.stdout.write(explanation(config, loaded.value, ladder.value, language));
    return exitCode.done;
  } catch (error) {
    if (signal.aborted) return exitCode.cancelled;
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await trainer.stop();
  }
}

function explanation(
  config: AnyConfig,
  prepared: Prepared,
  ladder: readonly number[],
  language: Language,
): string {
  const { say, tag } = language;
  const { dataset, parameterCount, dataBytes, optimizer } = prepared;
  const { trainedCount = parameterCount, modelNotes = [] } = prepared;
  const { samples } = dataset;
  const { batchSize } = prepared.found ?? config.training;
  const epochs = prepared.found?.epochs ?? config.training.epochs;
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
    ...modelNotes.map((note) => inLanguage(note, language)),
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
  const head = [
    say('columnBatchSize'),
    say('columnIterations'),
    say('columnLastBatch'),
    say('columnUpdates', { epochs: count(epochs) }),
  ];
  const sizes = [...new Set([...ladder, batchSize])].sort((a, b) => a - b);
  const rows = sizes.map((size) => [
    count(size),
    count(iterationsPerEpoch(samples, size)),
    count(lastBatchSize(samples, size) ?? size),
    count(totalIterations(samples, size, epochs)),
  ]);
  return `${lines.join('\n')}\n\n${plainTable(head, rows, [])}\n`;
}
