export { batchNormalize, batchNormalizeBack } from './batchNormalization';
export { convolutionScratch, convolve, convolveFilterGradient, convolveInputGradient } from './convolution';
export { adagrad, adam, addBias, copyBlocks, gather, passWithin, repeatBlocks, rmsprop, sumRows } from './elementwise';
export { matrixProducts, matrixProductScratch } from './matrixProduct';
export { maxPoolGradient } from './maxPool';
export { recurBackWork, recurWork } from './recurrence';
export { recur } from './recurrent';
export { recurBack, recurInput } from './recurrentGradient';
