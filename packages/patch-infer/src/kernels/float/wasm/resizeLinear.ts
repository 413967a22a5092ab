import type { LayerMaps } from "../../../layers/rule.ts";
import type { Resize2d } from "../../../network/layer.ts";
import type { PreparedLayer } from "../../table.ts";
import type { WasmMachine } from "../../wasmMachine.ts";

export function wasmResizeLinear(
  { rows, columns }: Resize2d,
  { output }: LayerMaps,
  machine: WasmMachine,
): PreparedLayer {
  const tables = [rows, columns].flatMap(({ low, high, share }) => [low, high, share]);
  const record = machine.record([output.channels, ...tables.map((table) => machine.place(table))]);
  return {
    run: (call) => {
      machine.write(record, call);
      machine.float.resizeLinear(record);
    },
  };
}
