import type { AveragePool2d, MaxPool2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { KernelRow } from "../../table.ts";
import type { WasmMachine } from "../../wasmMachine.ts";
import { needSameScale, zeroPointOf } from "../requantize.ts";
import { averagePool2d as wideAveragePool2d } from "../typescript/pool2d.ts";
import { placeLanes } from "./scaled.ts";
import { windowAxes } from "./windowAxis.ts";
import { windowedWords } from "./windowed.ts";

export const maxPool2d: KernelRow<MaxPool2d, WasmMachine> = (layer, maps, machine) => {
  const record = poolRecord(layer, maps, machine, 0);
  return {
    run: (call) => {
      machine.write(record, call);
      machine.int8.maxPool2d(record);
    },
  };
};

/** Up to here the quotients of floats that the compiled kernel divides by are exact enough: sums stay below 2^24. */
const mostCells = 65_536;

export const averagePool2d: KernelRow<AveragePool2d, WasmMachine> = (layer, maps, machine) => {
  if (layer.kernel[0] * layer.kernel[1] > mostCells) return wideAveragePool2d(layer, maps, machine);
  const record = poolRecord(layer, maps, machine, layer.countIncludePad ? layer.kernel[0] * layer.kernel[1] : 0);
  return {
    run: (call) => {
      machine.write(record, call);
      machine.int8.averagePool2d(record);
    },
  };
};

/** A record of `Pool` in pools.as: nothing is scaled. */
function poolRecord(
  layer: MaxPool2d | AveragePool2d,
  maps: Parameters<KernelRow<MaxPool2d, WasmMachine>>[1],
  machine: WasmMachine,
  whole: number,
): number {
  needSameScale(layer, maps);
  const input = maps.inputs[0] as FeatureMap;
  const { channels } = input;
  const zeroPoint = zeroPointOf(input, layer);
  const { min, max } = layer.clamp;
  return machine.record([
    ...[0, 0, 0, 0, 0, placeLanes(machine, zeroPoint, layer.clamp), 1, zeroPoint, min, max],
    ...windowedWords({ ...windowAxes(layer, input), channels, outputChannels: channels, zeroPoint }),
    whole,
  ]);
}
