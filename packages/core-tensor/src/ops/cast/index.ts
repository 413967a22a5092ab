export { type CastOps, castPrimitives } from "./primitives.ts";
export { cast, stopGradient } from "./cast.ts";
export { type QuantizeOptions, dequantize, quantize } from "./quantize.ts";
