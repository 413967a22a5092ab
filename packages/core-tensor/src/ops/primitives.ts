import { type CastOps, castPrimitives } from "./cast/index.ts";
import { type ElementwiseOps, elementwisePrimitives } from "./elementwise/index.ts";
import { type LinalgOps, linalgPrimitives } from "./linalg/index.ts";
import { type MovementOps, movementPrimitives } from "./movement/index.ts";
import type { PrimitiveTable } from "./primitive.ts";
import { programPrimitives } from "./programs/index.ts";
import { type ReduceOps, reducePrimitives } from "./reduce/index.ts";
import type { OpAttributes } from "./vocabulary.ts";

type ProgramOps = Pick<OpAttributes, "scan" | "customVjp">;

/** Every primitive under its name. */
export const primitives: PrimitiveTable<ElementwiseOps & ReduceOps & CastOps & MovementOps & LinalgOps & ProgramOps> = {
  ...elementwisePrimitives,
  ...reducePrimitives,
  ...castPrimitives,
  ...movementPrimitives,
  ...linalgPrimitives,
  ...programPrimitives,
};
