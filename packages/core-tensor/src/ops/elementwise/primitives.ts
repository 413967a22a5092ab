import type { PrimitiveTable } from "../primitive.ts";
import type { OpAttributes } from "../vocabulary.ts";
import { type BinaryName, binaryPrimitives } from "./binaryPrimitives.ts";
import { type UnaryName, unaryPrimitives } from "./unaryPrimitives.ts";
import { whereRecord } from "./where.ts";

/** The ops of this family. */
export type ElementwiseOps = Pick<OpAttributes, UnaryName | BinaryName | "where">;

/** Records of all ops that work element by element. */
export const elementwisePrimitives: PrimitiveTable<ElementwiseOps> = {
  ...unaryPrimitives,
  ...binaryPrimitives,
  where: whereRecord,
};
