export { convertCodes, quantize, unary } from "./cellwise.ts";
export { conv2d } from "./conv2d.ts";
export { convTranspose2d } from "./convTranspose2d.ts";
export { depthwiseConv2d } from "./depthwiseConv2d.ts";
export { globalPool } from "./globalPool.ts";
export { binary } from "./pairwise.ts";
export { averagePool2d, maxPool2d } from "./pool2d.ts";
export { resize2d } from "./resize2d.ts";
