import fc from "fast-check";
import { type DType, dtypeNames, dtypes } from "../../tensor/dtype.ts";

/** Which numbers the elements of a tensor are drawn from. */
export interface ValueRange {
  /** Default -4 for floats, -9 for whole numbers, in each case inside the dtype. */
  readonly min?: number;
  /** Default 4 for floats, 9 for whole numbers. */
  readonly max?: number;
  /** Floats: multiples of this (a power of two) only. Default: coarse and fine multiples mixed. */
  readonly step?: number;
  /** Also NaN, ±Infinity and -0 for floats; the ends of the range of the dtype for whole numbers. Default false. */
  readonly special?: boolean;
  /** Other values that are worth a visit; those that a whole dtype does not hold are left out. */
  readonly edges?: readonly number[];
}

/** int64 is drawn from the range of int32 (without -2^31, whose negative is outside): some engines carry it so. */
const wholeLimits = (dtype: DType): readonly [number, number] =>
  dtype === "int64" ? [-dtypes.int32.max, dtypes.int32.max] : [dtypes[dtype].min, dtypes[dtype].max];

/**
 * One element. Floats lie on a grid, so that they shrink to round numbers near zero and never are denormal; the grid's
 * finer part (12 bits more) gives sums and products something to round.
 */
export function elements(dtype: DType, range: ValueRange = {}): fc.Arbitrary<number> {
  const { kind } = dtypes[dtype];
  if (kind === "bool") return fc.constantFrom(0, 1);
  const { min: bottom, max: top } = dtypes[dtype];
  const edges = (range.edges ?? []).filter((edge) => kind === "float" || (edge >= bottom && edge <= top));
  let base: fc.Arbitrary<number>;
  if (kind === "float") {
    const { min = -4, max = 4 } = range;
    const coarse = range.step ?? 2 ** Math.ceil(Math.log2((max - min) / 512));
    base =
      range.step === undefined
        ? fc.oneof(multiples(coarse, min, max), multiples(coarse / 4096, min, max))
        : multiples(coarse, min, max);
    if (range.special === true) edges.push(NaN, Infinity, -Infinity, -0);
  } else {
    const [least, most] = wholeLimits(dtype);
    base = fc.integer({ min: Math.max(least, range.min ?? -9), max: Math.min(most, range.max ?? 9) });
    if (range.special === true) edges.push(least, most, 0);
  }
  return edges.length === 0
    ? base
    : fc.oneof({ arbitrary: base, weight: 7 }, { arbitrary: fc.constantFrom(...edges), weight: 1 });
}

function multiples(step: number, min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min: Math.ceil(min / step), max: Math.floor(max / step) }).map((k) => k * step);
}

/** Any of the dtypes, or of some of them. */
export function anyDType(among: readonly DType[] = dtypeNames): fc.Arbitrary<DType> {
  return fc.constantFrom(...among);
}
