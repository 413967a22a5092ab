import type { Dim } from "../../tensor/dims.ts";
import type { DType } from "../../tensor/dtype.ts";
import { UnsupportedError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { TfliteError } from "./errors.ts";
import { type Held, fileOrder, fileShape, isFileOrder } from "./layout.ts";
import type { OptionsSpec } from "./options.ts";
import { type Quantization, sameQuantization } from "./quantization.ts";
import type { OperatorInfo } from "./schema.ts";
import type { KnownNumbers, Program, Value } from "./value.ts";

/** What the file says of a result, apart from its shape, which our own rules give. */
export interface OutputType {
  readonly dtype: DType;
  readonly quantization: Quantization | undefined;
}

/** In which form an operator takes a value: as it is stored, or quantised numbers as floats. */
export type Form = "stored" | "real";

/** An operator with its values, as the readers of operators see it. */
export class OperatorNode {
  constructor(
    readonly info: OperatorInfo,
    readonly inputs: readonly (Value | undefined)[],
    readonly outputs: readonly OutputType[],
    readonly program: Program,
  ) {}

  get label(): string {
    return operatorLabel(this.info);
  }

  /** Refuses what no runtime could make sense of. */
  fail(message: string): never {
    throw new TfliteError("invalid-operator", this.info.offset, `${this.label}: ${message}`);
  }

  /** Refuses what TFLite can do and we cannot. */
  refuse(message: string): never {
    throw unsupported([`${this.label}: ${message}`]);
  }

  options<Fields extends object>({ type, read }: OptionsSpec<Fields>): Fields {
    const { options, optionsType } = this.info;
    if (options === undefined || optionsType === 0) return read(undefined);
    if (optionsType !== type) this.fail(`expected options of type ${type}, got ${optionsType}`);
    return read(options);
  }

  has(input: number): boolean {
    return this.inputs[input] !== undefined;
  }

  value(input: number): Value {
    return this.inputs[input] ?? this.fail(`expected an input ${input}, got ${this.inputs.length} inputs`);
  }

  output(index = 0): OutputType {
    return this.outputs[index] ?? this.fail(`expected an output ${index}, got ${this.outputs.length}`);
  }

  /** The shape of an input in the file's order. */
  shape(input: number): number[] {
    return fileShape(this.value(input).held);
  }

  rank(input: number): number {
    return this.value(input).held.axes.length;
  }

  /** An input in an order of axes; by default the one that it is in. */
  held(input: number, form: Form, axes: readonly number[] = this.value(input).held.axes): Held {
    return { tensor: this.value(input)[form](axes), axes };
  }

  /** An input in the file's order. */
  plain(input: number, form: Form): Tensor {
    return this.held(input, form, fileOrder(this.rank(input))).tensor;
  }

  /** A result in the file's order. */
  result(tensor: Tensor): Held {
    return { tensor, axes: fileOrder(tensor.rank) };
  }

  /**
   * In which form an operator that only moves elements takes its inputs: as they are stored, unless a result is quantised
   * in another way than they are.
   */
  moving(...inputs: readonly number[]): Form {
    const kept = inputs.every((input) =>
      this.outputs.every(({ quantization }) => sameQuantization(quantization, this.value(input).quantization)),
    );
    return kept ? "stored" : "real";
  }

  /**
   * Inputs that broadcast against each other, in one order: that of an input which is not in the file's order and has
   * the most axes, if there is one. Inputs with fewer axes get those of length 1 that broadcasting adds.
   */
  together(
    inputs: readonly number[],
    form: Form | ((input: number) => Form),
  ): { tensors: Tensor[]; axes: readonly number[] } {
    const rank = Math.max(...inputs.map((input) => this.rank(input)));
    const orders = inputs.map((input) => this.value(input).held.axes).filter((axes) => axes.length === rank);
    const axes = orders.find((order) => !isFileOrder(order)) ?? fileOrder(rank);
    const tensors = inputs.map((input) => {
      const value = this.value(input);
      const own = value.held.axes;
      const how = typeof form === "string" ? form : form(input);
      // One element broadcasts whatever its rank, and in any order.
      const single = value.held.tensor.shape.every((dim) => dim === 1);
      if ((own.length < rank && single) || isFileOrder(axes)) return value[how](fileOrder(own.length));
      return value[how](axes, rank);
    });
    return { tensors, axes };
  }

  /** An input whose numbers must be known when the file is read, up to symbols. */
  known(input: number, what: string): KnownNumbers {
    const { known, dtype } = this.value(input);
    if (known !== undefined) return known;
    return dtype === "int32" || dtype === "int64"
      ? this.refuse(`${what} that are computed while the program runs`)
      : this.fail(`${what}: expected int32 or int64, got ${dtype}`);
  }

  /** Whole numbers that an operator is told by an input. */
  integers(input: number, what: string): number[] {
    return this.known(input, what).elements.map((element) =>
      Number.isSafeInteger(element)
        ? (element as number)
        : this.refuse(`${what} that depend on a symbolic dimension (${element})`),
    );
  }

  integer(input: number, what: string): number {
    const [number, ...more] = this.integers(input, what);
    return number === undefined || more.length > 0 ? this.fail(`${what}: expected one number`) : number;
  }

  /** Dimensions that an operator is told by an input, as ops take them. */
  dimensions(input: number, what: string): number[] {
    return this.known(input, what).elements.map((element) => this.live(element));
  }

  live(dim: Dim): number {
    return typeof dim === "string" ? this.program.dimension(dim) : dim;
  }

  /** An axis of the file's tensor, counted from the end when negative. */
  axis(given: number, rank: number): number {
    const axis = given < 0 ? given + rank : given;
    return axis >= 0 && axis < rank ? axis : this.fail(`expected an axis of ${rank}, got ${given}`);
  }

  /** Axes of an input that another one lists, each once. */
  axes(input: number, rank: number): number[] {
    return [...new Set(this.integers(input, "axes").map((axis) => this.axis(axis, rank)))];
  }
}

/** What an operator is called in messages. */
export function operatorLabel({ kind, custom, index }: OperatorInfo): string {
  return `operator ${index} (${kind === "CUSTOM" ? `custom operator ${JSON.stringify(custom.slice(0, 80))}` : kind})`;
}

/** The error that says what cannot be read. */
export function unsupported(reasons: readonly string[]): UnsupportedError {
  return new UnsupportedError("readTflite", reasons, "cannot read this model");
}

/** How an operator is written with ordinary ops: one held value per output. */
export type OperatorReader = (node: OperatorNode) => readonly Held[];

export interface OperatorRow {
  readonly read: OperatorReader;
  /** Its results when the numbers that it needs are known already; undefined when they are not. */
  readonly known?: (node: OperatorNode) => readonly KnownNumbers[] | undefined;
}

/** Rows of the table of operators. */
export type OperatorRows = Readonly<Record<string, OperatorReader | OperatorRow>>;
