import type { AxisParts } from "./plan.ts";

/** What the parts of one axis of a map ask of its buffers. */
export interface PartSizes {
  /** Most positions that are stored, computed anew, and kept from the patch before. */
  readonly stored: number;
  readonly fresh: number;
  readonly kept: number;
  /** The position behind the last one that is ever stored. */
  readonly end: number;
}

export function partSizes({ from, compute, to }: AxisParts): PartSizes {
  let stored = 0;
  let fresh = 0;
  let kept = 0;
  let end = 0;
  for (let i = 0; i < to.length; i++) {
    const last = to[i] ?? 0;
    stored = Math.max(stored, last - (from[i] ?? 0));
    fresh = Math.max(fresh, last - (compute[i] ?? 0));
    kept = Math.max(kept, (compute[i] ?? 0) - (from[i] ?? 0));
    end = Math.max(end, last);
  }
  return { stored, fresh, kept, end };
}

/** The parts of an axis that is not cut. */
export function whole(size: number): AxisParts {
  return { from: [0], compute: [0], to: [size] };
}

export function sameParts(a: AxisParts, b: AxisParts): boolean {
  if (a === b) return true;
  if (a.to.length !== b.to.length) return false;
  for (let i = 0; i < a.to.length; i++) if (a.to[i] !== b.to[i] || a.from[i] !== b.from[i]) return false;
  return true;
}
