import type { ValueType } from "../../../ops/program.ts";
import type { TensorLike } from "../../../tensor/create.ts";
import { type Dim, canonicalDim, dimSymbols, isSymbol, substituteDim } from "../../../tensor/dims.ts";
import { isTensor } from "../../../tensor/tensor.ts";
import type { DimensionProto, ValueInfoProto } from "../schema.ts";
import { dtypeOf, elementTypeName } from "../tensor.ts";
import { toNumber } from "./attributes.ts";

/** What a user knows of a model's inputs beside what the file says. */
export interface InputOptions {
  /** Numbers for named dimensions: `{ batch: 1 }`. */
  readonly dims?: Readonly<Record<string, number>>;
  /** Shapes of inputs, by the input's name; they replace those of the file. Texts are names of dimensions. */
  readonly shapes?: Readonly<Record<string, readonly (number | string)[]>>;
}

/** Is this a name at all, and not what some tool writes for "unknown" (`?`, `-1`, `None`)? */
const isName = (source: string): boolean => /[A-Za-z_]/.test(source) && source !== "None";

/**
 * The names of dimensions as ours, which are made of letters, digits, `_` and `.` only. An expression such as `2*height`
 * is one where its symbols are dimensions of inputs themselves; otherwise it is a name like any other.
 */
export class DimensionNames {
  readonly #bySource = new Map<string, Dim>();
  readonly #taken = new Set<string>();

  /** @param sources the names of all dimensions of inputs. */
  constructor(
    readonly numbers: Readonly<Record<string, number>>,
    readonly sources: ReadonlySet<string>,
  ) {
    for (const source of sources) if (isSymbol(source)) this.#taken.add(source);
  }

  /** The dimension of an axis; one without number and name is named after its input. */
  dim({ dimValue, dimParam = "" }: DimensionProto, input: string, axis: number): Dim {
    if (isName(dimParam)) return this.named(dimParam);
    if (dimValue !== undefined && dimParam === "" && toNumber(dimValue) >= 0) return toNumber(dimValue);
    return this.named(`${input}_${axis}`);
  }

  named(source: string): Dim {
    const known = this.#bySource.get(source);
    if (known !== undefined) return known;
    const dim = this.#given(source) ?? substituteDim(this.#symbol(source), this.numbers);
    this.#bySource.set(source, dim);
    return dim;
  }

  #given(source: string): number | undefined {
    return Object.hasOwn(this.numbers, source) ? this.numbers[source] : undefined;
  }

  #symbol(source: string): Dim {
    if (isSymbol(source)) return source;
    const expression = this.#expression(source);
    if (expression !== undefined) return expression;
    const stem = source.replaceAll(/[^A-Za-z0-9_.]/g, "_").replace(/^(?![A-Za-z_])/, "_");
    let name = stem;
    for (let count = 1; this.#taken.has(name); count++) name = `${stem}_${count}`;
    this.#taken.add(name);
    return name;
  }

  #expression(source: string): Dim | undefined {
    try {
      const dim = canonicalDim(source);
      return dimSymbols(dim).every((symbol) => this.sources.has(symbol)) ? dim : undefined;
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }
}

/** The type of a model's input, or why it cannot be read. */
export function inputType(
  info: ValueInfoProto,
  names: DimensionNames,
  options: InputOptions,
  value?: TensorLike,
): ValueType | string {
  const tensor = info.type?.tensorType;
  if (tensor === undefined) return `input "${info.name}": only tensors are supported`;
  const dtype = dtypeOf(tensor.elemType);
  if (dtype === undefined)
    return `input "${info.name}": the element type ${elementTypeName(tensor.elemType)} is not supported`;
  const given = options.shapes?.[info.name];
  if (given !== undefined)
    return { dtype, shape: given.map((dim) => (typeof dim === "number" ? dim : names.named(dim))) };
  if (tensor.shape === undefined) {
    if (value !== undefined && isTensor(value)) return { dtype, shape: value.shape };
    return `input "${info.name}": the file does not say its shape; give it as shapes: { ${JSON.stringify(info.name)}: [...] }`;
  }
  return { dtype, shape: tensor.shape.dim.map((dim, axis) => names.dim(dim, info.name, axis)) };
}
