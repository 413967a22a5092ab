import type { Graph } from "@parsimony/core-tensor";
import { type WriteOnnxOptions, writeOnnx } from "@parsimony/core-tensor/onnx";
import { type Mask, applyMask } from "../../mask/mask.ts";

export type WriteSparseOnnxOptions = Omit<WriteOnnxOptions, "sparse">;

/**
 * The bytes of an `.onnx` file that computes a program with masked weights, in which constants of 1 KiB and more are sparse
 * initialisers where that is shorter: 5 to 8 bytes per weight that is not +0 in place of 4 per weight. Only the file is smaller:
 * engines expand the weights when they load it, and then compute with all the zeros.
 *
 * @param mask by the names of the graph's constants.
 * @throws LotteryError E_MASK when the mask does not fit; whatever `writeOnnx` of core-tensor throws.
 */
export function writeSparseOnnx(
  graph: Graph,
  mask: Mask,
  options: WriteSparseOnnxOptions = {},
): Uint8Array<ArrayBuffer> {
  const constants = applyMask(graph.constants, mask);
  return writeOnnx({ ...graph, constants }, { ...options, sparse: true });
}
