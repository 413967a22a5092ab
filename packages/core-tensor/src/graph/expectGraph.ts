import { ArgumentError } from "../tensor/errors.ts";
import { isGraph } from "./substitute.ts";

/** Refuses what is no program, above all the function that should have been traced. */
export function expectGraph(op: string, value: unknown): void {
  if (isGraph(value)) return;
  const found = typeof value === "object" && value !== null ? "another object" : typeof value;
  throw new ArgumentError({ op, argument: "graph", expected: "a Graph; trace makes one of a function", found });
}
