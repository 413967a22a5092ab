import type { Binary, Convert, Unary } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import type { KernelRow } from "../../table.ts";
import { badLayer, codeFunction, scaleOf, tableIn, zeroPointOf } from "../requantize.ts";
import { eachCell } from "./cells.ts";

export const binary: KernelRow<Binary, KernelMemory> = (layer, maps, memory) => {
  const combine = codeFunction(layer, maps);
  const channels = maps.output.channels;
  const constant = layer.constant;
  const [first, second] = maps.inputs as readonly [FeatureMap, FeatureMap | undefined];
  if (second === undefined && constant === undefined) throw badLayer(layer, "no second operand");
  return {
    run: (call) => {
      const { codes, arenaStart } = memory;
      const left = call.inputs[0] as Region;
      const right = call.inputs[1] as Region | undefined;
      eachCell(call, maps.inputs, (to, a, b) => {
        for (let c = 0; c < channels; c++) {
          const x = codes[arenaStart + left.address + a * first.channels + c] as number;
          const y =
            second === undefined
              ? ((constant as Int8Array)[(constant as Int8Array).length === 1 ? 0 : c] as number)
              : (codes[arenaStart + (right as Region).address + b * second.channels + c] as number);
          codes[arenaStart + call.output.address + to * channels + c] = combine(x, y);
        }
      });
    },
  };
};

export const unary: KernelRow<Unary | Convert, KernelMemory> = (layer, { inputs, output }, memory) => {
  const { channels } = output;
  const table = tableIn(layer, channels);
  const perChannel = table.length > 256 ? 256 : 0;
  return {
    run: (call) => {
      const { codes, arenaStart } = memory;
      const from = arenaStart + (call.inputs[0] as Region).address;
      const to = arenaStart + call.output.address;
      eachCell(call, inputs, (cell, source) => {
        for (let c = 0; c < channels; c++) {
          const code = codes[from + source * channels + c] as number;
          codes[to + cell * channels + c] = table[perChannel * c + code + 128] as number;
        }
      });
    },
  };
};

/** float32 -> int8: quotient in float32, halves to even; NaN gives the zero point. */
export const quantize: KernelRow<Convert, KernelMemory> = (layer, { inputs, output }, memory) => {
  const scale = scaleOf(output, layer);
  const zeroPoint = zeroPointOf(output, layer);
  const { channels } = output;
  // The sum has no bits below 1: its rounding is that of the machine, to even.
  const integers = 1.5 * 2 ** 52;
  return {
    run: (call) => {
      const { codes, floats, arenaStart } = memory;
      const from = (arenaStart + (call.inputs[0] as Region).address) / 4;
      const to = arenaStart + call.output.address;
      eachCell(call, inputs, (cell, source) => {
        for (let c = 0; c < channels; c++) {
          const quotient = Math.fround((floats[from + source * channels + c] as number) / scale);
          const near = Math.max(-1024, Math.min(1024, quotient));
          const code = near + integers - integers + zeroPoint;
          codes[to + cell * channels + c] = Number.isNaN(code) ? zeroPoint : Math.max(-128, Math.min(127, code));
        }
      });
    },
  };
};

/** int8 -> float32: `scale * (code - zero point)`, rounded once. */
const dequantize: KernelRow<Convert, KernelMemory> = (layer, { inputs, output }, memory) => {
  const input = inputs[0] as FeatureMap;
  const scale = scaleOf(input, layer);
  const zeroPoint = zeroPointOf(input, layer);
  const { channels } = output;
  return {
    run: (call) => {
      const { codes, floats, arenaStart } = memory;
      const from = arenaStart + (call.inputs[0] as Region).address;
      const to = (arenaStart + call.output.address) / 4;
      eachCell(call, inputs, (cell, source) => {
        for (let c = 0; c < channels; c++) {
          floats[to + cell * channels + c] = scale * ((codes[from + source * channels + c] as number) - zeroPoint);
        }
      });
    },
  };
};

/** int8 -> float32 or int8. */
export const convertCodes: KernelRow<Convert, KernelMemory> = (layer, maps, memory) =>
  (maps.output.type === "int8" ? unary : dequantize)(layer, maps, memory);
