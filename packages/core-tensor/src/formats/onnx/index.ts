export type { ExternalData } from "./external.ts";
export { OnnxError, type OnnxErrorCode } from "./error.ts";
export type { WriteOnnxOptions } from "./lowerModel.ts";
export { type ReadOnnxOptions, readOnnx } from "./read.ts";
export { writeOnnx } from "./write.ts";
export { type OnnxWithData, type WriteOnnxWithDataOptions, writeOnnxWithData } from "./writeWithData.ts";
