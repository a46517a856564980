import { ok, type Result } from '../../../src/core/text/problem';
import { paceOf, type Pace } from '../../../src/core/batches/pace';
import { deriveSeed } from '../../deriveSeed';
import { seededRandom, type Random } from '../../../src/trainer/random/seededRandom';
import type { Input, Output } from '../../../src/protocol/channel';
import type { BegunOptions, Prepared, TrainerContract } from '../../../src/protocol/trainer';
import type { Answer, CallName, Trainer } from '../../../src/tuner/process/trainer';
import { lognormal, normal } from './lognormal';

type TimedBlock = Output<TrainerContract, 'advance'>['blocks'][number];
type Calls = {
  [N in CallName]: (input: Input<TrainerContract, N>) => Output<TrainerContract, N>;
};

/** A model, its data and a machine, as a trainer finds them. */
export interface World {
  readonly seed: number;
  readonly samples: number;
  readonly validationSamples: number;
  readonly optimizer: string;
  readonly learningRate: number;
  readonly loadSeconds: number;
  readonly evaluationSeconds: number;
  stepSeconds(batchSize: number): number;
  /** How many times as long a step takes once a process has worked so many seconds. */
  readonly coldness?: (worked: number) => number;
  /** Nothing disturbs it but what is said here: steps scatter by a hundredth. */
  readonly isSteady?: boolean;
  /** The share of the processor that other programs have after so many seconds. */
  readonly busyShare?: (seconds: number) => number;
  /** Left out, the world is a regression. */
  readonly classes?: { readonly count: number; readonly guess: { loss: number; accuracy: number } };
  /** Epochs after which the training ends by itself, and whether it tells beforehand. */
  readonly end?: { readonly epochs: number; readonly isTold: boolean };
  peakBytes(batchSize: number): number;
  begin(options: BegunOptions, pace: Pace): Training;
}

/** One training in a world: the same for the same options. */
export interface Training {
  /** Validation loss after so many updates. */
  lossAt(iterations: number): { readonly loss: number; readonly standardError: number };
  /** Validation accuracy, for classes. */
  accuracyAt?(iterations: number): number;
  /** The gradient noise scale there, in samples. */
  noiseScaleAt(iterations: number): number;
}

/** Seconds that pass because something works, and not because anybody waits. */
export class VirtualClock {
  #seconds = 0;

  readonly now = (): number => this.#seconds;

  pass(seconds: number): void {
    this.#seconds += seconds;
  }
}

/** How a machine disturbs what it times: standard deviations of logarithms. */
const scatter = { block: 0.02, drift: 0.01 };
const spike = { share: 0.04, factor: 1.4 };
const blockSeconds = 0.02;
const callSeconds = 0.001;
const beginSeconds = 0.02;

interface Trial {
  readonly options: BegunOptions;
  readonly training: Training;
  readonly pace: Pace;
  iterations: number;
}

/**
 * A trainer by the contract that computes nothing: losses and times are those of a world, and time
 * is a clock of its own. Whatever the tuner decides can be tried on it a hundred times a second.
 */
export class SimulatedTrainer implements Trainer {
  readonly #trials = new Map<string, Trial>();
  readonly #random: Random;
  readonly #calls: Calls = {
    load: () => ({ ok: true as const, value: this.#prepared }),
    begin: (input) => this.#begin(input),
    advance: (input) => this.#advance(input),
    evaluate: ({ trial }) => this.#evaluate(this.#of(trial)),
    measureNoise: (input) => this.#measureNoise(input),
    end: ({ trial }) => {
      this.#trials.delete(trial);
      return {};
    },
    interrupt: () => ({}),
  };
  #drift = 0;
  #worked = 0;
  readonly death = null;
  alive = true;

  constructor(
    private readonly world: World,
    private readonly clock: VirtualClock,
    machineSeed: number,
  ) {
    this.#random = seededRandom(deriveSeed(world.seed, machineSeed));
  }

  static starter(world: World, clock: VirtualClock, machineSeed = 1) {
    let started = 0;
    return (): Promise<Result<Trainer>> => {
      clock.pass(world.loadSeconds);
      return Promise.resolve(ok(new SimulatedTrainer(world, clock, machineSeed + 100 * started++)));
    };
  }

  call<N extends CallName>(name: N, input: Input<TrainerContract, N>): Promise<Answer<N>> {
    this.clock.pass(callSeconds);
    return Promise.resolve({ kind: 'answer', output: this.#calls[name](input) });
  }

  stop(): Promise<void> {
    this.alive = false;
    return Promise.resolve();
  }

  get #prepared(): Prepared {
    const { samples, validationSamples, optimizer, learningRate, classes, end } = this.world;
    return {
      ...(end?.isTold && { found: { batchSize: 32, epochs: end.epochs } }),
      backend: { name: 'cpu', device: 'simulated', software: false, versions: {}, skipped: [] },
      dataset: {
        samples,
        validationSamples,
        features: [1],
        classes: classes?.count ?? null,
        ...(classes && { guess: classes.guess }),
      },
      modelType: 'dense',
      layers: ['Dense'],
      parameterCount: 1,
      hasBatchNormalization: false,
      loss: 'meanSquaredError',
      optimizer,
      learningRate,
      dataBytes: 0,
      availableBytes: null,
      contentHash: '',
    };
  }

  #of(id: string): Trial {
    const trial = this.#trials.get(id);
    if (!trial) throw new Error(`no trial ${id}`);
    return trial;
  }

  #begin(input: Input<TrainerContract, 'begin'>) {
    const { gradientAccumulation = 1, schedule = null } = input;
    const options = { ...input, gradientAccumulation, schedule };
    const pace = paceOf(this.world.samples, options.batchSize, options.schedule);
    const training = this.world.begin(options, pace);
    this.#trials.set(options.trial, { options, training, pace, iterations: 0 });
    this.clock.pass(beginSeconds);
    return { ok: true as const, value: {} };
  }

  #advance({ trial: id, iterations, maxSeconds }: Input<TrainerContract, 'advance'>) {
    const trial = this.#of(id);
    const { samples, end: own } = this.world;
    const last = own ? trial.pace.iterationAt(own.epochs * samples) : null;
    const end = Math.min(trial.iterations + iterations, last ?? Infinity);
    const isOver = trial.iterations === last;
    const begun = this.clock.now();
    const { busyShare } = this.world;
    const blocks: TimedBlock[] = [];
    while (trial.iterations < end && this.clock.now() - begun < maxSeconds) {
      const batchSize = this.#batchSizeOf(trial);
      const stepSeconds = this.world.stepSeconds(batchSize) * this.#disturbance();
      const waitingShare = busyShare?.(this.clock.now()) ?? 0;
      const made = Math.min(
        Math.max(1, Math.round(blockSeconds / stepSeconds)),
        end - trial.iterations,
      );
      trial.iterations += made;
      this.#worked += made * stepSeconds;
      const seconds = (made * stepSeconds) / (1 - waitingShare);
      this.clock.pass(seconds);
      blocks.push({
        iterations: made,
        ms: 1000 * seconds,
        batchSize,
        ...(busyShare && { cpuMs: 1000 * made * stepSeconds, waitingShare }),
      });
    }
    const peakBytes = this.world.peakBytes(trial.options.batchSize);
    return {
      status: 'ok' as const,
      detail: null,
      iterations: trial.iterations,
      samples: Math.round(this.#epochOf(trial) * this.world.samples),
      epoch: this.#epochOf(trial),
      trainLoss: trial.training.lossAt(trial.iterations).loss,
      blocks,
      wallMs: 1000 * (this.clock.now() - begun),
      peakBytes,
      processPeakBytes: peakBytes,
      memory: { parameters: 4, optimizer: 8, gradients: 4, activations: peakBytes, data: 0 },
      // As a script does: only where it is asked for more.
      ended: isOver,
    };
  }

  #evaluate(trial: Trial) {
    const { evaluationSeconds } = this.world;
    this.clock.pass(evaluationSeconds);
    const { loss, standardError } = trial.training.lossAt(trial.iterations);
    return {
      status: 'ok' as const,
      detail: null,
      loss,
      accuracy: trial.training.accuracyAt?.(trial.iterations) ?? null,
      lossStandardError: standardError,
      seconds: evaluationSeconds,
      peakBytes: this.world.peakBytes(trial.options.batchSize),
    };
  }

  /** Norms as gradients would have them whose mean is 1 and whose noise is the scale. */
  #measureNoise(input: Input<TrainerContract, 'measureNoise'>) {
    const { microbatchSize, microbatches, steps } = input;
    const trial = this.#of(input.trial);
    const scale = trial.training.noiseScaleAt(trial.iterations);
    const seconds = steps * microbatches * this.world.stepSeconds(microbatchSize);
    this.clock.pass(seconds);
    // Gradients are what an engine compiles, whatever they are for.
    this.#worked += seconds;
    const samples = Math.round(this.#epochOf(trial) * this.world.samples);
    return {
      steps: Array.from({ length: steps }, () => {
        const trace = scale * lognormal(this.#random, 0.1);
        const squaredGradient = lognormal(this.#random, 0.1);
        const squaredNormOfMean = squaredGradient + trace / (microbatchSize * microbatches);
        const meanSquaredNorm = squaredGradient + trace / microbatchSize;
        return { samples, microbatchSize, microbatches, meanSquaredNorm, squaredNormOfMean };
      }),
    };
  }

  #batchSizeOf({ pace, iterations, options }: Trial): number {
    return pace.stretches(iterations + 1).at(-1)?.batchSize ?? options.batchSize;
  }

  #epochOf({ options, iterations, pace }: Trial): number {
    const { samples } = this.world;
    if (options.schedule) {
      return pace
        .stretches(iterations)
        .reduce((sum, { batchSize, iterations: made }) => sum + (made * batchSize) / samples, 0);
    }
    const perEpoch = Math.ceil(samples / options.batchSize);
    const rest = (iterations % perEpoch) * options.batchSize;
    return Math.floor(iterations / perEpoch) + rest / samples;
  }

  /** A machine drifts slowly, scatters a little, and is sometimes busy with something else. */
  #disturbance(): number {
    this.#drift = 0.999 * this.#drift + scatter.drift * normal(this.#random);
    const busy = this.#random() < spike.share ? spike.factor : 1;
    const coldness = this.world.coldness?.(this.#worked) ?? 1;
    const disturbed = busy * Math.exp(this.#drift) * lognormal(this.#random, scatter.block);
    return coldness * (this.world.isSteady ? lognormal(this.#random, 0.01) : disturbed);
  }
}
