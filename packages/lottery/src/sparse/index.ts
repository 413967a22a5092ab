export { type CsrMatrix, checkCsr, csrBytes, csrFromDense, csrToDense } from "./formats/csr.ts";
export type { IndexArray } from "./formats/parts.ts";
