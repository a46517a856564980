import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { adamKernelName, type AdamStep } from '../adamUpdate';
import { updateKernelName, type UpdateName, type UpdateNumbers } from '../updateRules';
import { DeviceVariables } from './deviceVariables';
import type { NativeOps } from './nativeOps';

/** An operation that updates variables, with its inputs in the order that it takes them in. */
interface Update {
  readonly operation: string;
  /** Names of the tensors that it changes. */
  readonly changes: readonly string[];
  readonly inputs: readonly (number | 'gradient')[];
  readonly nesterov?: boolean;
}

const gradient = 'gradient';

/** https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceApplyAdam and its neighbours. */
const updates: Readonly<Record<UpdateName, (numbers: UpdateNumbers) => Update>> = {
  sgd: ({ learningRate }) => ({
    operation: 'ResourceApplyGradientDescent',
    changes: ['weights'],
    inputs: [learningRate, gradient],
  }),
  momentum: ({ learningRate, momentum, nesterov }) => ({
    operation: 'ResourceApplyMomentum',
    changes: ['weights', 'momentum'],
    inputs: [learningRate, gradient, momentum],
    nesterov,
  }),
  rmsprop: ({ learningRate, decay, momentum, epsilon }) => ({
    operation: 'ResourceApplyRMSProp',
    changes: ['weights', 'rms', 'momentum'],
    inputs: [learningRate, decay, momentum, epsilon, gradient],
  }),
  // TensorFlow has no ε here; tfjs's of 1e-7 is negligible beside sums that begin at 0.1.
  adagrad: ({ learningRate }) => ({
    operation: 'ResourceApplyAdagrad',
    changes: ['weights', 'accumulator'],
    inputs: [learningRate, gradient],
  }),
};

function adam({ beta1, beta2, rate, secondCorrection, epsilon }: AdamStep): Update {
  const root = Math.sqrt(secondCorrection);
  return {
    operation: 'ResourceApplyAdam',
    changes: ['weights', 'first', 'second'],
    // Powers of zero make it use the rate as given, which contains both corrections already.
    inputs: [0, 0, rate / root, beta1, beta2, epsilon / root, gradient],
  };
}

/** Optimizer updates as one operation of TensorFlow for each variable. */
export function updateKernels(ops: NativeOps): KernelConfig[] {
  const variables = new DeviceVariables(ops);

  const kernelOf = (kernelName: string, of: (attributes: unknown) => Update): KernelConfig => ({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs: tensors, attrs }) => {
      const { operation, changes, inputs, nesterov } = of(attrs);
      const tensor = (name: string): TensorInfo => {
        const found = tensors[name];
        if (!found) throw new Error(`${operation} was not given its ${name}.`);
        return found;
      };
      const others = inputs.flatMap((input) =>
        ops.ids(input === gradient ? tensor(gradient) : ops.constants.scalar(input)),
      );
      const flags = nesterov ? [ops.flag('use_nesterov', true)] : [];
      variables.apply(operation, changes.map(tensor), others, flags);
      return [];
    },
  });

  return [
    kernelOf(adamKernelName, (step) => adam(step as AdamStep)),
    ...(Object.keys(updates) as UpdateName[]).map((name) =>
      kernelOf(updateKernelName(name), (numbers) => updates[name](numbers as UpdateNumbers)),
    ),
  ];
}
