import type { Dim } from "../../tensor/dims.ts";
import { AxisError } from "../../tensor/errors.ts";

/** Refuses an axis attribute that is not a whole number inside the rank (negative ones are resolved before). */
export function expectAxis(op: string, axis: number, shape: readonly Dim[]): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length) {
    const expected =
      shape.length === 0 ? "no axis (the value is a scalar)" : `a whole number in [0, ${shape.length - 1}]`;
    throw new AxisError({ op, argument: "axis", expected, found: String(axis) });
  }
}
