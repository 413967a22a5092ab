// Kernels on float32 cells. The order of all sums is that of the TypeScript kernels: lanes of a register belong to different
// output channels, never to one sum, and taps outside the image are left out. So the bits are the same.

export { conv2d, convTranspose2d } from "./convolution";
export { depthwiseConv2d, depthwiseInPlace } from "./depthwise";
export { maxPool2d, averagePool2d, globalPool } from "./pools";
export { binary, unary } from "./cellwise";
export { resizeLinear } from "./resize";
