import type { Graph } from "../../ops/program.ts";
import { copyGraph, inlineGraph, isNode } from "../rewrite.ts";

/** Puts the bodies of custom-derivative nodes in their place: once a program is to be run, their rule has done its work. */
export function inlinePrograms(graph: Graph): Graph {
  return copyGraph(graph, (node, builder) => {
    if (isNode(node, "customVjp")) return inlineGraph(builder, inlinePrograms(node.attributes.primal), node.inputs);
    return undefined;
  });
}
