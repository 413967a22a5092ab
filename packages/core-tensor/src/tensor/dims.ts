/**
 * Dimensions that may be known only when a program runs. A dimension is a whole number or a polynomial with
 * whole coefficients over named symbols, written in one canonical way, for example `"batch"`,
 * `"2*batch*rows + 3"`. Being a plain string it can be compared with `===` and stored as JSON.
 */
export type Dim = number | string;

/** Values for the symbols of a program. */
export type DimBindings = Readonly<Record<string, number>>;

/** Monomial (`"batch*rows"`, `""` for the constant term) to coefficient. */
type Polynomial = ReadonlyMap<string, number>;

const symbolPattern = /^[A-Za-z_][A-Za-z0-9_.]*$/;

/** May this string name a symbolic dimension? */
export function isSymbol(name: string): boolean {
  return symbolPattern.test(name);
}

function parse(dim: Dim): Polynomial {
  if (typeof dim === "number") return new Map(dim === 0 ? [] : [["", dim]]);
  const terms = new Map<string, number>();
  if (dim.trim() === "")
    throw new RangeError("dimension: expected a name, a whole number or a polynomial of names, got nothing");
  // Blanks belong to the signs; within a name they are an error.
  for (const term of dim
    .trim()
    .replaceAll(/ *([-+*]) */g, "$1")
    .replaceAll("-", "+-")
    .split("+")) {
    if (term === "") continue;
    let coefficient = 1;
    const symbols: string[] = [];
    for (const raw of term.split("*")) {
      const factor = raw.startsWith("-") ? raw.slice(1) : raw;
      if (factor !== raw) coefficient = -coefficient;
      if (/^\d+$/.test(factor)) coefficient *= Number(factor);
      else if (isSymbol(factor)) symbols.push(factor);
      else throw new RangeError(`dimension "${dim}": expected names and whole numbers joined by + - *, got "${raw}"`);
    }
    addTerm(terms, symbols.sort().join("*"), coefficient);
  }
  return terms;
}

function addTerm(terms: Map<string, number>, monomial: string, coefficient: number): void {
  const sum = (terms.get(monomial) ?? 0) + coefficient;
  if (sum === 0) terms.delete(monomial);
  else terms.set(monomial, sum);
}

function degree(monomial: string): number {
  return monomial === "" ? 0 : monomial.split("*").length;
}

function format(terms: Polynomial): Dim {
  const constant = terms.get("") ?? 0;
  if (terms.size === 0 || (terms.size === 1 && constant !== 0)) return constant;
  const monomials = [...terms.keys()].sort((a, b) => degree(b) - degree(a) || (a < b ? -1 : 1));
  let text = "";
  for (const monomial of monomials) {
    const coefficient = terms.get(monomial) ?? 0;
    const size = Math.abs(coefficient);
    const body = monomial === "" ? String(size) : size === 1 ? monomial : `${size}*${monomial}`;
    const sign = coefficient < 0 ? "-" : "+";
    text += text === "" ? (coefficient < 0 ? `-${body}` : body) : ` ${sign} ${body}`;
  }
  return text;
}

/** The canonical form: two dimensions are equal for all values of their symbols iff their forms are `===`. */
export function canonicalDim(dim: Dim): Dim {
  return typeof dim === "number" ? dim : format(parse(dim));
}

export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a + b;
  const sum = new Map(parse(a));
  for (const [monomial, coefficient] of parse(b)) addTerm(sum, monomial, coefficient);
  return format(sum);
}

export function mulDims(a: Dim, b: Dim): Dim {
  // + 0: a dimension is never -0.
  if (typeof a === "number" && typeof b === "number") return a * b + 0;
  const product = new Map<string, number>();
  for (const [left, p] of parse(a)) {
    for (const [right, q] of parse(b)) {
      const symbols = [...left.split("*"), ...right.split("*")].filter((name) => name !== "");
      addTerm(product, symbols.sort().join("*"), p * q);
    }
  }
  return format(product);
}

export function subDims(a: Dim, b: Dim): Dim {
  return addDims(a, mulDims(b, -1));
}

/** Product of dimensions: the number of elements of a shape. */
export function dimsProduct(dims: readonly Dim[]): Dim {
  return dims.reduce<Dim>((product, dim) => mulDims(product, dim), 1);
}

/**
 * `a / b` where that is exact for all values of the symbols and `b` is a single term; `undefined` otherwise.
 */
export function divideDims(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return 1;
  const divisor = [...parse(b)];
  if (divisor.length !== 1) return undefined;
  const [monomial, coefficient] = divisor[0] as [string, number];
  const names = monomial === "" ? [] : monomial.split("*");
  const quotient = new Map<string, number>();
  for (const [term, factor] of parse(a)) {
    const symbols = term === "" ? [] : term.split("*");
    for (const name of names) {
      const at = symbols.indexOf(name);
      if (at < 0) return undefined;
      symbols.splice(at, 1);
    }
    if (factor % coefficient !== 0) return undefined;
    addTerm(quotient, symbols.join("*"), factor / coefficient);
  }
  return format(quotient);
}

/** The symbols that occur in a dimension. */
export function dimSymbols(dim: Dim): string[] {
  if (typeof dim === "number") return [];
  return [...new Set([...parse(dim).keys()].flatMap((monomial) => monomial.split("*")))].filter((name) => name !== "");
}

/** The terms of a dimension, constant term included: what a code generator needs to compute it. */
export function dimTerms(dim: Dim): { readonly coefficient: number; readonly symbols: readonly string[] }[] {
  return [...parse(dim)].map(([monomial, coefficient]) => ({
    coefficient,
    symbols: monomial === "" ? [] : monomial.split("*"),
  }));
}

/** The number that a dimension stands for. Throws a RangeError when a symbol has no value. */
export function evaluateDim(dim: Dim, bindings: DimBindings): number {
  if (typeof dim === "number") return dim;
  let sum = 0;
  for (const { coefficient, symbols } of dimTerms(dim)) {
    let term = coefficient;
    for (const name of symbols) {
      const value = bindings[name];
      if (value === undefined) throw new RangeError(`dimension "${dim}": the symbol "${name}" has no value`);
      term *= value;
    }
    sum += term;
  }
  return sum;
}

/** The dimension with symbols replaced; symbols without a replacement stay. */
export function substituteDim(dim: Dim, replacements: Readonly<Record<string, Dim>>): Dim {
  if (typeof dim === "number") return dim;
  return dimTerms(dim).reduce<Dim>((sum, { coefficient, symbols }) => {
    const term = symbols.reduce<Dim>((product, name) => mulDims(product, replacements[name] ?? name), coefficient);
    return addDims(sum, term);
  }, 0);
}
