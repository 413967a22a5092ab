import { type Graph, type GraphNode, isNode, type ValueType } from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import type { Quantization } from "../network/quantization.ts";
import { type Activation, ActivationFinder } from "./activations.ts";
import type { Constants } from "./constants.ts";
import { type Draft, float32 } from "./draft.ts";
import { Lowering, Refusal, dimsInGroups } from "./lowering.ts";
import { type AxisGroups, imageGroups, placeInGroups, rowMajorGroups } from "./placed.ts";
import { inputQuantization, movesCodes } from "./ops/codes.ts";
import { activation } from "./ops/activation.ts";
import { handlers } from "./ops/table.ts";

/** A node that is needed, and what it is taken for. */
interface Selected {
  readonly node: GraphNode;
  readonly index: number;
  readonly activation: Activation | undefined;
}

/** The nodes that the outputs need, without those that an activation takes the place of and those of constants. */
function select({ nodes, outputs }: Graph, finder: ActivationFinder, constants: Constants): Selected[] {
  const needed = new Set(outputs.map(({ value }) => value));
  const selected: Selected[] = [];
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index] as GraphNode;
    if (!node.outputs.some((name) => needed.has(name) && !constants.has(name))) continue;
    const found = finder.find(node);
    for (const name of found === undefined ? node.inputs : [found.input]) needed.add(name);
    selected.push({ node, index, activation: found });
  }
  return selected.reverse();
}

/** How an input stands in memory: images whose channels come first have them moved to the end. */
function inputGroups({ nodes, types }: Graph, input: string): AxisGroups {
  const { shape } = types[input] as ValueType;
  if (shape.length !== 4) return rowMajorGroups(shape.length);
  const reached = new Set([input]);
  for (const node of nodes) {
    if (!reached.has(node.inputs[0] ?? "")) continue;
    if (isNode(node, "transpose")) {
      // An image with its channels last, on its way to an op that wants them first.
      return node.attributes.permutation.join() === "0,3,1,2" ? rowMajorGroups(4) : imageGroups;
    }
    if (node.op === "reshape" || node.op === "matmul") return rowMajorGroups(4);
    for (const name of node.outputs) reached.add(name);
    if (node.op === "conv2d" || node.op.endsWith("Pool2d") || node.op === "resize2d") break;
  }
  return imageGroups;
}

export interface LoweredInput {
  readonly name: string;
  readonly map: string;
  readonly layout: "nchw" | "rowMajor";
}

export interface LowerNodesOptions {
  /** Images among the inputs stand the other way than one would guess. */
  readonly turned: boolean;
  /** Where the node that makes a value stands in the program as it was given, which messages speak of. */
  readonly positions: ReadonlyMap<string, number>;
}

/**
 * Turns the nodes of a prepared program into layers of a draft.
 *
 * @param given inputs from outside.
 */
export function lowerNodes(
  graph: Graph,
  given: readonly string[],
  draft: Draft,
  constants: Constants,
  { turned, positions }: LowerNodesOptions,
): { readonly at: Lowering; readonly inputs: readonly LoweredInput[] } {
  const at = new Lowering(graph, draft, constants);
  const inputs = given.map((name) => lowerInput(at, name, turned));
  const reasons: string[] = [];
  let first: Pick<Selected, "node" | "index"> | undefined;
  for (const selected of select(graph, new ActivationFinder(graph, constants), constants)) {
    const { node } = selected;
    const index = positions.get(node.outputs[0] as string) ?? selected.index;
    const needs = selected.activation === undefined ? node.inputs : [selected.activation.input];
    // What depends on something that failed is not looked at.
    if (needs.some((name) => !at.has(name) && !constants.has(name))) continue;
    try {
      lower(selected, at);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      first ??= { node, index };
      reasons.push(`node ${index} "${node.outputs[0]}" (${node.op}) ${error.message}`);
    }
  }
  if (first !== undefined) {
    throw new PatchInferError("UNSUPPORTED_OP", reasons.join("; "), {
      layer: first.node.outputs[0] as string,
      index: first.index,
    });
  }
  return { at, inputs };
}

function lower({ node, activation: found }: Selected, at: Lowering): void {
  const computed = node.inputs.filter((name) => !at.constants.has(name));
  if (!movesCodes(node)) {
    for (const name of computed)
      if (at.has(name) && at.dtype(name) !== "float32") {
        throw new Refusal(`computes with ${at.dtype(name)}`);
      }
  }
  if (found !== undefined) {
    activation(found, node.outputs[0] as string, at);
    return;
  }
  const handler = handlers[node.op as keyof typeof handlers] as
    | ((node: GraphNode, at: Lowering) => void)
    | null
    | undefined;
  if (handler === null || handler === undefined) throw new Refusal("has no layer that does it");
  handler(node, at);
}

function lowerInput(at: Lowering, name: string, turned: boolean): LoweredInput {
  const { graph, draft, constants } = at;
  const shape = at.shape(name);
  const { dtype } = graph.types[name] as ValueType;
  const batch = shape[0];
  if (shape.length > 1 && batch !== 1) {
    const message = `input "${name}" has a batch of ${batch}: give a program with a batch of 1 or an open one`;
    throw new PatchInferError("DYNAMIC_SHAPE", message, { layer: name });
  }
  if (dtype !== "float32" && dtype !== "int8" && dtype !== "uint8") {
    throw new PatchInferError("UNSUPPORTED_OP", `input "${name}" is ${dtype}: expected float32, int8 or uint8`, {
      layer: name,
    });
  }
  const guess = inputGroups(graph, name);
  const other = guess === imageGroups ? rowMajorGroups(4) : imageGroups;
  const groups = turned && shape.length === 4 ? other : guess;
  const quantization: Quantization | undefined =
    dtype === "float32" ? undefined : inputQuantization(graph, name, constants);
  const format = quantization === undefined ? float32 : ({ type: "int8", quantization } as const);
  const map = draft.addMap(name, dimsInGroups(shape, groups), format);
  at.set(name, placeInGroups(map, shape, groups));
  return { name, map, layout: groups === imageGroups ? "nchw" : "rowMajor" };
}
