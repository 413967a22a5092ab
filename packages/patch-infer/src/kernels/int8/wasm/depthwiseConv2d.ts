import type { DepthwiseConv2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import { sumBounds } from "../../../network/quantization.ts";
import type { KernelRow } from "../../table.ts";
import { placeLines } from "../../wasmLines.ts";
import type { WasmMachine } from "../../wasmMachine.ts";
import { requantizationIn, zeroPointOf } from "../requantize.ts";
import { convolutionWords } from "./convolution.ts";
import { laneSlack, scaledWordCount, scaledWords, writeScratch } from "./scaled.ts";
import { windowAxes } from "./windowAxis.ts";
import { windowedWordCount, windowedWords } from "./windowed.ts";

/** Words of a `Depthwise` record: the first channel, the end, and bytes of an output cell. */
const channelsWord = 16 + scaledWordCount + windowedWordCount + 5;

export const depthwiseConv2d: KernelRow<DepthwiseConv2d, WasmMachine> = (layer, maps, machine) => {
  const input = maps.inputs[0] as FeatureMap;
  const { output } = maps;
  const { channels } = output;
  const weights = layer.weights as Int8Array;
  const bias = layer.bias as Int32Array;
  const zeroPoint = zeroPointOf(input, layer);
  const taps = layer.kernel[0] * layer.kernel[1];
  const single = layer.depthMultiplier === 1;
  const scaled = scaledWords(machine, {
    bias: single ? biasLessZeroPoint(weights, bias, zeroPoint) : bias,
    requantization: requantizationIn(layer, channels),
    bounds: sumBounds(weights, bias, { zeroPoint, channelsLast: true, layer: layer.name }),
    zeroPoint: zeroPointOf(output, layer),
    clamp: layer.clamp,
  });
  const windowed = {
    ...windowAxes(layer, input),
    channels: input.channels,
    outputChannels: channels,
    zeroPoint,
  };
  if (!single) {
    // Each input channel is a group that makes several: the kernel of convolutions.
    const byChannel = new Int8Array(weights.length);
    for (let c = 0; c < channels; c++) {
      for (let tap = 0; tap < taps; tap++) byChannel[c * taps + tap] = weights[tap * channels + c] as number;
    }
    const parts = { ...windowed, groups: input.channels, weights: byChannel };
    const record = machine.record([...scaled, ...convolutionWords(machine, parts)]);
    return {
      run: (call) => {
        machine.write(record, call);
        writeScratch(machine, record);
        machine.int8.conv2d(record);
      },
    };
  }
  const square = isSquare(layer) ? layer.strides[1] : 0;
  const order = square > 0 ? squareOrder : Array.from({ length: taps }, (_, tap) => tap);
  // Four cells are done at once: of the last ones, up to three lie beyond the box, and so may what they read.
  machine.guard(3 * layer.strides[1] * channels);
  const lines = placeLines(layer, input, machine, 48 + Math.max(4 * 27, 32 * Math.ceil(taps / 2)));
  const paddedChannels = channels + laneSlack;
  const record = machine.record([
    ...scaled,
    ...windowedWords(windowed),
    machine.place(packWeights(weights, order, channels)),
    paddedChannels,
    taps,
    machine.place(new Int8Array(paddedChannels).fill(zeroPoint)),
    square,
    0,
    channels,
    channels,
  ]);
  const setChannels = (first: number, end: number, cellBytes: number): void => {
    const { words } = machine;
    const at = record / 4 + channelsWord;
    words[at] = first;
    words[at + 1] = end;
    words[at + 2] = cellBytes;
  };
  return {
    run: (call) => {
      machine.write(record, call);
      writeScratch(machine, record);
      machine.int8.depthwiseConv2d(record);
    },
    runInPlace: (call, scratch, channelBlock) => {
      machine.write(record, call);
      writeScratch(machine, record);
      if (machine.int8.depthwiseInPlace(record, lines()) !== 0) return;
      const { words } = machine;
      const from = machine.arenaStart + scratch;
      const region = record / 4 + 4;
      for (let first = 0; first < channels; first += channelBlock) {
        const end = Math.min(channels, first + channelBlock);
        machine.write(record, call);
        writeScratch(machine, record);
        words[region] = from - first;
        words[region + 1] = call.rowStart;
        words[region + 2] = call.columnStart;
        words[region + 3] = call.columnEnd - call.columnStart;
        setChannels(first, end, end - first);
        machine.int8.depthwiseConv2d(record);
        machine.write(record, call);
        machine.int8.spread(record, from, end - first, first, channels);
      }
      setChannels(0, channels, channels);
    },
  };
};

/** Kernels sum codes as they are: what the zero point adds to each sum is taken off beforehand. */
function biasLessZeroPoint(weights: Int8Array, bias: Int32Array, zeroPoint: number): Int32Array {
  return bias.map((value, channel) => {
    let sum = 0;
    for (let at = channel; at < weights.length; at += bias.length) sum += weights[at] as number;
    return value - zeroPoint * sum;
  });
}

/** Windows whose neighbours share columns. */
function isSquare({ kernel, strides, dilations }: DepthwiseConv2d): boolean {
  return kernel.every((size) => size === 3) && dilations.every((size) => size === 1) && strides[1] <= 2;
}

/** Taps of a 3 x 3 window in pairs: by column those of the upper rows, then those of the last row. -1: none. */
const squareOrder: readonly number[] = [0, 3, 1, 4, 2, 5, 6, 7, -1, 8];

/** Rows of pairs: for each pair of taps, by channel, both weights with 16 bits. */
function packWeights(weights: Int8Array, order: readonly number[], channels: number): Int16Array {
  const paddedChannels = channels + laneSlack;
  const packed = new Int16Array(2 * paddedChannels * Math.ceil(order.length / 2));
  order.forEach((tap, place) => {
    if (tap < 0) return;
    for (let c = 0; c < channels; c++) {
      packed[2 * (paddedChannels * (place >> 1) + c) + (place & 1)] = weights[tap * channels + c] as number;
    }
  });
  return packed;
}
