import type { Convert, Unary } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { KernelRow } from "../../table.ts";
import type { WasmMachine } from "../../wasmMachine.ts";
import { scaleOf, tableIn, zeroPointOf } from "../requantize.ts";

/** The words of `Cells` in cellwise.as. */
function cellsRecord(machine: WasmMachine, channels: number, words: CellsWords): number {
  const { table = 0, perChannel = 0, scale = 0, zeroPoint = 0 } = words;
  const [scaleBits] = new Int32Array(Float32Array.of(scale).buffer);
  return machine.record([channels, table, perChannel, scaleBits as number, zeroPoint]);
}

interface CellsWords {
  readonly table?: number;
  readonly perChannel?: number;
  readonly scale?: number;
  readonly zeroPoint?: number;
}

export const unary: KernelRow<Unary | Convert, WasmMachine> = (layer, { output }, machine) => {
  const table = tableIn(layer, output.channels);
  const perChannel = table.length > 256 ? 256 : 0;
  const record = cellsRecord(machine, output.channels, { table: machine.place(table), perChannel });
  return {
    run: (call) => {
      machine.write(record, call);
      machine.int8.unary(record);
    },
  };
};

export const quantize: KernelRow<Convert, WasmMachine> = (layer, { output }, machine) => {
  const words = { scale: scaleOf(output, layer), zeroPoint: zeroPointOf(output, layer) };
  const record = cellsRecord(machine, output.channels, words);
  return {
    run: (call) => {
      machine.write(record, call);
      machine.int8.quantize(record);
    },
  };
};

const dequantize: KernelRow<Convert, WasmMachine> = (layer, { inputs }, machine) => {
  const input = inputs[0] as FeatureMap;
  const words = { scale: scaleOf(input, layer), zeroPoint: zeroPointOf(input, layer) };
  const record = cellsRecord(machine, input.channels, words);
  return {
    run: (call) => {
      machine.write(record, call);
      machine.int8.dequantize(record);
    },
  };
};

/** int8 -> float32 or int8. */
export const convertCodes: KernelRow<Convert, WasmMachine> = (layer, maps, machine) =>
  (maps.output.type === "int8" ? unary : dequantize)(layer, maps, machine);
