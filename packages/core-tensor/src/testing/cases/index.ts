import type { OpAttributes, OpName } from "../../ops/vocabulary.ts";
import { binaryCases } from "./binary.ts";
import type { OpCases } from "./case.ts";
import { castCases } from "./cast.ts";
import { linalgCases } from "./linalg.ts";
import { movementCases } from "./movement.ts";
import { programCases } from "./programs.ts";
import { reduceCases } from "./reduce.ts";
import { unaryCases } from "./unary.ts";

/** What every op is tried on. An op without a row does not compile. */
export const opCases: { readonly [Name in OpName]: OpCases<OpAttributes[Name]> } = {
  ...unaryCases,
  ...binaryCases,
  ...reduceCases,
  ...linalgCases,
  ...movementCases,
  ...castCases,
  ...programCases,
};

/** The name of every op. */
export const opNames: readonly OpName[] = Object.keys(opCases) as OpName[];
