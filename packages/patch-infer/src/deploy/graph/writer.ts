import { GraphBuilder, HostTensor, type OpAttributes } from "@parsimony/core-tensor";
import type { Box } from "../../base/interval.ts";
import type { FeatureMap } from "../../network/network.ts";
import type { Quantization } from "../../network/quantization.ts";

/** A part of a map as a value [1, channels, rows, columns] of the program: numbers, or codes where the map has codes. */
export interface Part extends Box {
  readonly value: string;
}

type Numbers = Float32Array | Int8Array | Int32Array;

const dtypes = { Float32Array: "float32", Int8Array: "int8", Int32Array: "int32" } as const;

export function quantizationOf({ scale, zeroPoint }: FeatureMap): Quantization {
  return { scale: scale as number, zeroPoint: zeroPoint as number };
}

/** Writes ordinary ops; what is asked for twice is written once. */
export class GraphWriter {
  readonly builder: GraphBuilder;
  readonly #made = new Map<string, string>();
  readonly #constants = new Map<object, string>();
  readonly #owned = new Map<object, Map<string, unknown>>();

  constructor(name: string, reserved: Iterable<string>) {
    this.builder = new GraphBuilder(name, reserved);
  }

  op<Name extends keyof OpAttributes>(
    op: Name,
    inputs: readonly string[],
    attributes: OpAttributes[Name],
    name?: string,
  ): string {
    const key = `${op}(${inputs.join()})${JSON.stringify(attributes)}`;
    const known = this.#made.get(key);
    if (known !== undefined && name === undefined) return known;
    const free = name !== undefined && !this.builder.has(name) ? [name] : undefined;
    const value = this.builder.add(op, inputs, attributes, free)[0] as string;
    this.#made.set(key, value);
    return value;
  }

  /** What is made of an object is made once. */
  once<T>(owner: object, what: string, make: () => T): T {
    const known = this.#owned.get(owner) ?? new Map<string, unknown>();
    this.#owned.set(owner, known);
    if (!known.has(what)) known.set(what, make());
    return known.get(what) as T;
  }

  shape(value: string): readonly number[] {
    return this.builder.type(value).shape as readonly number[];
  }

  /** A constant; one array is written once per shape. */
  constant(numbers: Numbers, shape: readonly number[]): string {
    const known = this.#constants.get(numbers);
    if (known !== undefined && this.shape(known).join() === shape.join()) return known;
    const dtype = dtypes[numbers.constructor.name as keyof typeof dtypes];
    const value = this.builder.constant(new HostTensor(dtype, shape, numbers));
    this.#constants.set(numbers, value);
    return value;
  }

  number(value: number): string {
    return this.#scalar(`number ${Object.is(value, -0) ? "-0" : value}`, "float32", Float32Array.of(value));
  }

  #scalar(key: string, dtype: "float32" | "int8" | "uint8", numbers: Float32Array | Int8Array | Uint8Array): string {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const value = this.builder.constant(new HostTensor(dtype, [], numbers));
    this.#made.set(key, value);
    return value;
  }

  #scaling({ scale, zeroPoint }: Quantization): [string, string] {
    const zero = this.#scalar(`zero ${zeroPoint}`, "int8", Int8Array.of(zeroPoint));
    return [this.number(Math.fround(scale)), zero];
  }

  /** Scale and zero point of uint8 codes that stand 128 above int8 codes. */
  unsigned(scale: number, zeroPoint: number): [string, string] {
    const zero = this.#scalar(`unsigned ${zeroPoint}`, "uint8", Uint8Array.of(zeroPoint + 128));
    return [this.number(Math.fround(scale)), zero];
  }

  /** Codes as numbers. */
  dequantize(value: string, quantization: Quantization): string {
    return this.op("dequantize", [value, ...this.#scaling(quantization)], {
      axis: null,
      blockSize: 0,
      dtype: "float32",
    });
  }

  /** Numbers as codes. */
  quantize(value: string, quantization: Quantization, name?: string): string {
    const attributes = { axis: null, blockSize: 0, dtype: "int8" } as const;
    return this.op("quantize", [value, ...this.#scaling(quantization)], attributes, name);
  }

  /** Constant codes as numbers, with one scale for each index of an axis. */
  dequantizeConstant(
    codes: Int8Array | Int32Array,
    shape: readonly number[],
    scales: Float32Array,
    axis: number = 0,
  ): string {
    const value = this.constant(codes, shape);
    const step = this.constant(scales, [scales.length]);
    const zeros = this.once(scales, codes.constructor.name, () =>
      codes instanceof Int8Array ? new Int8Array(scales.length) : new Int32Array(scales.length),
    );
    const zero = this.constant(zeros, [scales.length]);
    return this.op("dequantize", [value, step, zero], { axis, blockSize: 0, dtype: "float32" });
  }

  /** The box of a part that holds it. */
  slice({ value, rows, columns }: Part, box: Box): string {
    const [, channels = 0] = this.shape(value);
    const starts = [0, 0, box.rows.start - rows.start, box.columns.start - columns.start];
    const ends = [1, channels, box.rows.end - rows.start, box.columns.end - columns.start];
    const isWhole =
      starts.every((start) => start === 0) &&
      ends[2] === rows.end - rows.start &&
      ends[3] === columns.end - columns.start;
    return isWhole ? value : this.op("slice", [value], { starts, ends, steps: [1, 1, 1, 1] });
  }

  /** Cells `[before, after]` along height and width. */
  pad(value: string, height: readonly [number, number], width: readonly [number, number], filling: number): string {
    if ([...height, ...width].every((cells) => cells === 0)) return value;
    const before = [0, 0, height[0], width[0]];
    const after = [0, 0, height[1], width[1]];
    return this.op("pad", [value], { before, after, value: filling });
  }

  concat(values: readonly string[], axis: number): string {
    return values.length === 1 ? (values[0] as string) : this.op("concat", values, { axis });
  }
}
