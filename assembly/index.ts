export { convolutionScratch, convolve, convolveFilterGradient, convolveInputGradient } from './convolution';
export { adam, addBias, copyBlocks, gather, passWithin, sumRows } from './elementwise';
export { matrixProducts, matrixProductScratch } from './matrixProduct';
export { maxPoolGradient } from './maxPool';
