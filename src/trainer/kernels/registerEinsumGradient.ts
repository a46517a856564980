import { Einsum, getGradient, registerGradient } from '@tensorflow/tfjs-core';
import { einsumGradient } from './einsum';

/** tfjs has no gradient for einsum; it is made of operations alone and serves every backend. */
export function registerEinsumGradient(): void {
  if (!(getGradient(Einsum) as unknown)) registerGradient(einsumGradient);
}
