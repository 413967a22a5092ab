import type { DType } from "../../../tensor/dtype.ts";
import type { Emitter } from "./emitter.ts";
import type { OperatorName } from "./operators.ts";

/** A value, or a number that becomes a constant of the expression's dtype. */
export type Term = string | number;

/** Writes formulas: `a.mul(a.add(x, 1), 2)` adds the nodes and gives the name of the result. */
export class Arithmetic {
  constructor(
    readonly emitter: Emitter,
    readonly dtype: DType,
  ) {}

  value(term: Term): string {
    return typeof term === "number" ? this.emitter.scalar(this.dtype, term) : term;
  }

  #apply(operator: OperatorName, ...terms: readonly Term[]): string {
    return this.emitter.emit(
      operator,
      terms.map((term) => this.value(term)),
    );
  }

  add = (a: Term, b: Term): string => this.#apply("Add", a, b);
  sub = (a: Term, b: Term): string => this.#apply("Sub", a, b);
  mul = (a: Term, b: Term): string => this.#apply("Mul", a, b);
  div = (a: Term, b: Term): string => this.#apply("Div", a, b);
  min = (a: Term, b: Term): string => this.#apply("Min", a, b);
  max = (a: Term, b: Term): string => this.#apply("Max", a, b);
  neg = (a: Term): string => this.#apply("Neg", a);
  abs = (a: Term): string => this.#apply("Abs", a);
  exp = (a: Term): string => this.#apply("Exp", a);
  log = (a: Term): string => this.#apply("Log", a);
  sqrt = (a: Term): string => this.#apply("Sqrt", a);
  sin = (a: Term): string => this.#apply("Sin", a);
  cos = (a: Term): string => this.#apply("Cos", a);
  floor = (a: Term): string => this.#apply("Floor", a);
  round = (a: Term): string => this.#apply("Round", a);
  reciprocal = (a: Term): string => this.#apply("Reciprocal", a);
  isNan = (a: Term): string => this.#apply("IsNaN", a);
  equal = (a: Term, b: Term): string => this.#apply("Equal", a, b);
  less = (a: Term, b: Term): string => this.#apply("Less", a, b);
  lessEqual = (a: Term, b: Term): string => this.#apply("LessOrEqual", a, b);
  greater = (a: Term, b: Term): string => this.#apply("Greater", a, b);
  and = (a: string, b: string): string => this.#apply("And", a, b);
  or = (a: string, b: string): string => this.#apply("Or", a, b);
  xor = (a: string, b: string): string => this.#apply("Xor", a, b);
  not = (a: string): string => this.#apply("Not", a);

  where = (condition: string, a: Term, b: Term): string =>
    this.emitter.emit("Where", [condition, this.value(a), this.value(b)]);

  square = (a: string): string => this.mul(a, a);

  /** A polynomial by Horner's rule, highest coefficient first. */
  polynomial(coefficients: readonly number[], x: string): string {
    const [first = 0, ...rest] = coefficients;
    return rest.reduce<Term>((sum, coefficient) => {
      // The first product is one with a constant; a leading 1 saves it.
      const product = sum === 1 ? x : this.mul(sum, x);
      return coefficient === 0 ? product : this.add(product, coefficient);
    }, first) as string;
  }

  /** A ratio of polynomials, highest coefficients first. */
  ratio(top: readonly number[], bottom: readonly number[], x: string): string {
    return this.div(this.polynomial(top, x), this.polynomial(bottom, x));
  }
}
