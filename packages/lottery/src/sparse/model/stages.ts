import type { WeightMatrix } from "../kernels/layout.ts";

/** `[channels, height, width]` of one example; flat examples are `[length, 1, 1]`. */
export type ImageShape = readonly [channels: number, height: number, width: number];

/** A product with weights, its bias and its activation: what one call of a kernel does. */
export interface WeightedStage {
  readonly kind: "weighted";
  readonly op: "matmul" | "conv2d";
  /** Name of the constant that holds the weights. */
  readonly name: string;
  /** Weights by output. For a convolution an output is a channel, an input a tap of the window. */
  readonly matrix: WeightMatrix;
  readonly bias?: Float32Array;
  readonly activation: "none" | "relu";
  readonly input: ImageShape;
  readonly output: ImageShape;
  /** `[top, left, bottom, right]` zeros around the input. */
  readonly pads: readonly [number, number, number, number];
  readonly strides: readonly [number, number];
}

/** The largest element of each window. */
export interface PoolStage {
  readonly kind: "maxPool";
  readonly input: ImageShape;
  readonly output: ImageShape;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
}

/** One step of a chain. */
export type Stage = WeightedStage | PoolStage;

/** Elements of one example. */
export function imageSize([channels, height, width]: ImageShape): number {
  return channels * height * width;
}
