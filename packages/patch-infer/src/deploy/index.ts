export { emitC } from "./c/emitC.ts";
export type { CSource, EmitCOptions } from "./c/source.ts";
