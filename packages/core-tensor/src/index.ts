export { fromBytes, fromTensorData, tensor, toHost, toHostTree } from "./tensor/create.ts";
export type { NdArrayLike, OrtTensorLike, TensorLike, TensorOptions, TfTensorLike } from "./tensor/create.ts";
export { type DType, type DTypeInfo, byteLength, dtypes, isDType, isFloat, isInteger } from "./tensor/dtype.ts";
export { type Dim, canonicalDim, evaluateDim } from "./tensor/dims.ts";
export {
  ArgumentError,
  AxisError,
  CoreTensorError,
  DTypeError,
  DeviceError,
  FormatError,
  GraphError,
  OpError,
  ShapeError,
  TraceError,
  UnsupportedError,
} from "./tensor/errors.ts";
export { type NestedArray, type Residence, Tensor, type TensorData, isTensor, residence } from "./tensor/tensor.ts";
export { HostTensor, isHostTensor } from "./tensor/host.ts";
export { DeviceTensor, type DeviceHandle, isDeviceTensor } from "./tensor/device.ts";
export {
  type FlatTree,
  type MapTree,
  type Tree,
  disposeTree,
  flattenTree,
  mapTree,
  mapTrees,
  treeLeaves,
  unflattenTree,
} from "./tensor/tree.ts";
export * as random from "./tensor/random/index.ts";

export * from "./ops/index.ts";
export type { Operand } from "./ops/operand.ts";
export type { Attribute, Attributes, Graph, GraphNode, GraphOutput, ValueType } from "./ops/program.ts";
export type { OpAttributes, OpName } from "./ops/vocabulary.ts";
export { primitives } from "./ops/primitives.ts";

export { GraphBuilder } from "./graph/builder.ts";
export { checkGraph } from "./graph/check.ts";
export { type CustomVjpRule, customVjp } from "./graph/customVjp.ts";
export { fingerprint, fingerprintGraph, fingerprintText, fingerprintTree } from "./graph/fingerprint.ts";
export { freeze } from "./graph/freeze.ts";
export { type GradOptions, grad, valueAndGrad, vjp } from "./graph/grad.ts";
export { type InterpretOptions, interpret } from "./graph/interpret.ts";
export { graphToDot, printGraph } from "./graph/print.ts";
export { renameValues } from "./graph/rename.ts";
export { type NodeOf, copyGraph, inlineGraph, isNode, rewriteGraph } from "./graph/rewrite.ts";
export { type ScanOptions, scan } from "./graph/scan.ts";
export { simplify } from "./graph/simplify/index.ts";
export { type TensorSpec, spec } from "./graph/spec.ts";
export { consumers, producers, subgraph } from "./graph/subgraph.ts";
export { substituteGraph } from "./graph/substitute.ts";
export { type SpecsOf, trace } from "./graph/trace.ts";

export type { Backend, BackendMemory, CompileOptions, Executable, RunOptions, Signal } from "./backends/backend.ts";
export { type JitFunction, type JitOptions, jit } from "./jit/jit.ts";
