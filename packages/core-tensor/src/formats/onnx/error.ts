import { FormatError } from "../../tensor/errors.ts";

/**
 * What can be wrong with an ONNX file.
 *
 * In the bytes:
 * - `truncated`: the file, or the message around a value, ends before the value does;
 * - `malformed`: a number of more than 64 bits, a field with the number 0, a framing that protobuf does not have, a
 *   group that ends without having begun;
 * - `wrong-wire-type`: a field of ONNX is framed as another kind of value than it holds;
 * - `invalid-utf8`: a text is not UTF-8;
 * - `too-deep`: messages inside messages beyond `MAX_DEPTH`;
 * - `too-large`: more messages or numbers than `MAX_MESSAGES` and `MAX_VALUES` allow, or sparse tensors that would take far
 *   more memory than the file.
 *
 * In a tensor:
 * - `invalid-dims`: a dimension below zero;
 * - `overflow`: a dimension, or the size of the tensor, above 2^53 - 1;
 * - `size-mismatch`: more or fewer elements or bytes than the dimensions say;
 * - `ambiguous-data`: values in two places, or in a place that is not for this element type;
 * - `invalid-value`: an element that its type does not have, such as a boolean of 2;
 * - `invalid-sparsity`: places of a sparse tensor that are no INT64, do not rise or lie outside of it.
 *
 * In data beside the file:
 * - `external-path`: a location that is not a plain relative path downwards;
 * - `external-entry`: no location, a key twice, or an offset or length that is no number;
 * - `external-missing`: nobody gave the bytes of the location;
 * - `external-range`: the bytes of the location end before the tensor does.
 *
 * In the graph:
 * - `missing-field`: a field without which a message means nothing (the type of a node, the graph of a model);
 * - `undefined-name`: a value is used that nothing before it makes;
 * - `duplicate-name`: two things make the same value;
 * - `invalid-node`: a node with inputs, outputs or attributes that its operator cannot have;
 * - `unknown-opset`: the model does not say, or says a version of, the operators that cannot be read.
 */
export type OnnxErrorCode =
  | "truncated"
  | "malformed"
  | "wrong-wire-type"
  | "invalid-utf8"
  | "too-deep"
  | "too-large"
  | "invalid-dims"
  | "overflow"
  | "size-mismatch"
  | "ambiguous-data"
  | "invalid-value"
  | "invalid-sparsity"
  | "external-path"
  | "external-entry"
  | "external-missing"
  | "external-range"
  | "missing-field"
  | "undefined-name"
  | "duplicate-name"
  | "invalid-node"
  | "unknown-opset";

/** A file that is not well-formed ONNX. */
export class OnnxError extends FormatError {
  override name = "OnnxError";

  constructor(
    readonly code: OnnxErrorCode,
    offset: number,
    message: string,
  ) {
    super("ONNX", offset, message);
  }
}
