import { isNode } from "../graph/rewrite.ts";
import { isGraph } from "../graph/substitute.ts";
import type { Graph, GraphNode, ValueType } from "../ops/program.ts";
import type { OpName } from "../ops/vocabulary.ts";
import { type Dim, dimsProduct, mulDims } from "../tensor/dims.ts";

type Shape = readonly Dim[];
type Rule = (inputs: readonly Shape[], output: Shape) => Dim;

/** Elements per entry of the first axis. */
const perRow = (shape: Shape): Dim => dimsProduct(shape.slice(1));

/**
 * Multiply-accumulates of the ops that are sums of products, for the shapes of inputs and first output. Cells of a
 * convolution's window that fall into the padding count, as is usual. All other ops count none: their work is
 * proportional to the elements that they read and write.
 */
const rules: { readonly [Name in OpName]?: Rule } = {
  /** One per element of the result and step along the common axis. */
  matmul: ([a = []], output) => mulDims(dimsProduct(output), a.at(-1) ?? 1),
  /** Weight [out, in / groups, height, width]: each element of the result sums a row of it. */
  conv2d: ([, weight = []], output) => mulDims(dimsProduct(output), perRow(weight)),
  /** Weight [in, out / groups, height, width]: each element of the image is spread over a row of it. */
  convTranspose2d: ([image = [], weight = []]) => mulDims(dimsProduct(image), perRow(weight)),
  /** As the convolution whose gradient it is: each element of dy meets a row of the weight. */
  conv2dWeightGrad: ([, dy = []], output) => mulDims(dimsProduct(dy), perRow(output)),
};

/** The programs that run when a node runs, and how often each: the body of a loop, the function of a custom derivative. */
export function innerPrograms(node: GraphNode): { readonly graph: Graph; readonly times: Dim }[] {
  if (isNode(node, "scan")) return [{ graph: node.attributes.body, times: node.attributes.length }];
  const { primal } = node.attributes;
  return isGraph(primal) ? [{ graph: primal, times: 1 }] : [];
}

/** Multiply-accumulates of a node itself, without the programs inside it. */
export function ownMacs({ op, inputs, outputs }: GraphNode, types: Graph["types"]): Dim {
  const rule = Object.hasOwn(rules, op) ? rules[op as OpName] : undefined;
  const shapeOf = (name: string): Shape => (types[name] as ValueType).shape;
  return rule === undefined ? 0 : rule(inputs.map(shapeOf), shapeOf(outputs[0] as string));
}
