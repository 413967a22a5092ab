import { bfloat16ToNumber, numberToBfloat16 } from "../bfloat16.ts";
import { ArgumentError } from "../errors.ts";
import { float16ToNumber, numberToFloat16 } from "../float16.ts";
import { checkDraw, randomBits, unitAt } from "./bits.ts";
import type { Key } from "./key.ts";
import { checkParameter, finite } from "./parameter.ts";

/** A dtype that has fractions. */
export type FloatDType = "float32" | "float64" | "float16" | "bfloat16";

export interface UniformOptions {
  /** Smallest possible value; 0 if not given. */
  readonly min?: number;
  /** Upper bound, never reached; 1 if not given. */
  readonly max?: number;
  /** The dtype whose numbers are drawn: float64 (53 random bits) if not given; the others use 24 random bits. */
  readonly dtype?: FloatDType;
}

const round: Readonly<Record<FloatDType, (x: number) => number>> = {
  float64: (x) => x,
  float32: Math.fround,
  float16: (x) => float16ToNumber(numberToFloat16(x)),
  bfloat16: (x) => bfloat16ToNumber(numberToBfloat16(x)),
};

/** The dtype's largest number below `x`, where `x` is one of its numbers. */
function predecessor(x: number, dtype: FloatDType): number {
  // Steps down from x by ever smaller amounts; the last that still makes a difference is the spacing below x.
  let step = Math.abs(x) * 0.5 || 1;
  let below = round[dtype](x - step);
  while (round[dtype](x - step) < x) {
    below = round[dtype](x - step);
    step *= 0.5;
  }
  return below;
}

/**
 * Numbers spread evenly over [min, max), as doubles that `dtype` holds exactly. The bounds are rounded to `dtype`
 * first. A number that would round up to `max` becomes the dtype's last number below it.
 */
export function uniformValues(key: Key, count: number, options: UniformOptions = {}): Float64Array {
  const { dtype = "float64" } = options;
  const op = "uniform";
  checkDraw(op, key, count);
  checkParameter(op, "min", options.min ?? 0, count, finite);
  checkParameter(op, "max", options.max ?? 1, count, finite);
  const rounded = round[dtype];
  const min = rounded(options.min ?? 0);
  const max = rounded(options.max ?? 1);
  const width = max - min;
  if (!(width > 0 && width < Infinity)) {
    const expected = `a number above min that ${dtype} tells apart from it, at a finite distance`;
    throw new ArgumentError({ op, argument: "max", expected, found: `min ${min}, max ${max}` });
  }
  const last = predecessor(max, dtype);
  const values = new Float64Array(count);
  const bits = dtype === "float64" ? undefined : randomBits(key, count);
  for (let i = 0; i < count; i++) {
    const unit = bits === undefined ? unitAt(key, 0, i) : ((bits[i] as number) >>> 8) * (1 / 0x1000000);
    const value = rounded(min + unit * width);
    values[i] = value < max ? value : last;
  }
  return values;
}
