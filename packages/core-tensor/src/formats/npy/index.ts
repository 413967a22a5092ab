export { NpyError, type NpyErrorCode } from "./error.ts";
export { readNpy } from "./read.ts";
export { type ReadNpzOptions, readNpz } from "./readNpz.ts";
export { writeNpy } from "./write.ts";
export { type WriteNpzOptions, writeNpz } from "./writeNpz.ts";
