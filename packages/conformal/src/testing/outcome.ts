import { ConformalError } from "../base/errors.ts";
import { covers, type Region } from "../metrics/region.ts";
import type { Outcome } from "./procedure.ts";

/** How a law reads the true value of an example. */
export interface TruthOptions<Example> {
  /** The true class or value of an example. Default: its `label`, or its `target`. */
  readonly truth?: (example: Example) => number;
}

/** The member `label` or `target` of an example. */
export function defaultTruth(example: unknown): number {
  const { label, target } = (typeof example === "object" && example !== null ? example : {}) as {
    readonly label?: unknown;
    readonly target?: unknown;
  };
  const value = label ?? target;
  if (typeof value === "number") return value;
  throw new ConformalError("E_RANGE", "the law needs `truth`: examples have neither a label nor a target");
}

/** Is the example covered? A procedure that says so itself is believed; the truth isn't asked for then. */
export function isCovered<Example>(
  outcome: Outcome,
  example: Example,
  truth: (example: Example) => number = defaultTruth,
): boolean {
  if (typeof outcome === "boolean") return outcome;
  return covers(asRegion(outcome), truth(example));
}

/** The outcome as one line, the same for equal outcomes. */
export function printOutcome(outcome: Outcome): string {
  if (typeof outcome === "boolean") return outcome ? "covered" : "not covered";
  const region = asRegion(outcome);
  return "labels" in region ? `{${region.labels.join(", ")}}` : `[${region.lower}, ${region.upper}]`;
}

/** What `narrow` holds and `wide` doesn't, in words; undefined when there is nothing. */
export function outside(narrow: Outcome, wide: Outcome): string | undefined {
  if (typeof narrow === "boolean" || typeof wide === "boolean") {
    return narrow && !wide ? "is covered" : undefined;
  }
  const inner = asRegion(narrow);
  const outer = asRegion(wide);
  if ("labels" in inner && "labels" in outer) {
    const added = inner.labels.find((label) => !outer.labels.includes(label));
    return added === undefined ? undefined : `has label ${added}`;
  }
  if ("labels" in inner || "labels" in outer) return `has ${printOutcome(narrow)}`;
  if (inner.lower > inner.upper || (outer.lower <= inner.lower && inner.upper <= outer.upper)) return undefined;
  return `has ${printOutcome(narrow)}`;
}

function asRegion(outcome: Region | readonly number[]): Region {
  return "labels" in outcome || "lower" in outcome ? outcome : { labels: outcome };
}
