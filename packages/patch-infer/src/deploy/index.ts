export { emitC } from "./c/emitC.ts";
export type { CSource, EmitCOptions } from "./c/source.ts";
export { exportOnnx } from "./exportOnnx.ts";
export { networkGraph, patchedGraph } from "./patchedGraph.ts";
