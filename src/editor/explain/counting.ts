import {
  possibleUpdate,
  samplesPerUpdate,
  writtenParts,
  type BatchCount,
  type Batching,
  type UpdateSizes,
} from '../../core/batches/updates';
import { formatCount, formatNumberShort } from '../../core/text/format';
import type { Language } from '../language';

/** How the framework behind a batch size counts, as far as the source says. */
export interface CountingFacts {
  /** The framework, as `Library` names it. */
  readonly framework?: string;
  /** The name that the batch size stands under. */
  readonly sizeName?: string | null;
  /** Updates after which training ends. */
  readonly steps?: number | null;
  /** The size of a whole update and of a microbatch, where both are written. */
  readonly global?: number | null;
  readonly microbatch?: number | null;
  /** Whether nothing says how many batches are accumulated: both sizes and the devices do. */
  readonly derivesAccumulation?: boolean;
  /** A size that the framework is asked to choose, as it is written. */
  readonly automatic?: string | null;
  /** Whether training makes no passes over a fixed data set. */
  readonly draws?: boolean;
  /** Whether the call says itself how many updates an epoch has. */
  readonly setsSteps?: boolean;
  /** Whether an update is made of several batches, and it is not known of how many. */
  readonly accumulates?: boolean;
  /** Whether the program multiplies its learning rate by the size of an update. */
  readonly scalesRate?: boolean;
  /** Whether the program makes a number of updates, and knows no epochs. */
  readonly countsUpdates?: boolean;
  /** Whether the call trains several models, one after the other. */
  readonly searches?: boolean;
  /** Whether a program that is not seen here makes updates of the batches. */
  readonly readElsewhere?: boolean;
}

type Counted = Batching & CountingFacts;

/** What a batch size counts, in the framework's words, and what an update is made of. */
export function countingSentences(facts: Counted, language: Language): string[] {
  return [
    ...unitSentences(facts, language),
    ...updateSentences(facts, language),
    ...relationSentences(facts, language),
    ...automaticSentences(facts, language),
    ...endSentences(facts, language),
    ...programSentences(facts, language),
  ];
}

function unitSentences(
  { counts = null, framework, sizeName, generations }: Counted,
  { t, tag }: Language,
): string[] {
  switch (counts) {
    case 'perDevice':
      return [
        framework === 'transformers' && sizeName === 'per_device_train_batch_size'
          ? t('`per_device_train_batch_size` is the batch of each device.')
          : framework === 'lightning'
            ? t('Lightning makes a `DataLoader` for each device, so this is the batch of each.')
            : t('This is the batch of each device.'),
      ];
    case 'microbatch':
      return [t('This is a microbatch: what each device takes in one forward pass.')];
    case 'global':
      return [
        sizeName === 'train_batch_size'
          ? t(
              'DeepSpeed: `train_batch_size` = `train_micro_batch_size_per_gpu` × `gradient_accumulation_steps` × devices, all the samples of one update.',
            )
          : t('This is the whole update: the samples of all devices and accumulated batches.'),
      ];
    case 'completions':
      // https://github.com/huggingface/trl/pull/2776
      return [
        framework === 'transformers' && generations != null
          ? t(
              'From TRL 0.15 on, completions are counted here, not prompts: the model generates {count} for each prompt.',
              { count: formatCount(generations, tag) },
            )
          : generations == null
            ? t('This counts completions that the model generates, not prompts.')
            : t(
                'Completions are counted here, not prompts: the model generates {count} for each prompt.',
                { count: formatCount(generations, tag) },
              ),
      ];
    case 'tokens':
      return [
        t(
          'This counts the tokens, frames or seconds of a batch: how many samples they are depends on the length of the samples.',
        ),
      ];
    case null:
      return [];
  }
}

export const ofEachDevice: readonly (BatchCount | null | undefined)[] = [
  'perDevice',
  'microbatch',
  'completions',
];

/** One update in samples, multiplied by what is known. */
function updateSentences(facts: Counted, { t, tag }: Language): string[] {
  const { batchSize, counts, accumulation, devices = null, packs = false } = facts;
  // Rounds of generation are shared out over the devices.
  if (facts.draws && counts === 'completions') return [];
  if (facts.accumulates)
    return [t('Each update is made of several such batches; how many is not known here.')];
  const total = samplesPerUpdate(facts);
  const values = {
    batch: formatCount(batchSize, tag),
    accumulation: formatCount(accumulation, tag),
    devices: formatCount(devices ?? 1, tag),
    size: total === null ? '' : formatCount(total, tag),
  };
  if (packs)
    return [
      t(
        'Short samples are packed into longer ones, so the number of samples in a batch is not known.',
      ),
    ];
  if (total === null) return [];
  // Then the size of an update is written.
  if (counts === 'microbatch' && updateSizes(facts)) return [];
  if (counts === 'global')
    return accumulation > 1
      ? [t('{accumulation} accumulated batches are part of it, and not multiplied again.', values)]
      : [];
  if (devices !== null && devices > 1)
    return accumulation > 1
      ? [
          t(
            'One update: {batch} × {accumulation} accumulated batches × {devices} devices = {size}.',
            values,
          ),
        ]
      : [
          facts.readElsewhere
            ? t(
                'Without accumulated batches, one update is {batch} × {devices} devices = {size}.',
                values,
              )
            : t('One update: {batch} × {devices} devices = {size}.', values),
        ];
  const known = devices === 1 || !ofEachDevice.includes(counts);
  if (!known)
    return accumulation > 1
      ? [
          t(
            'One update: {batch} × {accumulation} accumulated batches = {size} on one device, times the number of data-parallel devices where there are more.',
            values,
          ),
        ]
      : [
          facts.readElsewhere
            ? t(
                'Without accumulated batches, one update is {batch} on one device, times the number of data-parallel devices where there are more.',
                values,
              )
            : t(
                'One update: {batch} on one device, times the number of data-parallel devices where there are more.',
                values,
              ),
        ];
  return accumulation > 1
    ? [
        t(
          'Gradients of {accumulation} batches are summed before each update: the effective batch size is {size}.',
          values,
        ),
      ]
    : [];
}

/** The sizes of an update and of its microbatch, where both are written. */
export function updateSizes({
  global = null,
  microbatch = null,
  accumulation,
  derivesAccumulation = false,
  devices = null,
}: Omit<Counted, 'batchSize'>): UpdateSizes | null {
  if (global === null || microbatch === null) return null;
  return {
    global,
    microbatch,
    accumulation: derivesAccumulation ? null : accumulation,
    devices,
  };
}

/** What a global size and a microbatch beside it say about the devices. */
function relationSentences(facts: Counted, { t, tag }: Language): string[] {
  const { global = null, automatic = null, accumulation } = facts;
  if (global === null) return [];
  const count = (value: number): string => formatCount(value, tag);
  const sizes = updateSizes(facts);
  if (!sizes) {
    const values = { global: count(global), accumulation: count(accumulation) };
    return automatic === 'auto'
      ? [t('`auto` makes the microbatch {global} / ({accumulation} × devices) samples.', values)]
      : [];
  }
  const { factors, size, isWhole } = writtenParts(sizes);
  const product = factors.map(count).join(' × ');
  const values = { global: count(global), product, size: count(size) };
  if (possibleUpdate(sizes) !== global)
    return [
      isWhole
        ? t('**Contradiction**: {product} = {size}, not {global}.', values)
        : t('**Contradiction**: {global} is no multiple of {product}.', values),
    ];
  if (isWhole || size === global) return [t('{global} = {product}.', values)];
  const rest = { ...values, rest: count(global / size) };
  if (sizes.accumulation === null)
    return [
      sizes.devices === null
        ? t(
            '{global} = {product} × {rest}: accumulated batches × data-parallel devices = {rest}.',
            rest,
          )
        : t('{global} = {product} × {rest}: gradients of {rest} batches are accumulated.', rest),
    ];
  return [t('{global} = {product} × {rest}, so it is for {rest} devices.', rest)];
}

/** What a framework does that is asked to choose the size. */
export function automaticSentences(facts: CountingFacts, { t, tag }: Language): string[] {
  const { automatic = null, framework, global = null } = facts;
  if (automatic === null) return [];
  if (automatic === 'auto_find_batch_size')
    return [t('`auto_find_batch_size` halves the size until it fits into memory.')];
  if (framework === 'ultralytics') {
    const share = Number(automatic);
    // https://docs.ultralytics.com/modes/train/: -1 aims at 60% of the memory.
    const percent = share > 0 && share < 1 ? share : 0.6;
    return [
      t('Ultralytics chooses the size that takes about {percent}% of the GPU memory.', {
        percent: formatNumberShort(percent * 100, tag),
      }),
    ];
  }
  if (framework === 'sklearn')
    return [t('`auto` is the smaller of 200 and the number of samples.')];
  return automatic === 'auto' && global === null
    ? [t('`auto` leaves the size to the trainer that reads this file.')]
    : [];
}

/** What the program around a batch size does with it. */
function programSentences(facts: Counted, { t }: Language): string[] {
  const { draws, setsSteps, countsUpdates, scalesRate, searches } = facts;
  return [
    ...(draws
      ? [t('Training makes no passes over a fixed data set here, so no epochs are counted.')]
      : countsUpdates
        ? [t('Training goes on for a number of updates here, so no epochs are counted.')]
        : setsSteps
          ? [t('The number of iterations per epoch is set here.')]
          : []),
    ...(searches ? [t('Several models are tried: what follows is of the training of one.')] : []),
    ...(scalesRate
      ? [t('The learning rate is multiplied by the batch size: a new size changes it, too.')]
      : []),
  ];
}

/** Whether no number of samples says how many updates an epoch has. */
export function hasOtherEpochs(facts: CountingFacts): boolean {
  const { draws, setsSteps, countsUpdates, accumulates } = facts;
  return [draws, setsSteps, countsUpdates, accumulates].some((other) => other === true);
}

function endSentences({ steps = null }: Counted, { t, tag }: Language): string[] {
  return steps === null
    ? []
    : [
        t('Training ends after {steps} updates, whatever the number of epochs.', {
          steps: formatCount(steps, tag),
        }),
      ];
}
