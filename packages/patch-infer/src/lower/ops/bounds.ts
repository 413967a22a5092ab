import type { GraphNode } from "@parsimony/core-tensor";
import type { Lowering } from "../lowering.ts";
import { binary } from "./binary.ts";
import { uniform } from "./numbers.ts";
import { addClamp } from "./unary.ts";

/** `maximum` and `minimum` with one number are bounds, which layers before them can take over. */
export function bound(fn: "maximum" | "minimum"): (node: GraphNode, at: Lowering) => void {
  return (node, at) => {
    const [left, right] = node.inputs as [string, string];
    const [output] = node.outputs as [string];
    const number = uniform(at, right) ?? uniform(at, left);
    const x = at.constant(right) === undefined ? right : left;
    const sameShape = at.shape(x).join() === at.shape(output).join();
    if (number === undefined || Number.isNaN(number) || !sameShape) binary(fn)(node, at);
    else {
      const clamp = fn === "maximum" ? { min: number, max: Infinity } : { min: -Infinity, max: number };
      addClamp(at, output, clamp, at.value(x));
    }
  };
}
