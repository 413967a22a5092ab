import type { Conv2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import { sumBounds } from "../../../network/quantization.ts";
import type { KernelRow } from "../../table.ts";
import type { WasmMachine } from "../../wasmMachine.ts";
import { requantizationIn, zeroPointOf } from "../requantize.ts";
import { additionAt, additionWord, convolutionWords } from "./convolution.ts";
import { pairwiseWords } from "./pairwise.ts";
import { scaledWords, writeScratch } from "./scaled.ts";
import { windowAxes } from "./windowAxis.ts";

export const conv2d: KernelRow<Conv2d, WasmMachine> = (layer, maps, machine) => {
  const input = maps.inputs[0] as FeatureMap;
  const { output } = maps;
  const weights = layer.weights as Int8Array;
  const bias = layer.bias as Int32Array;
  const zeroPoint = zeroPointOf(input, layer);
  const record = machine.record([
    ...scaledWords(machine, {
      bias,
      requantization: requantizationIn(layer, output.channels),
      bounds: sumBounds(weights, bias, { zeroPoint, layer: layer.name }),
      zeroPoint: zeroPointOf(output, layer),
      clamp: layer.clamp,
    }),
    ...convolutionWords(machine, {
      ...windowAxes(layer, input),
      channels: input.channels,
      outputChannels: output.channels,
      zeroPoint,
      groups: layer.groups,
      weights,
    }),
  ]);
  return {
    run: (call) => {
      machine.write(record, call);
      writeScratch(machine, record);
      machine.int8.conv2d(record);
    },
    runAccumulating: (call, add, addMaps) => {
      const { words, scratchStart } = machine;
      machine.write(record, call);
      writeScratch(machine, record);
      words.set(pairwiseWords(add, addMaps), (scratchStart + additionAt) / 4 + 16);
      words[record / 4 + additionWord] = scratchStart + additionAt;
      words[record / 4 + additionWord + 1] = add.inputs[0] === layer.output ? 0 : 1;
      machine.int8.conv2d(record);
      words[record / 4 + additionWord] = 0;
    },
  };
};
