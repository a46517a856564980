import {
  engine,
  fill,
  mul,
  tidy,
  type NamedTensorMap,
  type Optimizer,
  type Tensor,
  type Variable,
} from '@tensorflow/tfjs-core';

export type NamedTensor = Awaited<ReturnType<Optimizer['getWeights']>>[number];
export type GivenGradients = NamedTensorMap | NamedTensor[];

/** Gradients with the names of their variables, in the order given. */
export function gradientsByName(gradients: GivenGradients): (readonly [string, Tensor])[] {
  return Array.isArray(gradients)
    ? gradients.map(({ name, tensor }) => [name, tensor] as const)
    : Object.entries(gradients);
}

export function variableNamed(name: string): Variable {
  const variable = engine().registeredVariables[name];
  if (!variable) throw new Error(`There is no variable ${name}.`);
  return variable;
}

/** What an optimizer keeps for each value of a variable, before its first update. */
export function newSlot(weights: Variable, initial = 0): Variable {
  return tidy(() => fill(weights.shape, initial).variable(false));
}

/** Gives a variable values that no other tensor shares, so that they may change in place. */
export function ownValues(variable: Variable): void {
  if (engine().backend.refCount(variable.dataId) > 1) copyValues(variable);
}

/** The first values may share an array with code outside of TensorFlow.js, which no tensor shows. */
export function copyValues(variable: Variable): void {
  tidy(() => {
    variable.assign(mul(variable, 1));
  });
}
