import { FormatError } from "../../tensor/errors.ts";

/**
 * What can be wrong with a file:
 * - `not-tflite`: no flatbuffer with the identifier `TFL3`, or of another schema version than 3;
 * - `out-of-bounds`: an offset, a vtable or a vector that reaches outside of the file;
 * - `invalid-table`: a vtable that is none;
 * - `too-large`: tables that refer to each other so often, or tensors so large, that reading would take far more memory
 *   than the file has bytes;
 * - `invalid-model`: an index that leads nowhere; a value that is used before it is made, or made twice;
 * - `invalid-tensor`: a shape that is none, or a constant with more or fewer bytes than its type and shape say;
 * - `invalid-quantization`: scales or zero points that do not belong to the tensor;
 * - `invalid-sparsity`: a sparse constant whose index does not fit it;
 * - `dynamic-shape`: an input with an open dimension behind the first, or of open rank; `shapes` gives it one;
 * - `invalid-operator`: inputs and options of an operator do not fit together.
 */
export type TfliteErrorCode =
  | "not-tflite"
  | "out-of-bounds"
  | "invalid-table"
  | "too-large"
  | "invalid-model"
  | "invalid-tensor"
  | "invalid-quantization"
  | "invalid-sparsity"
  | "dynamic-shape"
  | "invalid-operator";

/** A file that is not a well-formed TFLite model. */
export class TfliteError extends FormatError {
  override name = "TfliteError";

  constructor(
    readonly code: TfliteErrorCode,
    offset: number,
    message: string,
  ) {
    super("tflite", offset, message);
  }
}
