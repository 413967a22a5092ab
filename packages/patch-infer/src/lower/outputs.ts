import { PatchInferError } from "../base/errors.ts";
import type { Port } from "../network/network.ts";
import type { Lowering } from "./lowering.ts";
import { imageGroups, isRowMajor, rowMajorGroups } from "./placed.ts";

/** The outputs of the program: in the order in which they stand where that is one of two, otherwise in the program's own. */
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
    const natural = at.naturalGroups(placed);
    const isImage = shape.length === 4 && natural !== undefined && (natural === imageGroups || !isRowMajor(placed));
    const groups = isImage ? imageGroups : rowMajorGroups(shape.length);
    return { name, map: at.arrange(placed, groups), shape, layout: isImage ? "nchw" : "rowMajor", dtype };
  });
}
