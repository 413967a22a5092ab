import type { PrimitiveTable } from "../primitive.ts";
import type { OpAttributes } from "../vocabulary.ts";
import { avgPool2dPrimitive } from "./avgPool2d.ts";
import { conv2dPrimitive } from "./conv2d.ts";
import { conv2dWeightGradPrimitive } from "./conv2dWeightGrad.ts";
import { convTranspose2dPrimitive } from "./convTranspose2d.ts";
import { matmulPrimitive } from "./matmul.ts";
import { maxPool2dPrimitive } from "./maxPool2d.ts";
import { resize2dPrimitive } from "./resize2d.ts";

export { type AvgPool2dOptions, avgPool2d } from "./avgPool2d.ts";
export { type Conv2dOptions, conv2d } from "./conv2d.ts";
export { conv2dWeightGrad } from "./conv2dWeightGrad.ts";
export { type ConvTranspose2dOptions, convTranspose2d } from "./convTranspose2d.ts";
export { matmul } from "./matmul.ts";
export { type MaxPool2dOptions, maxPool2d, maxPool2dWithIndices } from "./maxPool2d.ts";
export { type Resize2dOptions, resize2d } from "./resize2d.ts";
export type { PadsOption, PairOption } from "./windowOptions.ts";

/** The ops of this family. */
export type LinalgOps = Pick<
  OpAttributes,
  "matmul" | "conv2d" | "convTranspose2d" | "conv2dWeightGrad" | "maxPool2d" | "avgPool2d" | "resize2d"
>;

/** The records of matrix products and of the ops on images. */
export const linalgPrimitives: PrimitiveTable<LinalgOps> = {
  matmul: matmulPrimitive,
  conv2d: conv2dPrimitive,
  convTranspose2d: convTranspose2dPrimitive,
  conv2dWeightGrad: conv2dWeightGradPrimitive,
  maxPool2d: maxPool2dPrimitive,
  avgPool2d: avgPool2dPrimitive,
  resize2d: resize2dPrimitive,
};
