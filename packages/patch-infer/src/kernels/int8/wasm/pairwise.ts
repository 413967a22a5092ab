import { PatchInferError } from "../../../base/errors.ts";
import type { LayerMaps } from "../../../layers/rule.ts";
import type { Binary, BinaryFunction } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { KernelRow } from "../../table.ts";
import type { WasmMachine } from "../../wasmMachine.ts";
import { badLayer, binaryRequantization, binaryZeroPoints, codeFunction } from "../requantize.ts";

const functions: Readonly<Partial<Record<BinaryFunction, number>>> = {
  add: 0,
  sub: 1,
  rsub: 2,
  mul: 3,
  minimum: 4,
  maximum: 5,
};

/** The words of `Pairwise` in pairwise.as up to `channels`. */
export function pairwiseWords(layer: Binary, maps: LayerMaps): number[] {
  const fn = functions[layer.fn];
  if (fn === undefined) {
    throw new PatchInferError("UNSUPPORTED_OP", `layer ${layer.name}: there is no int8 kernel for ${layer.fn}`, {
      layer: layer.name,
    });
  }
  const { min, max } = layer.clamp;
  const channels = maps.output.channels;
  if (fn >= 4) return [fn, 0, 0, 0, 0, min, max, 0, 0, 0, 0, 0, 0, channels];
  const { left, right, output } = binaryZeroPoints(layer, maps);
  const { leftShift, multipliers, shifts } = binaryRequantization(layer);
  const factors = multipliers.flatMap((multiplier, i) => [multiplier, shifts[i] as number]);
  return [fn, leftShift, left, right, output, min, max, ...factors, channels];
}

export const binary: KernelRow<Binary, WasmMachine> = (layer, maps, machine) => {
  // The same refusals as in TypeScript.
  codeFunction(layer, maps);
  const { inputs, output } = maps;
  const [left, right] = inputs as readonly [FeatureMap, FeatureMap | undefined];
  const { constant } = layer;
  if (right === undefined && constant === undefined) throw badLayer(layer, "no second operand");
  const oneCell = (map: FeatureMap): number => (map.height === output.height && map.width === output.width ? 0 : 1);
  const cell = new Int8Array(output.channels + 16);
  for (let c = 0; c < output.channels; c++) cell[c] = constant?.[constant.length === 1 ? 0 : c] ?? 0;
  const record = machine.record([
    ...pairwiseWords(layer, maps),
    oneCell(left),
    right === undefined ? 2 : oneCell(right),
    right === undefined ? machine.place(cell) : 0,
  ]);
  return {
    run: (call) => {
      machine.write(record, call);
      machine.int8.binary(record);
    },
  };
};
