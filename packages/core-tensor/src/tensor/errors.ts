/**
 * The typed failures of core-tensor. Each carries what a program may want to act on as fields; the message
 * reads `op: argument: expected …, got …`.
 */
export interface OpErrorDetails {
  /** The op (or public function) that refused, for example `"matmul"`. */
  readonly op: string;
  /** Which argument or attribute is wrong, for example `"axis"`. */
  readonly argument?: string;
  /** What was found, already formatted. */
  readonly found?: string;
  /** What would have been accepted. */
  readonly expected?: string;
}

/** Base class of every error that core-tensor throws on purpose. */
export class CoreTensorError extends Error {
  override name = "CoreTensorError";
}

/** An op was called with something it does not accept: see the subclasses for the reason. */
export class OpError extends CoreTensorError implements OpErrorDetails {
  override name = "OpError";
  readonly op: string;
  readonly argument?: string;
  readonly found?: string;
  readonly expected?: string;

  constructor(details: OpErrorDetails) {
    const where = details.argument === undefined ? details.op : `${details.op}: ${details.argument}`;
    const expected = details.expected === undefined ? "" : `expected ${details.expected}`;
    const found = details.found === undefined ? "" : `${expected === "" ? "" : ", "}got ${details.found}`;
    super(`${where}: ${expected}${found}`);
    this.op = details.op;
    if (details.argument !== undefined) this.argument = details.argument;
    if (details.found !== undefined) this.found = details.found;
    if (details.expected !== undefined) this.expected = details.expected;
  }
}

/** Shapes that do not fit together, or a shape that is no shape. */
export class ShapeError extends OpError {
  override name = "ShapeError";
}

/** A dtype that the op does not take, or two that differ. */
export class DTypeError extends OpError {
  override name = "DTypeError";
}

/** An axis outside `[-rank, rank)`, or one named twice. */
export class AxisError extends OpError {
  override name = "AxisError";
}

/** Any other attribute or argument outside its domain. */
export class ArgumentError extends OpError {
  override name = "ArgumentError";
}

/** A traced value was asked for numbers that it does not have, or left the function that it belongs to. */
export class TraceError extends CoreTensorError {
  override name = "TraceError";
}

/** A value lives on a device and was asked for synchronously, or was used after it was disposed of. */
export class DeviceError extends CoreTensorError {
  override name = "DeviceError";
}

/** A graph that breaks its own rules: a value used before it is made, two nodes that make the same value, … */
export class GraphError extends CoreTensorError {
  override name = "GraphError";
}

/** A backend or file format cannot express a program. `reasons` has one sentence per op, dtype or shape. */
export class UnsupportedError extends CoreTensorError {
  override name = "UnsupportedError";
  constructor(
    readonly target: string,
    readonly reasons: readonly string[],
    refusal = "cannot run this program",
  ) {
    super(`${target} ${refusal}:\n${reasons.map((reason) => `  - ${reason}`).join("\n")}`);
  }
}

/** Bytes that are no well-formed file of their format. `offset` is the byte at which the trouble was noticed. */
export class FormatError extends CoreTensorError {
  override name = "FormatError";
  constructor(
    readonly format: string,
    readonly offset: number,
    message: string,
  ) {
    super(`${format}: ${message} (at byte ${offset})`);
  }
}
