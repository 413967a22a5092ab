import { writeOnnx } from "@parsimony/core-tensor/onnx";
import type { Model } from "../lower/networkOf.ts";
import type { Plan } from "../plan/plan.ts";
import { patchedGraph } from "./patchedGraph.ts";

/** `patchedGraph` as an ONNX file. @throws PatchInferError as `patchedGraph` */
export function exportOnnx(model: Model, plan: Plan): Uint8Array {
  return writeOnnx(patchedGraph(model, plan));
}
