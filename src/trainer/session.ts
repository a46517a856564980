import { hasModel } from '../config/schema';
import { fail, ok, problem, type Problem, type Result } from '../core/text/problem';
import { withEnglish } from '../core/sweep/renderedText';
import type { Handlers } from '../protocol/channel';
import { sentProblem } from '../protocol/problemSchema';
import {
  everyCapability,
  type Advanced,
  type BegunOptions,
  type LoadOptions,
  type TrainerContract,
} from '../protocol/trainer';
import type { Backend } from './backends/backend';
import { selectBackend, type Selected } from './backends/select';
import type { Loaded, LoadInput, LoadOutput } from './loaded';
import { resetProcessPeak } from './memory/processMemory';
import { dataRoom } from './dataRoom';
import type { DataReading } from './data/dataset';
import { guessingOf } from './data/guessing';
import type { OnReading } from './data/readingProgress';
import type { LoadingContext } from './loadConfig';
import { isStreamed, tensorBytes } from './data/records/streamedDataset';
import { streamOnDevice } from './streaming/streamOnDevice';
import { removeIfOrphaned, temporaryDataFolder } from './endOfProcess';
import { putOnDevice, type DeviceData } from './training/deviceData';
import { outOfMemoryOf } from './training/outOfMemory';
import { blockClock, type BlockClock } from './training/processorClock';
import { Trial, type Starts } from './training/trial';
import { TrialMemory } from './training/trialMemory';
import { Turns } from './turns';

type Loader = (input: LoadInput, context: LoadingContext) => Promise<Result<Loaded>>;

/** What a session needs of the process around it. */
export interface Surroundings {
  /** The folder of this bundle and those beside it. */
  readonly bundles: string;
  /** The folder for data that has to be unpacked, where the caller names none. */
  readonly ownDataFolder: () => string;
  readonly onReading: OnReading;
}

interface Ready extends Selected {
  readonly build: Loaded['build'];
  readonly data: DeviceData;
  readonly dataBytes: number;
  readonly clock: BlockClock;
  readonly starts: Starts;
}

function success<T>(value: T) {
  return { ok: true as const, value };
}

function failure(found: Problem) {
  return { ok: false as const, problem: sentProblem(found) };
}

const quietly: Surroundings = {
  bundles: __dirname,
  ownDataFolder: temporaryDataFolder,
  onReading: () => undefined,
};

/** Most columns and classes that are sent: nobody reads more. */
const mostTold = 200;

function shortened({ notes, columns, classes }: DataReading) {
  const unique = [...new Map(notes.map((note) => [JSON.stringify(note), note])).values()];
  return {
    notes: unique.map(({ id, values }) => withEnglish({ id, values })),
    columns: columns.slice(0, mostTold).map((column) => ({ ...column })),
    classes: classes.slice(0, mostTold).map((each) => ({ ...each })),
  };
}

/** What a training process holds: one config on one backend, and the trials begun on it. */
export class Session {
  readonly #backends: readonly Backend[];
  readonly #loadConfig: Loader;
  readonly #surroundings: Surroundings;
  readonly #turns = new Turns();
  readonly #trials = new Map<string, Trial>();
  #ready: Ready | null = null;

  constructor(
    backends: readonly Backend[],
    loadConfig: Loader,
    surroundings: Surroundings = quietly,
  ) {
    this.#backends = backends;
    this.#loadConfig = loadConfig;
    this.#surroundings = surroundings;
  }

  readonly handlers: Handlers<TrainerContract> = {
    load: (input) => this.#turns.take(() => this.#load(input)),
    begin: (input) => this.#turns.take(() => this.#begin(input)),
    advance: ({ trial, iterations, maxSeconds }) =>
      this.#turns.take((turn): Promise<Advanced> =>
        this.#trial(trial).advance(iterations, maxSeconds, turn),
      ),
    evaluate: ({ trial }) => this.#turns.take((turn) => this.#trial(trial).evaluate(turn)),
    measureNoise: ({ trial, ...request }) =>
      this.#turns.take(async (turn) => ({
        steps: await this.#trial(trial).measureNoise(request, turn),
      })),
    end: ({ trial }) =>
      this.#turns.take(() => {
        this.#trial(trial).dispose();
        this.#trials.delete(trial);
        return Promise.resolve({});
      }),
    interrupt: () => {
      this.#turns.interrupt();
      return {};
    },
  };

  async #load({ config, ...rest }: LoadOptions): Promise<LoadOutput> {
    if (!hasModel(config)) throw new Error('This trainer needs a model and data.');
    const input: LoadInput = { ...rest, config };
    if (this.#ready) throw new Error('This trainer has loaded a config already.');
    const selected = await selectBackend(input.backend, this.#backends, input.workspace ?? input);
    if (!selected.ok) return failure(selected.problem);
    const { device, info } = selected.value;
    const room = dataRoom(device, input);
    const { bundles, ownDataFolder, onReading } = this.#surroundings;
    const { dataFolder = null } = input;
    if (dataFolder !== null) removeIfOrphaned(dataFolder);
    const folder = () => dataFolder ?? ownDataFolder();
    const loaded = await this.#loadConfig(input, { room, folder, onReading });
    if (!loaded.ok) return failure(loaded.problem);
    const before = device.meter.liveBytes();
    const facts = loaded.value;
    const { dataset } = facts;
    const streamed = isStreamed(dataset);
    const data = this.#guarded(device, () =>
      streamed ? streamOnDevice(dataset, room.limitBytes, bundles) : putOnDevice(dataset),
    );
    if (!data.ok) return failure(data.problem);
    const dataBytes = device.meter.liveBytes() - before;
    const { validation, labelShape, classes, parts } = dataset;
    // Of a sum of losses nobody knows it.
    const isSum = parts !== undefined && (parts.outputs.length > 1 || parts.weights !== null);
    const guess = isSum ? null : guessingOf(validation, labelShape, classes !== null, facts.loss);
    // The samples themselves are not kept: a backend that copies has its own.
    // Waiting for the disk is part of a step, though no processor's work.
    const clock = blockClock((device.computesOnCallingThread ?? false) && !streamed);
    this.#ready = {
      ...{ device, info, build: facts.build, data: data.value, dataBytes, clock },
      starts: new Map(),
    };
    return success({
      capabilities: everyCapability,
      layers: facts.layers,
      modelType: facts.modelType,
      parameterCount: facts.parameterCount,
      trainedCount: facts.trainedCount,
      notes: facts.notes.map(withEnglish),
      hasBatchNormalization: facts.hasBatchNormalization,
      loss: facts.loss,
      optimizer: facts.optimizer,
      optimizerNumbers: facts.optimizerNumbers,
      learningRate: facts.learningRate,
      contentHash: facts.contentHash,
      backend: info,
      dataset: {
        samples: dataset.train.count,
        validationSamples: dataset.validation.count,
        features: [...dataset.sampleShape],
        classes: classes?.length ?? null,
        ...(guess && { guess }),
        ...(streamed && { streamedBytes: tensorBytes(dataset) }),
      },
      ...(dataset.reading && { reading: shortened(dataset.reading) }),
      dataBytes,
      availableBytes: device.availableBytes(input.memoryMargin),
    });
  }

  #guarded<T>({ meter, info }: Selected['device'], work: () => T): Result<T> {
    try {
      return ok(work());
    } catch (error) {
      const outOfMemory = outOfMemoryOf(error, meter);
      if (!outOfMemory) throw error;
      const { message: cause } = outOfMemory;
      return fail('trainerDataTooLarge', { backend: info.name, cause });
    }
  }

  async #begin({ trial: id, limitBytes, ...settings }: BegunOptions) {
    if (!this.#ready) throw new Error('Load a config before a trial begins.');
    if (this.#trials.has(id)) throw new Error(`Trial ${id} has begun already.`);
    const { device, build, data, dataBytes, clock, starts } = this.#ready;
    resetProcessPeak();
    const memory = new TrialMemory(device.meter, dataBytes, limitBytes);
    try {
      const { value } = await memory.during(() =>
        build(settings.seed, settings.learningRate, settings.optimizerNumbers),
      );
      if (!value.ok) return failure(value.problem);
      this.#trials.set(
        id,
        new Trial(value.value, data, settings, device.meter, memory, clock, starts),
      );
      return success({});
    } catch (error) {
      const outOfMemory = outOfMemoryOf(error, device.meter);
      if (!outOfMemory) throw error;
      return failure(problem('trainerOutOfMemoryAtStart', { cause: outOfMemory.message }));
    }
  }

  #trial(id: string): Trial {
    const trial = this.#trials.get(id);
    if (!trial) throw new Error(`There is no trial ${id}.`);
    return trial;
  }
}
