import { evaluateGraph } from "../../../graph/evaluate.ts";
import { GraphRecorder } from "../../../graph/recorder.ts";
import { tools } from "../../../graph/tools.ts";
import { iotaPrimitive } from "../../../ops/movement/iota.ts";
import type { Graph } from "../../../ops/program.ts";
import type { Dim } from "../../../tensor/dims.ts";
import { byteLength } from "../../../tensor/dtype.ts";
import type { HostTensor } from "../../../tensor/host.ts";
import { sizeOf } from "../../../tensor/shape.ts";
import { type Tensor, isTensor } from "../../../tensor/tensor.ts";
import type { NodeProto } from "../schema.ts";
import { NodeContext, type OperatorReader, type Surroundings } from "./context.ts";
import { unsupported } from "./unsupported.ts";
import { type Value, isConstant, isKnownDims } from "./value.ts";

/**
 * Nodes whose values take more bytes than this together are left to `simplify`: shapes, scalars and tables are computed
 * while a model is read, weights keep their names, and a small file cannot ask for much work or memory.
 */
const foldLimit = 1 << 16;

/**
 * The results of a node whose inputs are all constants, computed now; `undefined` where that would be too large, or
 * where results are no constants.
 */
export function foldNode(
  node: NodeProto,
  opset: number,
  inputs: readonly (Value | undefined)[],
  reader: OperatorReader,
  surroundings: Pick<Surroundings, "constant">,
): (HostTensor | undefined)[] | undefined {
  if (!inputs.every((input) => input === undefined || (isConstant(input) && bytesOf(input) <= foldLimit)))
    return undefined;
  const recorder = new GraphRecorder(node.opType);
  const context = new NodeContext(node, opset, inputs, {
    ...surroundings,
    tensor: (value) =>
      isKnownDims(value) || !isConstant(value) ? unsupported("a value that is no constant") : recorder.constant(value),
    live: (dim) => numeric(dim),
    iota: (length, dtype) => recorder.record(iotaPrimitive, [], { length, dtype })[0] as Tensor,
    body: () => unsupported("a graph in a constant"),
  });
  const results = [reader(context)].flat() as (Value | undefined)[];
  if (!results.every((result) => result === undefined || isTensor(result))) return undefined;
  const made = results.flatMap((value, i) =>
    value === undefined ? [] : [{ name: String(i), value: value as Tensor }],
  );
  const { graph, captures } = recorder.finish(made);
  if (captures.length > 0 || graphBytes(graph) > foldLimit) return undefined;
  const values = evaluate(graph);
  if (values === undefined) return undefined;
  const folded: (HostTensor | undefined)[] = results.map(() => undefined);
  made.forEach(({ name }, i) => {
    folded[Number(name)] = values[i] as HostTensor;
  });
  return folded;
}

/** The outputs; `undefined` where int64 leaves the range in which the reference is exact: engines have all of it. */
function evaluate(graph: Graph): HostTensor[] | undefined {
  try {
    return evaluateGraph(graph, [], tools) as HostTensor[];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function numeric(dim: Dim): number {
  return typeof dim === "number" ? dim : unsupported(`the dimension "${dim}" in a constant`);
}

function bytesOf({ dtype, shape }: { readonly dtype: HostTensor["dtype"]; readonly shape: readonly number[] }): number {
  return byteLength(dtype, sizeOf(shape));
}

/** Bytes of every value that a program without inputs makes. */
function graphBytes(graph: Graph): number {
  return Object.values(graph.types).reduce(
    (sum, { dtype, shape }) => sum + bytesOf({ dtype, shape: shape.map(numeric) }),
    0,
  );
}
