import type { DerivativeTable } from "../primitive.ts";
import type { OpAttributes } from "../vocabulary.ts";
import { castDerivatives } from "./cast.ts";
import { elementwiseDerivatives } from "./elementwise.ts";
import { linalgDerivatives } from "./linalg.ts";
import { movementDerivatives } from "./movement.ts";
import { programDerivatives } from "./programs.ts";
import { reduceDerivatives } from "./reduce.ts";

/** How every primitive is differentiated, under its name. */
export const derivatives: DerivativeTable<OpAttributes> = {
  ...elementwiseDerivatives,
  ...reduceDerivatives,
  ...castDerivatives,
  ...movementDerivatives,
  ...linalgDerivatives,
  ...programDerivatives,
};
