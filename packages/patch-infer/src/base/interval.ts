/** Positions `start`, …, `end - 1` along one axis. Empty when `end <= start`. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** Rows and columns of a part of a feature map, in the map's own coordinates. */
export interface Box {
  readonly rows: Interval;
  readonly columns: Interval;
}

export function interval(start: number, end: number): Interval {
  return { start, end };
}

export const empty: Interval = { start: 0, end: 0 };

export function isEmpty({ start, end }: Interval): boolean {
  return end <= start;
}

/** Number of positions. */
export function length({ start, end }: Interval): number {
  return Math.max(0, end - start);
}

/** The smallest interval that holds both; an empty one adds nothing. */
export function hull(a: Interval, b: Interval): Interval {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

/** The part inside [0, size). */
export function clip({ start, end }: Interval, size: number): Interval {
  const inside = { start: Math.max(0, start), end: Math.min(size, end) };
  return isEmpty(inside) ? empty : inside;
}
