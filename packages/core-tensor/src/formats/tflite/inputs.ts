import { type Dim, canonicalDim, isSymbol } from "../../tensor/dims.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { checkShape, formatShape } from "../../tensor/shape.ts";
import { TfliteError } from "./errors.ts";
import { quote } from "../quote.ts";
import type { TensorInfo } from "./schema.ts";

/** Shapes of inputs by name, as `TfliteOptions` has them. */
export type Shapes = Readonly<Record<string, readonly Dim[]>>;

/** The symbol for an open first dimension. */
const BATCH = "batch";

/** Refuses shapes that are none, and names that no input bears. */
export function checkShapes(shapes: Shapes, names: readonly string[]): void {
  for (const [name, shape] of Object.entries(shapes)) {
    const argument = `shapes[${quote(name)}]`;
    if (!names.includes(name)) {
      const expected = `one of the inputs ${names.map(quote).join(", ")}`;
      throw new ArgumentError({ op: "readTflite", argument, expected, found: "a name that is none of them" });
    }
    if (!Array.isArray(shape) || shape.some((dim) => typeof dim !== "number" && !isDimension(dim))) {
      const expected = "an array of whole numbers and names";
      throw new ArgumentError({ op: "readTflite", argument, expected, found: String(shape) });
    }
    checkShape("readTflite", shape, argument);
  }
}

function isDimension(dim: unknown): boolean {
  return typeof dim === "string" && isSymbol(dim);
}

/** The shape of an input: the one that was asked for, or that of the file. */
export function inputShape(tensor: TensorInfo, name: string, shapes: Shapes): readonly Dim[] {
  const own = tensor.signature ?? tensor.shape;
  const given = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
  if (given === undefined) {
    return own.map((dim, axis) => {
      if (dim >= 0) return dim;
      if (axis === 0) return BATCH;
      const message = `input ${quote(name)}: axis ${axis} of ${formatShape(own)} is open; give it a length with the option shapes`;
      throw new TfliteError("dynamic-shape", tensor.offset, message);
    });
  }
  if (own.length > 0 && given.length !== own.length) {
    const expected = `${own.length} dimensions, as in ${formatShape(own)}`;
    const found = formatShape(given);
    throw new ArgumentError({ op: "readTflite", argument: `shapes[${quote(name)}]`, expected, found });
  }
  return given.map(canonicalDim);
}
