import type { OpAttributes, OpName } from "../../../ops/vocabulary.ts";
import type { TfLowering, TfLoweringTable } from "../lowering.ts";
import { binaryLowerings } from "./binary.ts";
import { convolutionLowerings } from "./convolution.ts";
import { indexingLowerings } from "./indexing.ts";
import { linalgLowerings } from "./linalg.ts";
import { movementLowerings } from "./movement.ts";
import { orderLowerings } from "./order.ts";
import { poolLowerings } from "./pool.ts";
import { programLowerings } from "./programs.ts";
import { reduceLowerings } from "./reduce.ts";
import { resizeLowerings } from "./resize.ts";
import { typeLowerings } from "./types.ts";
import { unaryLowerings } from "./unary.ts";

/** How TensorFlow.js computes every op of the vocabulary: an op that is missing here does not compile. */
export const lowerings: TfLoweringTable<OpAttributes> = {
  ...unaryLowerings,
  ...binaryLowerings,
  ...reduceLowerings,
  ...orderLowerings,
  ...linalgLowerings,
  ...convolutionLowerings,
  ...poolLowerings,
  ...resizeLowerings,
  ...movementLowerings,
  ...indexingLowerings,
  ...typeLowerings,
  ...programLowerings,
};

/** The lowering of an op by name; `undefined` for a name that is none. A node's attributes belong to its op. */
export function loweringOf(op: string): TfLowering<object> | undefined {
  return Object.hasOwn(lowerings, op)
    ? (lowerings[op as OpName] as TfLowering<never> as TfLowering<object>)
    : undefined;
}
