import { PatchInferError } from "../base/errors.ts";
import type { Port } from "../network/network.ts";
import type { Lowering } from "./lowering.ts";
import { imageGroups, rowMajorGroups } from "./placed.ts";

/** The outputs of the program. Images stand with their channels last, unless that takes more layers than the program's own order. */
export function outputPorts(at: Lowering): Port[] {
  return at.graph.outputs.map(({ name, value }): Port => {
    if (!at.has(value)) {
      throw new PatchInferError("UNSUPPORTED_OP", `output "${name}" is a constant`, { layer: name });
    }
    const placed = at.value(value);
    const shape = at.shape(value);
    const dtype = at.dtype(value);
    if (dtype !== "float32" && dtype !== "int8" && dtype !== "uint8") {
      throw new PatchInferError("UNSUPPORTED_OP", `output "${name}" is ${dtype}`, { layer: name });
    }
    const isImage = shape.length === 4 && at.movesTo(placed, imageGroups) <= at.movesTo(placed, rowMajorGroups(4));
    const groups = isImage ? imageGroups : rowMajorGroups(shape.length);
    return { name, map: at.arrange(placed, groups), shape, layout: isImage ? "nchw" : "rowMajor", dtype };
  });
}
