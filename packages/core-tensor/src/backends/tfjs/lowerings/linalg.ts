import type { OpAttributes } from "../../../ops/vocabulary.ts";
import { type TfLoweringTable, binary, inputType, outputType } from "../lowering.ts";
import { product, productKernels } from "../product.ts";

/** Matrix products. */
export const linalgLowerings: TfLoweringTable<Pick<OpAttributes, "matmul">> = {
  matmul: binary(productKernels, (c, a, b) => product(c, a, b, outputType(c).shape.slice(0, -2), inputType(c).dtype)),
};
