import { train, type Optimizer } from '@tensorflow/tfjs-core';
import type { OptimizerName, OptimizerSettings } from '../../config/schema';
import { Adam } from '../training/adam';

/** An optimizer by its settings; those not given are tfjs's own defaults. */
export function createOptimizer(settings: OptimizerSettings, learningRate: number): Optimizer {
  const { name, momentum, nesterov, beta1, beta2, epsilon, decay } = settings;
  switch (name) {
    case 'sgd':
      return momentum === undefined || momentum === 0
        ? train.sgd(learningRate)
        : train.momentum(learningRate, momentum, nesterov);
    case 'momentum':
      return train.momentum(learningRate, momentum ?? 0.9, nesterov);
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

/**
 * Values that tfjs's optimizers keep for each trained parameter (momentum; first and second
 * moments; RMSProp keeps a momentum even where it is 0).
 */
export function optimizerSlots(settings: OptimizerSettings): number {
  const slots: Record<OptimizerName, number> = {
    sgd: settings.momentum === undefined || settings.momentum === 0 ? 0 : 1,
    momentum: 1,
    adam: 2,
    rmsprop: 2,
    adagrad: 1,
    adamax: 2,
  };
  return slots[settings.name];
}
