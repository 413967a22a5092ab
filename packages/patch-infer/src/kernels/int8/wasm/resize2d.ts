import type { Resize2d } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { KernelRow } from "../../table.ts";
import type { WasmMachine } from "../../wasmMachine.ts";
import { needSameScale, sharesIn1024ths } from "../requantize.ts";

/** A record of `Resize` in resize.as. */
export const resize2d: KernelRow<Resize2d, WasmMachine> = (layer, maps, machine) => {
  needSameScale(layer, maps);
  const { rows, columns } = layer;
  const record = machine.record([
    (maps.inputs[0] as FeatureMap).channels,
    machine.place(rows.low),
    machine.place(rows.high),
    machine.place(sharesIn1024ths(rows.share)),
    machine.place(columns.low),
    machine.place(columns.high),
    machine.place(sharesIn1024ths(columns.share)),
  ]);
  return {
    run: (call) => {
      machine.write(record, call);
      machine.int8.resize2d(record);
    },
  };
};
