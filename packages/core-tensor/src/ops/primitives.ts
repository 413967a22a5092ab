import { castPrimitives } from "./cast/index.ts";
import { elementwisePrimitives } from "./elementwise/index.ts";
import { linalgPrimitives } from "./linalg/index.ts";
import { movementPrimitives } from "./movement/index.ts";
import type { PrimitiveTable } from "./primitive.ts";
import { programPrimitives } from "./programs/index.ts";
import { reducePrimitives } from "./reduce/index.ts";
import type { OpAttributes } from "./vocabulary.ts";

/** Every primitive under its name. */
export const primitives: PrimitiveTable<OpAttributes> = {
  ...elementwisePrimitives,
  ...reducePrimitives,
  ...castPrimitives,
  ...movementPrimitives,
  ...linalgPrimitives,
  ...programPrimitives,
};
