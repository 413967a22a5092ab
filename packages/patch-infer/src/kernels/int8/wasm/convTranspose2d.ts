import type { ConvTranspose2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import { sumBounds } from "../../../network/quantization.ts";
import type { KernelRow } from "../../table.ts";
import type { WasmMachine } from "../../wasmMachine.ts";
import { requantizationIn, zeroPointOf } from "../requantize.ts";
import { convolutionWords } from "./convolution.ts";
import { scaledWords, writeScratch } from "./scaled.ts";
import type { WindowAxis } from "./windowed.ts";

/**
 * Output positions whose distance is a multiple of the stride meet the same taps: for each such phase the layer is a
 * convolution of stride 1 with these taps.
 */
export const convTranspose2d: KernelRow<ConvTranspose2d, WasmMachine> = (layer, maps, machine) => {
  const input = maps.inputs[0] as FeatureMap;
  const { output } = maps;
  const weights = layer.weights as Int8Array;
  const bias = layer.bias as Int32Array;
  const zeroPoint = zeroPointOf(input, layer);
  const scaled = scaledWords(machine, {
    bias,
    requantization: requantizationIn(layer, output.channels),
    bounds: sumBounds(weights, bias, { zeroPoint, layer: layer.name }),
    zeroPoint: zeroPointOf(output, layer),
    clamp: layer.clamp,
  });
  const rowPhases = phases(layer, 0, input.height);
  const columnPhases = phases(layer, 1, input.width);
  const records = rowPhases.flatMap((rows) =>
    columnPhases.map((columns) =>
      machine.record([
        ...scaled,
        ...convolutionWords(machine, {
          rows: rows.axis,
          columns: columns.axis,
          channels: input.channels,
          outputChannels: output.channels,
          zeroPoint,
          groups: layer.groups,
          weights: tapsOf(layer, rows.taps, columns.taps),
        }),
      ]),
    ),
  );
  return {
    run: (call) => {
      for (const record of records) {
        machine.write(record, call);
        writeScratch(machine, record);
        machine.int8.conv2d(record);
      }
    },
  };
};

interface Phase {
  readonly axis: WindowAxis;
  readonly taps: readonly number[];
}

function phases({ kernel, strides, dilations, padBefore }: ConvTranspose2d, along: 0 | 1, size: number): Phase[] {
  const stride = strides[along];
  const dilation = dilations[along];
  const before = padBefore[along];
  return Array.from({ length: stride }, (_, phase) => {
    const taps = Array.from({ length: kernel[along] }, (_, tap) => tap).filter(
      (tap) => (phase + before - tap * dilation) % stride === 0,
    );
    const [first = 0, second = 0] = taps;
    return {
      taps,
      axis: {
        size,
        kernel: taps.length,
        stride: 1,
        dilation: taps.length < 2 ? 1 : ((first - second) * dilation) / stride,
        origin: taps.length === 0 ? 0 : (phase + before - first * dilation) / stride,
        step: stride,
        phase,
      },
    };
  });
}

/** The weights of some rows and columns of taps. */
function tapsOf(
  { weights, bias, kernel }: ConvTranspose2d,
  rows: readonly number[],
  columns: readonly number[],
): Int8Array {
  const outputs = bias.length;
  const taken = weights.length / (outputs * kernel[0] * kernel[1]);
  const chosen = new Int8Array(outputs * rows.length * columns.length * taken);
  let to = 0;
  for (let output = 0; output < outputs; output++) {
    for (const row of rows) {
      for (const column of columns) {
        const from = ((output * kernel[0] + row) * kernel[1] + column) * taken;
        chosen.set((weights as Int8Array).subarray(from, from + taken), to);
        to += taken;
      }
    }
  }
  return chosen;
}
