import type { ValueType } from "../../../ops/program.ts";
import type { TensorLike } from "../../../tensor/create.ts";
import { type Dim, canonicalDim, substituteDim } from "../../../tensor/dims.ts";
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

/** The names of dimensions as ours, which are made of letters, digits, `_` and `.` only. */
export class DimensionNames {
  readonly #bySource = new Map<string, Dim>();
  readonly #taken = new Set<string>();

  constructor(readonly numbers: Readonly<Record<string, number>>) {}

  /** The dimension of an axis; one without number and name is named after its input. */
  dim({ dimValue, dimParam }: DimensionProto, input: string, axis: number): Dim {
    if (dimValue !== undefined && toNumber(dimValue) >= 0 && (dimParam ?? "") === "") return toNumber(dimValue);
    return this.named((dimParam ?? "") === "" ? `${input}_${axis}` : (dimParam as string));
  }

  named(source: string): Dim {
    const known = this.#bySource.get(source);
    if (known !== undefined) return known;
    const dim = substituteDim(this.#symbol(source), this.numbers);
    this.#bySource.set(source, dim);
    return dim;
  }

  /** A name, or an expression over names such as `2*height`; what is neither is spelled with `_`. */
  #symbol(source: string): Dim {
    const number = Object.hasOwn(this.numbers, source) ? this.numbers[source] : undefined;
    if (number !== undefined) return number;
    try {
      const plain = canonicalDim(source);
      if (typeof plain === "string") this.#taken.add(plain);
      return plain;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    const stem = source.replaceAll(/[^A-Za-z0-9_.]/g, "_").replace(/^(?![A-Za-z_])/, "_");
    let name = stem;
    for (let count = 1; this.#taken.has(name); count++) name = `${stem}_${count}`;
    this.#taken.add(name);
    return name;
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
