import type { DepthwiseConv2d } from "../network/layer.ts";
import type { FeatureMap } from "../network/network.ts";
import { aligned, callWords, type WasmMachine } from "./wasmMachine.ts";

/** Rows are set aside in at most a common first-level cache, and (if it is not too wide) a quarter of the map. */
const mostBytes = 32_768;

/** Word of a `Lines` record that calls write. */
const roomWord = callWords + 11;

/** Words behind it, where a run has its state. */
const stateWords = 16;

/**
 * What a depthwise convolution over its own input needs besides its record: scratch for rows of the input, behind the first
 * `head` bytes. Returns what gives the address of a `Lines` record before a run.
 */
export function placeLines(
  { kernel, strides, dilations, padBefore }: DepthwiseConv2d,
  { height, width, channels, type }: FeatureMap,
  machine: WasmMachine,
  head: number,
): () => number {
  const span = [0, 1].map((axis) => ((kernel[axis] as number) - 1) * (dilations[axis] as number) + 1);
  const channelBytes = type === "int8" ? 1 : 4;
  const least = Math.min(height, span[0] as number) * width * 16;
  const bytes = Math.max(least, Math.min(mostBytes, aligned((height * width * channels * channelBytes) / 4)));
  // Kernels read a register beyond the last cell.
  machine.scratch(aligned(head) + bytes + 16);
  const lines = machine.record([
    height,
    width,
    ...span,
    ...strides,
    ...padBefore.map((cells) => -cells),
    channels,
    channelBytes,
    bytes,
    ...new Array<number>(1 + stateWords).fill(0),
  ]);
  return () => {
    machine.words[(lines >> 2) + roomWord] = machine.scratchStart + aligned(head);
    return lines + 4 * callWords;
  };
}
