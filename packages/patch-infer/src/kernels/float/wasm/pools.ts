import type { LayerMaps } from "../../../layers/rule.ts";
import type { AveragePool2d, GlobalPool, MaxPool2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { PreparedLayer } from "../../table.ts";
import { callWords, type WasmMachine } from "../../wasmMachine.ts";
import { pooling } from "../../wasmPooling.ts";
import { floatBits } from "./floatBits.ts";

export function wasmMaxPool2d(layer: MaxPool2d, maps: LayerMaps, machine: WasmMachine): PreparedLayer {
  const record = poolRecord(layer, maps, machine, 0);
  return {
    run: (call) => {
      machine.write(record, call);
      machine.float.maxPool2d(record);
    },
  };
}

export function wasmAveragePool2d(layer: AveragePool2d, maps: LayerMaps, machine: WasmMachine): PreparedLayer {
  const divisor = layer.countIncludePad ? layer.kernel[0] * layer.kernel[1] : 0;
  const record = poolRecord(layer, maps, machine, divisor);
  return {
    run: (call) => {
      machine.write(record, call);
      machine.float.averagePool2d(record);
    },
  };
}

function poolRecord(
  { kernel, strides, dilations, padBefore, clamp }: MaxPool2d | AveragePool2d,
  { inputs }: LayerMaps,
  machine: WasmMachine,
  divisor: number,
): number {
  const { height, width, channels } = inputs[0] as FeatureMap;
  const window = [...kernel, ...strides, ...dilations, ...padBefore];
  return machine.record([height, width, channels, ...window, floatBits(clamp.min), floatBits(clamp.max), divisor]);
}

export function wasmGlobalPool({ fn, clamp }: GlobalPool, { inputs }: LayerMaps, machine: WasmMachine): PreparedLayer {
  const { height, width, channels } = inputs[0] as FeatureMap;
  const bounds = [floatBits(clamp.min), floatBits(clamp.max)];
  const fields = [height, width, channels, ...bounds, { max: 0, sum: 1, mean: 2 }[fn]];
  const record = machine.record([...fields, 0, 0]);
  return pooling(machine, record, callWords + fields.length, { height, width }, () => machine.float.globalPool(record));
}
