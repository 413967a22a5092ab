const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** The double next to x > 0 in the direction of infinity. */
export function nextAbove(x: number): number {
  double[0] = x;
  bits[0]! += 1n;
  return double[0]!;
}

/** The double next to x > 0 in the direction of zero. */
export function nextBelow(x: number): number {
  double[0] = x;
  bits[0]! -= 1n;
  return double[0]!;
}

/** How many doubles lie from x to y: 0 when they are equal (zeros of both signs count as equal). */
export function ulpsBetween(x: number, y: number): number {
  if (x === y) return 0;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) && Number.isNaN(y) ? 0 : Infinity;
  const place = (value: number): bigint => {
    double[0] = Math.abs(value);
    return value < 0 ? -bits[0]! : bits[0]!;
  };
  const distance = Number(place(x) - place(y));
  return Math.abs(distance);
}
