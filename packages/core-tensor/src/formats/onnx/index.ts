export type { WriteOnnxOptions } from "./lowerModel.ts";
export { writeOnnx } from "./write.ts";
