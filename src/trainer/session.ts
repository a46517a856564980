import { fail, ok, problem, type Problem, type Result } from '../core/problem';
import type { Handlers } from '../protocol/channel';
import type { Advanced, BegunOptions, TrainerContract } from '../protocol/trainer';
import type { Backend } from './backends/backend';
import { selectBackend, type Selected } from './backends/select';
import type { Loaded, LoadInput, LoadOutput } from './loaded';
import { resetProcessPeak } from './memory/processMemory';
import { putOnDevice, type DeviceData } from './training/deviceData';
import { outOfMemoryOf } from './training/outOfMemory';
import { Trial } from './training/trial';
import { TrialMemory } from './training/trialMemory';
import { Turns } from './turns';

type Loader = (input: LoadInput) => Promise<Result<Loaded>>;

interface Ready extends Selected {
  readonly loaded: Loaded;
  readonly data: DeviceData;
  readonly dataBytes: number;
}

function success<T>(value: T) {
  return { ok: true as const, value };
}

/** A problem in the mutable form that the contract's schemas give it. */
function failure({ reason, values, place }: Problem) {
  const mutable = place && { ...place, pointer: place.pointer && [...place.pointer] };
  return { ok: false as const, problem: { reason, values: { ...values }, place: mutable } };
}

/** What a training process holds: one config on one backend, and the trials begun on it. */
export class Session {
  private readonly turns = new Turns();
  private readonly trials = new Map<string, Trial>();
  private ready: Ready | null = null;

  constructor(
    private readonly backends: readonly Backend[],
    private readonly loadConfig: Loader,
  ) {}

  readonly handlers: Handlers<TrainerContract> = {
    load: (input) => this.turns.take(() => this.load(input)),
    begin: (input) => this.turns.take(() => this.begin(input)),
    advance: ({ trial, iterations, maxSeconds }) =>
      this.turns.take((turn): Promise<Advanced> =>
        this.trial(trial).advance(iterations, maxSeconds, turn),
      ),
    evaluate: ({ trial }) => this.turns.take((turn) => this.trial(trial).evaluate(turn)),
    measureNoise: ({ trial, ...request }) =>
      this.turns.take(async (turn) => ({
        steps: await this.trial(trial).measureNoise(request, turn),
      })),
    end: ({ trial }) =>
      this.turns.take(() => {
        this.trial(trial).dispose();
        this.trials.delete(trial);
        return Promise.resolve({});
      }),
    interrupt: () => {
      this.turns.interrupt();
      return {};
    },
  };

  private async load(input: LoadInput): Promise<LoadOutput> {
    if (this.ready) throw new Error('This trainer has loaded a config already.');
    const selected = await selectBackend(input.backend, this.backends, input.workspace ?? input);
    if (!selected.ok) return failure(selected.problem);
    const { device, info } = selected.value;
    const loaded = await this.loadConfig(input);
    if (!loaded.ok) return failure(loaded.problem);
    const before = device.meter.liveBytes();
    const facts = loaded.value;
    const { dataset } = facts;
    const data = this.guarded(device, () => putOnDevice(dataset));
    if (!data.ok) return failure(data.problem);
    const dataBytes = device.meter.liveBytes() - before;
    this.ready = { device, info, loaded: loaded.value, data: data.value, dataBytes };
    return success({
      layers: facts.layers,
      modelType: facts.modelType,
      parameterCount: facts.parameterCount,
      hasBatchNormalization: facts.hasBatchNormalization,
      loss: facts.loss,
      optimizer: facts.optimizer,
      learningRate: facts.learningRate,
      contentHash: facts.contentHash,
      backend: info,
      dataset: {
        samples: dataset.train.count,
        validationSamples: dataset.validation.count,
        features: [...dataset.sampleShape],
        classes: dataset.classes?.length ?? null,
      },
      dataBytes,
      availableBytes: device.availableBytes(input.memoryMargin),
    });
  }

  private guarded<T>({ meter, info }: Selected['device'], work: () => T): Result<T> {
    try {
      return ok(work());
    } catch (error) {
      const outOfMemory = outOfMemoryOf(error, meter);
      if (!outOfMemory) throw error;
      const { message: cause } = outOfMemory;
      return fail('trainerDataTooLarge', { backend: info.name, cause });
    }
  }

  private async begin({ trial: id, limitBytes, ...settings }: BegunOptions) {
    if (!this.ready) throw new Error('Load a config before a trial begins.');
    if (this.trials.has(id)) throw new Error(`Trial ${id} has begun already.`);
    const { device, loaded, data, dataBytes } = this.ready;
    resetProcessPeak();
    const memory = new TrialMemory(device.meter, dataBytes, limitBytes);
    try {
      const { value } = await memory.during(() =>
        loaded.build(settings.seed, settings.learningRate),
      );
      if (!value.ok) return failure(value.problem);
      this.trials.set(id, new Trial(value.value, data, settings, device.meter, memory));
      return success({});
    } catch (error) {
      const outOfMemory = outOfMemoryOf(error, device.meter);
      if (!outOfMemory) throw error;
      return failure(problem('trainerOutOfMemoryAtStart', { cause: outOfMemory.message }));
    }
  }

  private trial(id: string): Trial {
    const trial = this.trials.get(id);
    if (!trial) throw new Error(`There is no trial ${id}.`);
    return trial;
  }
}
