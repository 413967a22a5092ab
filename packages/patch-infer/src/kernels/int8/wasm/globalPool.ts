import type { GlobalPool } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { KernelRow } from "../../table.ts";
import { callWords, type WasmMachine } from "../../wasmMachine.ts";
import { pooling } from "../../wasmPooling.ts";
import { needSameScale, requantizationIn, zeroPointOf } from "../requantize.ts";
import { placeLanes, writeScratch } from "./scaled.ts";

/** A record of `Global` in pools.as: one multiplier and shift, which the kernel takes the slow way. */
export const globalPool: KernelRow<GlobalPool, WasmMachine> = (layer, maps, machine) => {
  const input = maps.inputs[0] as FeatureMap;
  const largest = layer.fn === "max";
  if (largest) needSameScale(layer, maps);
  const factor = largest ? undefined : requantizationIn(layer, 1);
  machine.scratch(32);
  const fields = [
    0,
    0,
    factor === undefined ? 0 : machine.place(factor.multiplier),
    factor === undefined ? 0 : machine.place(factor.shift),
    0,
    placeLanes(machine, 0, layer.clamp),
    0,
    zeroPointOf(maps.output, layer),
    layer.clamp.min,
    layer.clamp.max,
    input.height,
    input.width,
    input.channels,
    zeroPointOf(input, layer),
    largest ? 1 : 0,
  ];
  const record = machine.record([...fields, 0, 0]);
  return pooling(machine, record, callWords + fields.length, input, () => {
    writeScratch(machine, record);
    machine.int8.globalPool(record);
  });
};
