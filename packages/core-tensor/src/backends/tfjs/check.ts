import type { Graph, GraphNode, ValueType } from "../../ops/program.ts";
import type { DType } from "../../tensor/dtype.ts";
import { carrierOf, firstBeyondInt32 } from "./carriers.ts";
import type { Tf } from "./engine.ts";
import { loweringOf } from "./lowerings/index.ts";

/** Every op needs these: copies, shapes and conversions. */
const common: readonly string[] = ["Identity", "Reshape", "Cast"];

/** Why TensorFlow.js cannot hold values of a dtype. */
export function dtypeReason(dtype: DType, where: string): string {
  return `${dtype} (${where}): TensorFlow.js has float32, int32 and bool only; cast to float32 before`;
}

/** The kernels that a node asks of the engine. */
function kernelsOf(graph: Graph, node: GraphNode): readonly string[] {
  const lowering = loweringOf(node.op);
  if (lowering === undefined) return [];
  if (typeof lowering.kernels !== "function") return lowering.kernels;
  return lowering.kernels({
    attributes: node.attributes,
    inputTypes: node.inputs.map((name) => graph.types[name] as ValueType),
  });
}

/** Everything in a program, and in the programs inside it, that the engine's backend cannot run: a sentence each. */
export function unsupported(tf: Tf, device: string, graph: Graph): string[] {
  const reasons = new Set<string>();
  const valuesOf = new Map<DType, string[]>();
  const missing = (op: string, kernel: string): void => {
    if (tf.getKernel(kernel, device) === undefined) {
      reasons.add(
        `op "${op}": needs the kernel "${kernel}", which the backend "${device}" of TensorFlow.js does not have`,
      );
    }
  };
  const visit = (program: Graph): void => {
    for (const [name, { dtype }] of Object.entries(program.types)) {
      if (carrierOf(dtype) === undefined) valuesOf.set(dtype, [...(valuesOf.get(dtype) ?? []), `"${name}"`]);
    }
    for (const [name, value] of Object.entries(program.constants)) {
      const at = firstBeyondInt32(value);
      if (at >= 0)
        reasons.add(`constant "${name}": element ${at} is beyond int32, which carries int64 in TensorFlow.js`);
    }
    for (const node of program.nodes) {
      const lowering = loweringOf(node.op);
      if (lowering === undefined) reasons.add(`op "${node.op}": unknown`);
      for (const kernel of kernelsOf(program, node)) missing(node.op, kernel);
      for (const key of lowering?.programs ?? []) visit(node.attributes[key] as Graph);
    }
  };
  visit(graph);
  for (const kernel of common) missing("any", kernel);
  for (const [dtype, names] of valuesOf) {
    const more = names.length > 4 ? ` and ${names.length - 4} more` : "";
    reasons.add(dtypeReason(dtype, `${names.slice(0, 4).join(", ")}${more}`));
  }
  return [...reasons];
}
