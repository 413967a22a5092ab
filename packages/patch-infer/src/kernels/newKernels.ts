import { PatchInferError } from "../base/errors.ts";
import type { LayerMaps } from "../layers/rule.ts";
import type { Binary } from "../network/layer.ts";
import type { Network } from "../network/network.ts";
import type { Kernels } from "./kernels.ts";
import type { PreparedLayer, PreparedNetwork } from "./table.ts";

/** Kernels that run prepared layers over an arena. */
export function newKernels(
  network: Network,
  { layers, maps }: PreparedNetwork,
  { engine, arena, constantBytes }: Pick<Kernels, "engine" | "arena" | "constantBytes">,
): Kernels {
  const impossible = (index: number, what: string): PatchInferError => {
    const { name, kind } = network.layers[index] ?? { name: "?", kind: "no layer" };
    return new PatchInferError("UNSUPPORTED_OP", `layer ${index} "${name}" (${kind}) cannot ${what}`, {
      layer: name,
      index,
    });
  };
  return {
    engine,
    arena,
    constantBytes,
    run: (index, call) => (layers[index] as PreparedLayer).run(call),
    runAccumulating: (index, add, call) => {
      const run = layers[index]?.runAccumulating;
      if (run === undefined) throw impossible(index, "add to its output");
      run(call, network.layers[add] as Binary, maps[add] as LayerMaps);
    },
    runInPlace: (index, call, scratch, channelBlock) => {
      const run = layers[index]?.runInPlace;
      if (run === undefined) throw impossible(index, "overwrite its input");
      run(call, scratch, channelBlock);
    },
    runPooling: (index, call, sums, isFirst, isLast) => {
      const run = layers[index]?.runPooling;
      if (run === undefined) throw impossible(index, "pool patch by patch");
      run(call, sums, isFirst, isLast);
    },
  };
}
