export { type MaskedMatrix, maskedMatrices, sparseFormatLaw } from "./sparse.ts";
