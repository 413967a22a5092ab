import type { DType } from "../../../tensor/dtype.ts";

/**
 * How an ONNX operator treats element types, as far as lowerings use it.
 */
export interface OnnxOperator {
  /** Positions of the inputs that share the element type T; `"all"` for operators with any number of inputs. */
  readonly over: readonly number[] | "all";
  /** The T that ONNX allows and that the CPU provider of ONNX Runtime has a kernel for (found by running each). */
  readonly types: readonly DType[];
  /** Element types of the outputs. */
  readonly results: readonly (DType | "T")[];
  /** The opset from which the whole numbers of 8 bits are allowed; missing: any that we write. */
  readonly bytesSince?: number;
}

const floats: readonly DType[] = ["float32", "float64", "float16"];
const single: readonly DType[] = ["float32", "float16"];
const wide: readonly DType[] = [...floats, "int32", "int64"];
const numbers: readonly DType[] = [...wide, "uint8", "int8"];
const anything: readonly DType[] = [...numbers, "bool"];

type Results = readonly (DType | "T")[];

const one = (types: readonly DType[], results: Results = ["T"], bytesSince?: number): OnnxOperator => ({
  over: [0],
  types,
  results,
  ...(bytesSince === undefined ? {} : { bytesSince }),
});
const two = (types: readonly DType[], results: Results = ["T"], bytesSince?: number): OnnxOperator => ({
  ...one(types, results, bytesSince),
  over: [0, 1],
});

/** The operators of the standard set that lowerings emit. */
export type OperatorName =
  | "Identity"
  | "Neg"
  | "Abs"
  | "Sign"
  | "Exp"
  | "Log"
  | "Sqrt"
  | "Reciprocal"
  | "Sin"
  | "Cos"
  | "Tan"
  | "Asin"
  | "Acos"
  | "Atan"
  | "Sinh"
  | "Cosh"
  | "Tanh"
  | "Asinh"
  | "Acosh"
  | "Atanh"
  | "Sigmoid"
  | "Relu"
  | "Erf"
  | "Floor"
  | "Ceil"
  | "Round"
  | "IsNaN"
  | "Not"
  | "Add"
  | "Sub"
  | "Mul"
  | "Div"
  | "Pow"
  | "Mod"
  | "Min"
  | "Clip"
  | "Max"
  | "Equal"
  | "Less"
  | "LessOrEqual"
  | "Greater"
  | "GreaterOrEqual"
  | "And"
  | "Or"
  | "Xor"
  | "Where"
  | "ReduceSum"
  | "ReduceMean"
  | "ReduceProd"
  | "ReduceMax"
  | "ReduceMin"
  | "ArgMax"
  | "ArgMin"
  | "TopK"
  | "CumSum"
  | "Softmax"
  | "LogSoftmax"
  | "MatMul"
  | "Conv"
  | "ConvTranspose"
  | "MaxPool"
  | "AveragePool"
  | "Resize"
  | "Reshape"
  | "Transpose"
  | "Expand"
  | "Squeeze"
  | "Unsqueeze"
  | "Concat"
  | "Slice"
  | "Pad"
  | "Gather"
  | "GatherElements"
  | "ScatterElements"
  | "Range";

/** How each of them treats element types. */
export const operators: Readonly<Record<OperatorName, OnnxOperator>> = {
  Identity: one(anything),
  Neg: one(["float32", "float64", "float16", "int32", "int64", "int8"]),
  Abs: one(numbers),
  // The kernel for float16 gives 0 for NaN.
  Sign: one(numbers.filter((dtype) => dtype !== "float16")),
  Exp: one(floats),
  Log: one(floats),
  Sqrt: one(floats),
  Reciprocal: one(floats),
  Sin: one(floats),
  Cos: one(floats),
  Tan: one(single),
  Asin: one(single),
  Acos: one(single),
  Atan: one(single),
  Sinh: one(single),
  Cosh: one(single),
  Tanh: one(floats),
  Asinh: one(single),
  Acosh: one(single),
  Atanh: one(single),
  Sigmoid: one(floats),
  Relu: one(floats),
  Erf: one(single),
  Floor: one(floats),
  Ceil: one(floats),
  Round: one(floats),
  IsNaN: one(floats, ["bool"]),
  Not: one(["bool"]),

  Add: two(numbers, ["T"], 14),
  Sub: two(numbers, ["T"], 14),
  Mul: two(numbers, ["T"], 14),
  Div: two(numbers, ["T"], 14),
  Pow: two(floats),
  Mod: two(numbers),
  Min: two(numbers),
  Clip: { over: [0, 1, 2], types: floats, results: ["T"] },
  Max: two(numbers),
  Equal: two(anything, ["bool"]),
  Less: two(numbers, ["bool"]),
  LessOrEqual: two(numbers, ["bool"]),
  Greater: two(numbers, ["bool"]),
  GreaterOrEqual: two(numbers, ["bool"]),
  And: two(["bool"]),
  Or: two(["bool"]),
  Xor: two(["bool"]),
  Where: { over: [1, 2], types: [...wide, "uint8"], results: ["T"] },

  ReduceSum: one(wide),
  ReduceMean: one(floats),
  ReduceProd: one(wide),
  ReduceMax: one(numbers),
  ReduceMin: one(numbers),
  ArgMax: one(numbers, ["int64"]),
  ArgMin: one(numbers, ["int64"]),
  TopK: one(numbers, ["T", "int64"]),
  // float16 from opset 14 on only; running sums are better kept wide anyway.
  CumSum: one(["float32", "float64", "int32", "int64"]),
  Softmax: one(floats),
  LogSoftmax: one(floats),

  MatMul: two(wide),
  Conv: two(single),
  ConvTranspose: two(single),
  MaxPool: one(["float32", "float64", "float16", "uint8", "int8"], ["T", "int64"]),
  AveragePool: one(single),
  Resize: one(single),

  Reshape: one(anything),
  Transpose: one(anything),
  Expand: one(anything),
  Squeeze: one(anything),
  Unsqueeze: one(anything),
  Concat: { over: "all", types: anything, results: ["T"] },
  Slice: one(anything),
  Pad: { over: [0, 2], types: anything, results: ["T"] },
  Gather: one(anything),
  GatherElements: one(anything),
  // With reduction "add".
  ScatterElements: { over: [0, 2], types: ["float32", "float64", "int32", "int64", "uint8", "int8"], results: ["T"] },
  Range: { over: [0, 1, 2], types: ["float32", "float64", "int32", "int64"], results: ["T"] },
};

/**
 * Where an operator lacks T, it runs in the first of these that it has, between two casts. Each holds every value
 * of T, and wraps to the same result when cast back. float64 and int64 have no wider type: an op that lacks them
 * is lowered by other operators, or refused.
 */
export const widerTypes: Readonly<Record<DType, readonly DType[]>> = {
  float32: [],
  float64: [],
  float16: ["float32"],
  bfloat16: ["float32"],
  int32: ["int64", "float64"],
  int64: [],
  uint8: ["int32", "float32"],
  int8: ["int32", "float32"],
  bool: ["uint8", "int32"],
  int4: ["int8", "int32"],
  uint4: ["uint8", "int32"],
  int2: ["int8", "int32"],
};
