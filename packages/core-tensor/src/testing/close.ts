import { operand } from "../ops/operand.ts";
import type { TensorLike } from "../tensor/create.ts";
import { CoreTensorError } from "../tensor/errors.ts";
import { formatShape } from "../tensor/shape.ts";
import { type Tensor, isTensor } from "../tensor/tensor.ts";
import { type Mismatch, firstMismatch, formatMismatch } from "./mismatch.ts";

export interface CloseOptions {
  /** Allowed difference relative to the expected value. Default 1e-5. */
  readonly rtol?: number;
  /** Allowed absolute difference, added to the relative one. Default 1e-8. */
  readonly atol?: number;
  /** Does NaN agree with NaN? Default true. */
  readonly equalNaN?: boolean;
}

/** What `allClose` found. */
export interface CloseVerdict {
  readonly close: boolean;
  /** One sentence: where the trees differ, or that they do not. */
  readonly message: string;
  /** The tensor that differs, as keys joined by dots; empty for a tensor that is no part of a tree. */
  readonly path?: string;
  /** The first element that differs; absent when the trees differ in nesting, dtype or shape. */
  readonly mismatch?: Mismatch;
}

/** Was thrown by `assertAllClose`. */
export class NotCloseError extends CoreTensorError {
  override name = "NotCloseError";
  constructor(readonly verdict: CloseVerdict) {
    super(verdict.message);
  }
}

/**
 * Are two trees of host tensors equal but for rounding, `|actual - expected| <= atol + rtol |expected|` in every
 * element? Nesting, dtypes and shapes must be equal. Beside a tensor the other side may be whatever `tensor` reads
 * (a number, nested arrays); it then takes the tensor's dtype.
 *
 * @example allClose(tensor([1, 2]), [1, 2.1]).message // "element [1]: 2, expected 2.1, …"
 */
export function allClose(actual: unknown, expected: unknown, options: CloseOptions = {}): CloseVerdict {
  const { rtol = 1e-5, atol = 1e-8, equalNaN = true } = options;
  const within = (a: number, e: number): boolean => {
    if (a === e) return true;
    if (a !== a || e !== e) return equalNaN && a !== a && e !== e;
    return Math.abs(a - e) <= atol + rtol * Math.abs(e) && Math.abs(e) !== Infinity;
  };
  return (
    compareTrees(actual, expected, "", within) ?? { close: true, message: `close within rtol ${rtol}, atol ${atol}` }
  );
}

/** Throws a NotCloseError with the verdict's message unless `allClose` holds. */
export function assertAllClose(actual: unknown, expected: unknown, options: CloseOptions = {}): void {
  const verdict = allClose(actual, expected, options);
  if (!verdict.close) throw new NotCloseError(verdict);
}

type Within = (actual: number, expected: number) => boolean;

function differ(path: string, text: string, mismatch?: Mismatch): CloseVerdict {
  const message = path === "" ? text : `${path}: ${text}`;
  return { close: false, message, path, ...(mismatch === undefined ? {} : { mismatch }) };
}

function compareTrees(actual: unknown, expected: unknown, path: string, within: Within): CloseVerdict | undefined {
  if (isTensor(actual) || isTensor(expected) || typeof actual === "number" || typeof expected === "number") {
    return compareLeaves(actual, expected, path, within);
  }
  const entries = entriesOf(actual);
  const others = new Map(entriesOf(expected));
  const keys = entries.map(([key]) => key);
  if (
    entries.length !== others.size ||
    Array.isArray(actual) !== Array.isArray(expected) ||
    !keys.every((key) => others.has(key))
  ) {
    return differ(
      path,
      `expected the keys ${[...others.keys()].join(", ") || "(none)"}, got ${keys.join(", ") || "(none)"}`,
    );
  }
  for (const [key, value] of entries) {
    const verdict = compareTrees(value, others.get(key), path === "" ? key : `${path}.${key}`, within);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

function entriesOf(tree: unknown): [string, unknown][] {
  return typeof tree === "object" && tree !== null ? Object.entries(tree) : [];
}

function compareLeaves(actual: unknown, expected: unknown, path: string, within: Within): CloseVerdict | undefined {
  const dtype = isTensor(actual) ? actual.dtype : isTensor(expected) ? expected.dtype : "float64";
  const read = (value: unknown): Tensor => {
    const plain = isTensor(value) || typeof value === "number" ? value : valuesOf(value);
    return operand(plain as TensorLike, dtype);
  };
  const [a, e] = [read(actual), read(expected)];
  if (a.dtype !== e.dtype && isTensor(actual) && isTensor(expected))
    return differ(path, `expected ${e.dtype}, got ${a.dtype}`);
  if (formatShape(a.shape) !== formatShape(e.shape)) {
    return differ(path, `expected shape ${formatShape(e.shape)}, got ${formatShape(a.shape)}`);
  }
  const mismatch = firstMismatch(a.dataSync(), e.dataSync(), a.shape, within);
  return mismatch === undefined ? undefined : differ(path, formatMismatch(mismatch), mismatch);
}

/** Anything that is no tensor or array would be read as something else than it is. */
function valuesOf(value: unknown): unknown {
  if (Array.isArray(value) || ArrayBuffer.isView(value) || typeof value === "boolean") return value;
  throw new TypeError(
    `allClose: expected a tensor, a number or arrays of numbers beside a tensor, got ${value === null ? "null" : typeof value}`,
  );
}
