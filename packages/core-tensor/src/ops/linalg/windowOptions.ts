import { ArgumentError } from "../../tensor/errors.ts";
import type { Pads2d, Pair } from "../vocabulary.ts";
import { extent } from "./window.ts";

/** A number for both spatial axes, or `[along height, along width]`. */
export type PairOption = number | Pair;

/**
 * Cells added around the image: a number for all four sides, `[top, left, bottom, right]`, `"valid"` for none,
 * or `"same"` for as many as make the output `ceil(size / stride)` long, the odd one at the bottom and right as
 * in TensorFlow.
 */
export type PadsOption = number | Pads2d | "same" | "valid";

export function pair(option: PairOption): Pair {
  return typeof option === "number" ? [option, option] : option;
}

/** Explicit pads. `image` holds the height and width, which `"same"` must know. */
export function explicitPads(
  op: string,
  option: PadsOption,
  image: readonly unknown[],
  kernel: Pair,
  strides: Pair,
  dilations: Pair,
): Pads2d {
  if (option === "valid") return [0, 0, 0, 0];
  if (typeof option === "number") return [option, option, option, option];
  if (option !== "same") return option;
  const [top, bottom] = samePads(op, image[0], kernel[0], strides[0], dilations[0]);
  const [left, right] = samePads(op, image[1], kernel[1], strides[1], dilations[1]);
  return [top, left, bottom, right];
}

function samePads(
  op: string,
  size: unknown,
  kernel: number,
  stride: number,
  dilation: number,
): [before: number, after: number] {
  if (typeof size !== "number") {
    throw new ArgumentError({
      op,
      argument: "pads",
      expected: 'numbers, or "same" with a known height and width',
      found: `"same" with ${String(size)}`,
    });
  }
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + extent(kernel, dilation) - size, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}
