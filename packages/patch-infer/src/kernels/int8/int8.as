// Kernels on int8 cells, with the bits of the kernels in TypeScript. Sums of whole numbers don't depend on their order; the
// fixed-point factors are rounded as TFLite rounds them.

export { conv2d } from "./convolution";
export { depthwiseConv2d, depthwiseInPlace, spread } from "./depthwise";
export { maxPool2d, averagePool2d, globalPool } from "./pools";
export { binary } from "./pairwise";
export { unary, quantize, dequantize } from "./cellwise";
export { resize2d } from "./resize";
