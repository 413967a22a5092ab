import type { WasmMachine } from "../../wasmMachine.ts";
import { aligned } from "../../wasmMachine.ts";
import { scaledWordCount } from "./scaled.ts";
import { type WindowedLayer, windowedWordCount, windowedWords } from "./windowed.ts";

/** Bytes of scratch before a tile's own: sums, and the record of an addition. */
const scratchHead = 176;
/** Where the record of an addition stands in scratch. */
export const additionAt = 32;
/** Taps of a tile should stay in the first cache, beside the weights of a block. */
const tapBytes = 8192;
const blockChannels = 8;

export interface ConvolutionParts extends WindowedLayer {
  readonly groups: number;
  /** By group, channel and tap, as in the network's layer: [out channels, taps, channels per group]. */
  readonly weights: Int8Array;
}

/** The words of `Windowed` (scaled.as) and `Convolution`, and scratch for them. */
export function convolutionWords(machine: WasmMachine, parts: ConvolutionParts): number[] {
  const { groups, channels, outputChannels, rows, columns } = parts;
  const taken = channels / groups;
  const made = outputChannels / groups;
  const depth = 4 * Math.ceil((rows.kernel * columns.kernel * taken) / 4);
  const tile = Math.max(4, Math.min(32, 4 * Math.floor(tapBytes / (8 * depth))));
  machine.scratch(scratchHead + aligned(4 * tile) + aligned(tile * outputChannels) + 2 * tile * depth + 32);
  const packed = machine.place(packWeights(parts, { made, depth }));
  return [...windowedWords(parts), packed, groups, taken, made, depth, tile, isPointwise(parts) ? 1 : 0, 0, 0];
}

/** Word of `addition` in a `Convolution` record; `swapped` follows. */
export const additionWord: number = 16 + scaledWordCount + windowedWordCount + 7;

function isPointwise({ rows, columns }: ConvolutionParts): boolean {
  return [rows, columns].every((axis) => axis.kernel === 1 && axis.origin === 0 && axis.step === 1);
}

/** Blocks of eight output channels: for each pair of numbers the pairs of weights of the eight, side by side. */
function packWeights(
  { groups, weights }: ConvolutionParts,
  { made, depth }: { readonly made: number; readonly depth: number },
): Int8Array {
  const blocks = Math.ceil(made / blockChannels);
  const length = made === 0 ? 0 : weights.length / (groups * made);
  const packed = new Int8Array(groups * blocks * depth * blockChannels);
  for (let group = 0; group < groups; group++) {
    for (let channel = 0; channel < made; channel++) {
      const block = group * blocks + Math.floor(channel / blockChannels);
      const to = block * depth * blockChannels + 2 * (channel % blockChannels);
      const from = (group * made + channel) * length;
      for (let i = 0; i < length; i++) {
        packed[to + 2 * blockChannels * (i >> 1) + (i & 1)] = weights[from + i] as number;
      }
    }
  }
  return packed;
}
