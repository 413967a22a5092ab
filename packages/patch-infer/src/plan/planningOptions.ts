import { PatchInferError } from "../base/errors.ts";
import type { InputMode, OutputMode, PlanOptions } from "./plan.ts";

/** How plans count and place memory. */
export interface PlanningOptions {
  /** Where the program's inputs are; default external. */
  readonly input?: InputMode;
  /** Where its outputs go; default external. */
  readonly output?: OutputMode;
  /** Depthwise convolutions, unary layers and additions may overwrite what they use up; default true. */
  readonly inPlace?: boolean;
  /** A convolution before an addition may add into the buffer of the other operand; default true. */
  readonly accumulateIntoResidual?: boolean;
  /** Offsets are multiples of this many bytes (and of the size of a number); default 4. */
  readonly align?: 1 | 4 | 8 | 16;
}

/** The options with their defaults. @throws PatchInferError OPTION */
export function planOptions(options: PlanningOptions): PlanOptions {
  const { input = "external", output = "external", inPlace = true, accumulateIntoResidual = true, align = 4 } = options;
  const known: readonly (readonly [string, unknown, readonly unknown[]])[] = [
    ["input", input, ["resident", "external", "callback"]],
    ["output", output, ["resident", "external"]],
    ["inPlace", inPlace, [true, false]],
    ["accumulateIntoResidual", accumulateIntoResidual, [true, false]],
    ["align", align, [1, 4, 8, 16]],
  ];
  for (const [name, value, values] of known) {
    if (!values.includes(value)) {
      throw new PatchInferError("OPTION", `${name} is ${String(value)}, not one of ${values.join(", ")}`);
    }
  }
  return { input, output, inPlace, accumulateIntoResidual, align };
}
