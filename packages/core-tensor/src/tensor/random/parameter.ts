import { ArgumentError } from "../errors.ts";

/** A distribution's parameter: one number for all elements, or one per element. */
export type Parameter = number | ArrayLike<number>;

/** Element `index` of a parameter. */
export function parameterAt(parameter: Parameter, index: number): number {
  return typeof parameter === "number" ? parameter : (parameter[index] as number);
}

/** Refuses a parameter whose length is not `count`, or that holds a value outside its domain. */
export function checkParameter(
  op: string,
  argument: string,
  parameter: Parameter,
  count: number,
  domain: { readonly expected: string; readonly allows: (value: number) => boolean },
): void {
  if (typeof parameter === "number") {
    if (domain.allows(parameter)) return;
    throw new ArgumentError({ op, argument, expected: domain.expected, found: String(parameter) });
  }
  if (parameter.length !== count) {
    throw new ArgumentError({
      op,
      argument,
      expected: `one number, or ${count} of them`,
      found: `${parameter.length} numbers`,
    });
  }
  for (let i = 0; i < count; i++) {
    const value = parameter[i] as number;
    if (!domain.allows(value)) {
      throw new ArgumentError({ op, argument, expected: domain.expected, found: `${value} at index ${i}` });
    }
  }
}

/** Finite and above zero. */
export const positive: { readonly expected: string; readonly allows: (value: number) => boolean } = {
  expected: "a finite number > 0",
  allows: (value) => value > 0 && value < Infinity,
};

/** Neither infinite nor NaN. */
export const finite: { readonly expected: string; readonly allows: (value: number) => boolean } = {
  expected: "a finite number",
  allows: Number.isFinite,
};

/** Finite and not negative. */
export const nonNegative: { readonly expected: string; readonly allows: (value: number) => boolean } = {
  expected: "a finite number >= 0",
  allows: (value) => value >= 0 && value < Infinity,
};

/** In [0, 1]. */
export const probability: { readonly expected: string; readonly allows: (value: number) => boolean } = {
  expected: "a probability in [0, 1]",
  allows: (value) => value >= 0 && value <= 1,
};
