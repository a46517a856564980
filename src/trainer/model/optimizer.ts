import { engine, train, type Optimizer } from '@tensorflow/tfjs-core';
import type { OptimizerSettings } from '../../config/schema';
import { hasUpdateKernel, type UpdateName } from '../kernels/updateRules';
import { Adam } from '../training/adam';
import { InPlaceOptimizer } from '../training/inPlaceOptimizer';

const defaultMomentum = 0.9;

/**
 * An optimizer by its settings; those not given are tfjs's own defaults. On backends that update
 * weights in one kernel, it is one that does.
 */
export function createOptimizer(settings: OptimizerSettings, learningRate: number): Optimizer {
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
      return new Adam(learningRate, beta1, beta2, epsilon);
    case 'rmsprop':
      return train.rmsprop(learningRate, decay, momentum, epsilon);
    case 'adagrad':
      return train.adagrad(learningRate);
    case 'adamax':
      return train.adamax(learningRate, beta1, beta2, epsilon, decay);
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
    case 'adamax':
      return null;
  }
}
