export { type CloseOptions, type CloseVerdict, NotCloseError, allClose, assertAllClose } from "./close.ts";
export type { Mismatch } from "./mismatch.ts";
export { type ValueRange, anyDType, elements } from "./arbitraries/values.ts";
export { type ShapeOptions, broadcastingShapes, dimensions, shapes } from "./arbitraries/shapes.ts";
export { type TensorOptions, relaidOut, tensorOf, tensors } from "./arbitraries/tensors.ts";
export { trees } from "./arbitraries/trees.ts";
export { type RandomProgram, type RandomProgramOptions, randomPrograms } from "./programs/randomProgram.ts";
export type { OpCase, OpCases } from "./cases/case.ts";
export { opCases } from "./cases/index.ts";
export { type Tolerance, type ToleranceRule, opTolerances } from "./cases/tolerance.ts";
export {
  type ConformanceOptions,
  type ConformanceProgress,
  backendConformance,
} from "./conformance/backendConformance.ts";
export {
  ConformanceError,
  type ConformanceReport,
  type ConformanceSection,
  type ConformanceTotals,
  type Disagreement,
  type FormatReportOptions,
  type Unsupported,
  assertConforms,
  formatReport,
} from "./conformance/report.ts";
export {
  GradientError,
  type GradientOptions,
  type GradientVerdict,
  assertGradient,
  checkGradient,
} from "./gradients/checkGradient.ts";
export {
  type GradientLawOptions,
  type OpGradientVerdict,
  assertGradientLaws,
  gradientLaws,
} from "./gradients/gradientLaws.ts";
