import { engine, train, type Optimizer } from '@tensorflow/tfjs-core';
import type { OptimizerSettings } from '../../config/trainingSchema';
import type { OptimizerNumbers } from '../../protocol/trainer';
import { hasUpdateKernel, type UpdateName } from '../kernels/updateRules';
import { Adadelta } from '../training/adadelta';
import { Adam } from '../training/adam';
import { Ftrl } from '../training/ftrl';
import { InPlaceOptimizer } from '../training/inPlaceOptimizer';
import { Lion } from '../training/lion';
import { Nadam } from '../training/nadam';
import { DecayingOptimizer } from '../training/weightDecay';

const defaultMomentum = 0.9;
/** Keras's. */
const defaultWeightDecay = 0.004;
const lionBeta2 = 0.99;

/**
 * An optimizer by its settings; those not given are tfjs's own defaults. On backends that update
 * weights in one kernel, it is one that does.
 */
export function createOptimizer(settings: OptimizerSettings, learningRate: number): Optimizer {
  const optimizer = withoutDecay(settings, learningRate);
  const weightDecay = weightDecayOf(settings);
  return weightDecay === 0
    ? optimizer
    : new DecayingOptimizer(optimizer, learningRate, weightDecay);
}

/** Settings of an optimizer that may follow the batch size, defaults filled in. */
export function optimizerNumbers(settings: OptimizerSettings): OptimizerNumbers {
  const { name, beta1 = 0.9, beta2 = 0.999, epsilon = engine().backend.epsilon() } = settings;
  const weightDecay = weightDecayOf(settings);
  switch (name) {
    case 'adam':
    case 'adamw':
    case 'nadam':
      return { beta1, beta2, epsilon, weightDecay };
    case 'lion':
      return { beta1, beta2: settings.beta2 ?? lionBeta2, weightDecay };
    case 'momentum':
      return { momentum: settings.momentum ?? defaultMomentum, weightDecay };
    case 'sgd':
      return { momentum: settings.momentum ?? 0, weightDecay };
    case 'rmsprop':
    case 'adagrad':
    case 'adamax':
    case 'adadelta':
    case 'ftrl':
      return { weightDecay };
  }
}

function weightDecayOf({ name, weightDecay }: OptimizerSettings): number {
  return weightDecay ?? (name === 'adamw' ? defaultWeightDecay : 0);
}

function withoutDecay(settings: OptimizerSettings, learningRate: number): Optimizer {
  const update = updateOf(settings);
  if (update !== null && hasUpdateKernel(update)) {
    return new InPlaceOptimizer(update, {
      learningRate,
      momentum: settings.momentum ?? (update === 'momentum' ? defaultMomentum : 0),
      nesterov: settings.nesterov ?? false,
      decay: settings.decay ?? 0.9,
      epsilon: settings.epsilon ?? engine().backend.epsilon(),
    });
  }
  const { name, momentum, nesterov, beta1, beta2, epsilon, decay } = settings;
  switch (name) {
    case 'sgd':
      return momentum === undefined || momentum === 0
        ? train.sgd(learningRate)
        : train.momentum(learningRate, momentum, nesterov);
    case 'momentum':
      return train.momentum(learningRate, momentum ?? defaultMomentum, nesterov);
    case 'adam':
    case 'adamw':
      return new Adam(learningRate, beta1, beta2, epsilon);
    case 'lion':
      return new Lion(learningRate, beta1, beta2);
    case 'rmsprop':
      return train.rmsprop(learningRate, decay, momentum, epsilon);
    case 'adagrad':
      return train.adagrad(learningRate);
    case 'adamax':
      return train.adamax(learningRate, beta1, beta2, epsilon, decay);
    case 'adadelta':
      return new Adadelta(learningRate, decay, epsilon);
    case 'nadam':
      return new Nadam(learningRate, beta1, beta2, epsilon);
    case 'ftrl':
      return new Ftrl(learningRate);
  }
}

function updateOf({ name, momentum }: OptimizerSettings): UpdateName | null {
  switch (name) {
    case 'sgd':
      return momentum === undefined || momentum === 0 ? 'sgd' : 'momentum';
    case 'momentum':
    case 'rmsprop':
    case 'adagrad':
      return name;
    case 'adam':
    case 'adamw':
    case 'lion':
    case 'adamax':
    case 'adadelta':
    case 'nadam':
    case 'ftrl':
      return null;
  }
}
