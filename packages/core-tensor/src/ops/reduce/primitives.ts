import type { PrimitiveTable } from "../primitive.ts";
import type { OpAttributes } from "../vocabulary.ts";
import { argMaxRecord, argMinRecord } from "./argExtreme.ts";
import { cumsumRecord, logSoftmaxRecord, softmaxRecord } from "./lineOps.ts";
import { sortRecord, topKRecord } from "./ordering.ts";
import { type ReduceName, reductionPrimitives } from "./reductionRecords.ts";

/** The ops of this family. */
export type ReduceOps = Pick<
  OpAttributes,
  ReduceName | "argMax" | "argMin" | "topK" | "sort" | "cumsum" | "softmax" | "logSoftmax"
>;

/** Records of all ops that work along axes. */
export const reducePrimitives: PrimitiveTable<ReduceOps> = {
  ...reductionPrimitives,
  argMax: argMaxRecord,
  argMin: argMinRecord,
  topK: topKRecord,
  sort: sortRecord,
  cumsum: cumsumRecord,
  softmax: softmaxRecord,
  logSoftmax: logSoftmaxRecord,
};
