import { dimValuePrimitive } from "../../ops/movement/iota.ts";
import { dequantize, reshape, stack } from "../../ops/index.ts";
import { applyOne } from "../../ops/applyOne.ts";
import type { Dim } from "../../tensor/dims.ts";
import type { DType } from "../../tensor/dtype.ts";
import { HostTensor, isHostTensor } from "../../tensor/host.ts";
import { encodeLanes } from "../../tensor/lanes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Held, fileOrder, isFlat, reorder, withRank } from "./layout.ts";
import type { Quantization } from "./quantization.ts";

/** Where values live: the program that is being written. */
export interface Program {
  /** A constant as a value of the program. */
  constant(value: HostTensor, name: string): Tensor;
  /** A symbolic dimension as ops take it. */
  dimension(expression: string): number;
  /** Takes memory for a constant that is not the file's own bytes; throws a TfliteError where there is none left. */
  reserve(bytes: number, offset: number): void;
}

/** Whole numbers known when a file is read, up to the symbols of its dimensions. */
export interface KnownNumbers {
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly elements: readonly Dim[];
}

/** So many numbers are looked at; shapes, axes and paddings are fewer. */
const KNOWN_LIMIT = 1024;

/** A tensor of the file while its program is written. Each form in which it is asked for is made once. */
export class Value {
  readonly #forms = new Map<string, Tensor>();
  readonly #program: Program;
  #held: Held | undefined;
  #known: KnownNumbers | undefined;

  /**
   * @param held a constant, or a value of the program; may be left out where `known` is given.
   */
  constructor(
    program: Program,
    readonly name: string,
    readonly dtype: DType,
    readonly quantization: Quantization | undefined,
    held: Held | undefined,
    known?: KnownNumbers,
  ) {
    this.#program = program;
    this.#held = held;
    this.#known = known;
  }

  /** As it is kept: a host tensor for a constant. */
  get held(): Held {
    this.#held ??= this.#materialize(this.#known as KnownNumbers);
    return this.#held;
  }

  /** Its values, where the file has them or they were computed while reading. */
  get constant(): HostTensor | undefined {
    const { tensor } = this.held;
    return isHostTensor(tensor) ? tensor : undefined;
  }

  /** Its numbers, where they are few, whole and known. */
  get known(): KnownNumbers | undefined {
    if (this.#known !== undefined) return this.#known;
    const { constant } = this;
    if (constant === undefined || (this.dtype !== "int32" && this.dtype !== "int64")) return undefined;
    if (constant.size > KNOWN_LIMIT) return undefined;
    // Numbers beyond 2^53 serve as no dimension or axis, whatever they are rounded to.
    const elements = Array.from(constant.dataSync() as ArrayLike<number | bigint>, Number);
    this.#known = { shape: constant.shape, elements };
    return this.#known;
  }

  /**
   * The value as the program has it, in an order of axes.
   *
   * @param rank axes of length 1 are put before the file's until there are so many; `axes` orders all of them.
   */
  stored(axes: readonly number[], rank: number = axes.length): Tensor {
    return this.#form(`${rank}:${axes}`, () => {
      const { held } = this;
      const arranged = reorder(withRank(held, rank), axes);
      return isHostTensor(arranged) ? this.#program.constant(arranged, this.name) : arranged;
    });
  }

  /** As `stored`, with quantised numbers as floats. */
  real(axes: readonly number[], rank: number = axes.length): Tensor {
    const { quantization } = this;
    if (quantization === undefined) return this.stored(axes, rank);
    return this.#form(`real ${rank}:${axes}`, () => {
      const { scale, zeroPoint } = quantization.parameters;
      const q = this.stored(axes, rank);
      if (quantization.axis === null) return dequantize(q, scale, zeroPoint);
      const axis = axes.indexOf(quantization.axis + rank - this.held.axes.length);
      return dequantize(q, scale, zeroPoint, { axis });
    });
  }

  /** The value, as stored or as floats, with its elements one after the other as the file has them. */
  flat(form: "stored" | "real"): Tensor {
    const { axes } = this.held;
    return this[form](isFlat(this.held) ? axes : fileOrder(axes.length));
  }

  #form(key: string, make: () => Tensor): Tensor {
    const made = this.#forms.get(key) ?? make();
    this.#forms.set(key, made);
    return made;
  }

  #materialize({ shape, elements }: KnownNumbers): Held {
    const axes = fileOrder(shape.length);
    const numbers = elements.filter((element) => typeof element === "number");
    if (numbers.length === elements.length) {
      return { tensor: new HostTensor(this.dtype, shape, encodeLanes(this.dtype, numbers)), axes };
    }
    const scalars = elements.map((element) =>
      typeof element === "number"
        ? new HostTensor(this.dtype, [], encodeLanes(this.dtype, [element]))
        : applyOne(dimValuePrimitive, [], { dim: this.#program.dimension(element), dtype: this.dtype }),
    );
    return { tensor: reshape(stack(scalars), shape), axes };
  }
}
