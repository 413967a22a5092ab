import type { TaskMeta } from "vitest";

/** What a test says about the fast-check properties it ran, carried in its `meta` from the worker to the reporter. */
export interface PropertyCount {
  /** Number of `fc.assert` calls. */
  properties: number;
  /** Number of generated inputs over all of them, shrinking not counted. */
  cases: number;
}

/** A test's `meta` with the count of its properties. */
export interface PropertyMeta extends TaskMeta {
  propertyCount?: PropertyCount;
}
