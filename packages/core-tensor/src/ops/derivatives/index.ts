import type { CastOps } from "../cast/index.ts";
import type { ElementwiseOps } from "../elementwise/index.ts";
import type { LinalgOps } from "../linalg/index.ts";
import type { MovementOps } from "../movement/index.ts";
import type { DerivativeTable } from "../primitive.ts";
import type { ReduceOps } from "../reduce/index.ts";
import type { OpAttributes } from "../vocabulary.ts";
import { castDerivatives } from "./cast.ts";
import { elementwiseDerivatives } from "./elementwise.ts";
import { linalgDerivatives } from "./linalg.ts";
import { movementDerivatives } from "./movement.ts";
import { programDerivatives } from "./programs.ts";
import { reduceDerivatives } from "./reduce.ts";

type ProgramOps = Pick<OpAttributes, "scan" | "customVjp">;

/** How every primitive is differentiated, under its name. */
export const derivatives: DerivativeTable<ElementwiseOps & ReduceOps & CastOps & MovementOps & LinalgOps & ProgramOps> = {
  ...elementwiseDerivatives,
  ...reduceDerivatives,
  ...castDerivatives,
  ...movementDerivatives,
  ...linalgDerivatives,
  ...programDerivatives,
};
