export { TfliteError, type TfliteErrorCode } from "./errors.ts";
export { type TfliteOptions, readTflite } from "./read.ts";
