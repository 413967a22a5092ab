import { quantize } from "../../ops/index.ts";
import { isSymbolicDim } from "../../ops/traced.ts";
import { CoreTensorError, DTypeError, TraceError, UnsupportedError } from "../../tensor/errors.ts";
import { TfliteError } from "./errors.ts";
import type { Held } from "./layout.ts";
import { type OperatorNode, type OutputType, unsupported } from "./node.ts";

/** Elements that a value may have; no engine holds more. */
const MAX_ELEMENTS = 2 ** 31;

/** A result in the type that the file says: floats are quantised, everything else has it already. */
export function fitting(node: OperatorNode, held: Held, { dtype, quantization }: OutputType): Held {
  if (held.tensor.dtype === dtype) return held;
  if (quantization === undefined || held.tensor.dtype !== "float32" || (dtype !== "int8" && dtype !== "uint8")) {
    return node.fail(`gives ${held.tensor.dtype}, but the file says ${dtype}${quantization ? "" : " without a scale"}`);
  }
  const { scale, zeroPoint } = quantization.parameters;
  const axis = quantization.axis === null ? {} : { axis: held.axes.indexOf(quantization.axis) };
  return { tensor: quantize(held.tensor, scale, zeroPoint, { dtype, ...axis }), axes: held.axes };
}

/** Refuses sizes that no engine could hold; symbolic dimensions count as 1. */
export function checkSize(shape: readonly unknown[], offset: number, what: string): void {
  let size = 1;
  for (const dim of shape) if (typeof dim === "number") size *= dim;
  if (size > MAX_ELEMENTS) throw new TfliteError("too-large", offset, `${what}: a value of more than 2^31 elements`);
}

/** What an op says of shapes and types that do not fit, as an error of the file. */
export function translate(node: OperatorNode, error: unknown): unknown {
  const { label, info, inputs } = node;
  if (error instanceof TfliteError || error instanceof UnsupportedError) return error;
  if (error instanceof DTypeError) {
    const bare = inputs.findIndex(
      (value) => (value?.dtype === "int8" || value?.dtype === "uint8") && value.quantization === undefined,
    );
    if (bare < 0) return unsupported([`${label}: ${error.message}`]);
    const message = `${label}: input ${bare} is ${inputs[bare]?.dtype} without a scale`;
    return new TfliteError("invalid-quantization", info.offset, message);
  }
  if (error instanceof TraceError) {
    return unsupported([`${label}: needs the number of a symbolic dimension; the option shapes can give it one`]);
  }
  if (!(error instanceof CoreTensorError || error instanceof RangeError)) return error;
  const symbolic = inputs.some((value) => value?.held.tensor.shape.some(isSymbolicDim));
  const hint = symbolic ? "; the option shapes can give symbolic dimensions a number" : "";
  return new TfliteError("invalid-operator", info.offset, `${label}: ${error.message}${hint}`);
}
