import type { PrimitiveTable } from "../primitive.ts";
import type { OpAttributes } from "../vocabulary.ts";
import { castRecord, stopGradientRecord } from "./cast.ts";
import { dequantizeRecord, quantizeRecord } from "./quantizeRecords.ts";

/** The ops of this family. */
export type CastOps = Pick<OpAttributes, "cast" | "quantize" | "dequantize" | "stopGradient">;

/** Records of all ops that change element types, and of `stopGradient`. */
export const castPrimitives: PrimitiveTable<CastOps> = {
  cast: castRecord,
  quantize: quantizeRecord,
  dequantize: dequantizeRecord,
  stopGradient: stopGradientRecord,
};
