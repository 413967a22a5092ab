export { type BcsrMatrix, type BcsrOptions, bcsrFromDense, bcsrToDense, checkBcsr } from "./formats/bcsr.ts";
export { type BitmapMatrix, bitmapFromDense, bitmapToDense, checkBitmap } from "./formats/bitmap.ts";
export {
  type ChooseFormatOptions,
  type ChosenFormat,
  type SparseCandidate,
  type SparseCandidateName,
  chooseFormat,
  sparseCandidates,
} from "./formats/choose.ts";
export { type CsrMatrix, checkCsr, csrBytes, csrFromDense, csrToDense } from "./formats/csr.ts";
export { type DeltaMatrix, type DeltaOptions, checkDelta, deltaFromDense, deltaToDense } from "./formats/delta.ts";
export { type DenseMatrix, denseFromDense } from "./formats/dense.ts";
export { type NmMatrix, type NmOptions, checkNm, nmFromDense, nmToDense } from "./formats/nm.ts";
export type { IndexArray } from "./formats/parts.ts";
export {
  type SparseFormatName,
  type SparseMatrix,
  checkSparse,
  sparseBytes,
  sparseToDense,
} from "./formats/table.ts";
export {
  type CompressTensorsOptions,
  type Compressed,
  type CompressedReport,
  type CompressedTensors,
  compressTensors,
} from "./files/compress.ts";
export {
  type DenseTensorsOptions,
  type SparseSafetensors,
  denseTensors,
  readSparseSafetensors,
} from "./files/readSafetensors.ts";
export {
  type ChosenTensor,
  type SparseTensor,
  type SparseTensorOptions,
  denseTensor,
  sparseTensor,
} from "./files/sparseTensor.ts";
export { type WriteSparseSafetensorsOptions, writeSparseSafetensors } from "./files/writeSafetensors.ts";
export { type WriteSparseOnnxOptions, writeSparseOnnx } from "./files/onnx.ts";
export type { LayoutName } from "./kernels/layout.ts";
export { type CompileSparseOptions, compileSparse } from "./model/compileSparse.ts";
export type { SparseLayerReport, SparseModelReport } from "./model/report.ts";
export type { SparseModel } from "./model/sparseModel.ts";
