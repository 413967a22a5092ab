import type { Tools } from "../ops/primitive.ts";
import { evaluateGraph } from "./evaluate.ts";
import { tapeVjp } from "./tape.ts";
import { capture } from "./trace.ts";

/** What the primitives that hold programs (scan, customVjp) are given to work with. */
export const tools: Tools = {
  evaluate: (graph, inputs) => evaluateGraph(graph, inputs, tools),
  capture,
  vjp: (fn, inputs) => tapeVjp(fn, inputs, tools),
};
