import type { Graph } from "../../ops/program.ts";
import { expectGraph } from "../expectGraph.ts";
import { copyGraph, isNode } from "../rewrite.ts";
import { shareCommonSubexpressions } from "./commonSubexpressions.ts";
import { removeDeadCode } from "./deadCode.ts";
import { foldConstants } from "./fold.ts";
import { removeIdentities } from "./identities.ts";
import { inlinePrograms } from "./inline.ts";

/**
 * The same function as a smaller program: custom-derivative bodies inlined, identities and repeated computations
 * removed, constants folded, unused values dropped; bodies of scans too. Outputs keep their bits in the
 * reference; inputs and outputs keep their names.
 *
 * For programs that are to be run: rules of `customVjp` and the borders of `stopGradient` are gone afterwards, so a
 * program is differentiated before it is simplified.
 */
export function simplify(graph: Graph): Graph {
  expectGraph("simplify", graph);
  const bodies = copyGraph(inlinePrograms(graph), (node, builder) =>
    isNode(node, "scan")
      ? builder.add("scan", node.inputs, { ...node.attributes, body: simplify(node.attributes.body) }, node.outputs)
      : undefined,
  );
  const live = removeDeadCode(bodies);
  return removeDeadCode(shareCommonSubexpressions(foldConstants(removeIdentities(live))));
}
