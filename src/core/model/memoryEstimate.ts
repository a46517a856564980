import { evaluationBatchSize } from '../batches/arithmetic';
import type { JsonObject } from './topology/json';
import type { Shape } from './topology/layerCost';
import { valuesAt, type Amount } from './topology/tape/amount';
import type { LossName } from './losses';
import { stepMemory, type StepMemory } from './topology/tape/stepMemory';
import { topologyCost, type TopologyCost } from './topology/topologyCost';

/** What a model's layers show about the memory that training takes. */
export interface ModelMemory {
  readonly cost: TopologyCost;
  readonly tape: StepMemory;
}

/**
 * Follows a normalized topology (normalizeTopology.ts) through training and evaluation.
 * @param input shape of one sample, for models that do not say it
 * @param loss null: the one that the last activation of an output points to
 * @param backend that will train; null where it is not known yet: WASM
 */
export function modelMemory(
  model: JsonObject,
  input: Shape,
  loss: LossName | null,
  backend: string | null = null,
): ModelMemory {
  const cost = topologyCost(model, input);
  const ownKernels = backend === null || backend === 'auto' || backend === 'wasm';
  return { cost, tape: stepMemory(model, cost.input, loss, ownKernels) };
}

/** Device bytes of training, by what they are for. */
interface MemoryEstimate {
  readonly parameters: number;
  readonly gradients: number;
  readonly optimizer: number;
  /** The batch, all that is kept of it for the backward pass, and what that pass makes. */
  readonly activations: number;
  /** The data set on the device. */
  readonly data: number;
  /** The most held at once: in a step, in its update, or while validation data are evaluated. */
  readonly peak: number;
}

/** What an optimizer keeps for each trained weight, and holds besides for the one it updates. */
interface OptimizerMemory {
  readonly slots: number;
  readonly working: number;
}

/**
 * What TensorFlow.js's optimizers keep: momentum; first and second moments; RMSProp keeps a momentum
 * even where it is 0. Three are updated in place (on WASM, which estimates are for); the others are tfjs's own.
 */
const optimizers: Readonly<Record<string, OptimizerMemory>> = {
  sgd: { slots: 0, working: 2 },
  momentum: { slots: 1, working: 4 },
  adagrad: { slots: 1, working: 0 },
  rmsprop: { slots: 2, working: 0 },
  adam: { slots: 2, working: 0 },
  adamw: { slots: 2, working: 0 },
  lion: { slots: 1, working: 9 },
  adamax: { slots: 2, working: 10 },
  adadelta: { slots: 2, working: 10 },
  nadam: { slots: 2, working: 10 },
  ftrl: { slots: 2, working: 10 },
};

const mostUsual: OptimizerMemory = { slots: 2, working: 10 };

/** By an optimizer's name in the config, `momentum` for sgd with one; of an unknown one the most usual. */
export function optimizerMemory(optimizer: string): OptimizerMemory {
  return optimizers[optimizer.toLowerCase()] ?? mostUsual;
}

interface TrainingSetup {
  readonly batchSize: number;
  /** By its name in the config; `momentum` for sgd with one. */
  readonly optimizer: string;
  readonly samples: number;
  readonly validationSamples: number;
}

const bytesPerValue = 4;

/**
 * Peak device bytes of training at a batch size, from the layers alone; an estimate, to be replaced
 * by measurements where there are any. With P weights, of which T are trained, s optimizer values
 * for each, and D of data: `P + s·T + D + max(step(B), evaluation(E), update)`. A step and an
 * evaluation of E samples are followed through tfjs's engine (tape.ts), an update holds all gradients
 * and works on one weight after another.
 */
export function estimateMemory(
  { cost, tape }: ModelMemory,
  { batchSize, optimizer, samples, validationSamples }: TrainingSetup,
): MemoryEstimate {
  const { slots, working } = optimizerMemory(optimizer);
  const bytes = (values: number) => Math.round(values * bytesPerValue);
  const data = (samples + validationSamples) * (cost.inputValues + tape.labels);
  const held = cost.parameters + slots * cost.trainable + data;
  const step = mostAt(tape.step, batchSize);
  const evaluation = mostAt(tape.evaluation, evaluationBatch(cost, validationSamples));
  const update = cost.trainable + working * cost.largestTrained;
  return {
    parameters: bytes(cost.parameters),
    gradients: bytes(cost.trainable),
    optimizer: bytes(slots * cost.trainable),
    activations: bytes(Math.max(0, step - cost.trainable)),
    data: bytes(data),
    peak: bytes(held + Math.max(step, evaluation, update)),
  };
}

function mostAt(lines: readonly Amount[], batchSize: number): number {
  return Math.max(0, ...lines.map((line) => valuesAt(line, batchSize)));
}

function evaluationBatch({ outputs }: TopologyCost, validationSamples: number): number {
  return Math.min(evaluationBatchSize(bytesPerValue * outputs), validationSamples);
}
