import { GraphBuilder } from "../../graph/builder.ts";
import type { Attributes, Graph } from "../../ops/program.ts";
import type { OpAttributes, OpName } from "../../ops/vocabulary.ts";
import { type Dim, evaluateDim } from "../../tensor/dims.ts";
import type { DType } from "../../tensor/dtype.ts";
import { OpError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { type Bounds, type Fact, exact, isExact, isFit } from "./fact.ts";

/** Largest number of elements of any value. */
const sizeLimit = 128;

/** The largest number that the symbolic dimension of a random program is given. */
export const largestBatch = 5;

/** Thrown by a template that finds nothing to work on: the step is left out. */
export class Inapplicable extends Error {}

/**
 * Writes a random program: keeps what is known of every value, hands out values and choices to the templates, and
 * refuses steps whose results would be unfit for comparison.
 */
export class ProgramWriter {
  readonly builder: GraphBuilder = new GraphBuilder("program");
  readonly facts: Fact[] = [];
  /** Sources of a step's choices; taken one by one, 0 when they are used up. */
  choices: number[] = [];

  constructor(readonly float: DType) {}

  /** A choice among `count` things. */
  choose(count: number): number {
    return count <= 0 ? 0 : (this.choices.shift() ?? 0) % count;
  }

  /** One of some things. */
  oneOf<T>(things: readonly T[]): T {
    return things[this.choose(things.length)] as T;
  }

  flip(): boolean {
    return this.choose(2) === 1;
  }

  /** A value that fits; the newest ones come first, so that programs get deep, and shrink to the latest. */
  value(fits: (fact: Fact) => boolean): Fact {
    const candidates = this.facts.filter(fits);
    if (candidates.length === 0) throw new Inapplicable();
    return candidates[candidates.length - 1 - this.choose(candidates.length)] as Fact;
  }

  input(name: string, dtype: DType, shape: readonly Dim[], bounds: Bounds): Fact {
    this.builder.input(name, { dtype, shape });
    return this.#remember(name, bounds);
  }

  constant(value: HostTensor, bounds: Bounds): Fact {
    return this.#remember(this.builder.constant(value), bounds);
  }

  /** A constant of the same number everywhere. */
  scalar(dtype: DType, value: number): Fact {
    return this.constant(fromLanes(dtype, [], [value]), exact(value, value, gridOf(value)));
  }

  /** Whole numbers in [low, high], a different one at each place. */
  wholes(dtype: DType, shape: readonly number[], low: number, high: number): Fact {
    const start = this.choose(high - low + 1);
    const values = Array.from({ length: sizeOf(shape) }, (_, i) => low + ((start + i * 7) % (high - low + 1)));
    return this.constant(fromLanes(dtype, shape, values), exact(low, high, 1));
  }

  /** Adds a node; bounds are for its outputs in order. Outputs beyond those given cannot be read by later nodes. */
  emit<Name extends OpName>(
    op: Name,
    inputs: readonly Fact[],
    attributes: OpAttributes[Name],
    ...bounds: readonly Bounds[]
  ): Fact {
    return this.emitAll(op, inputs, attributes, ...bounds)[0] as Fact;
  }

  emitAll<Name extends OpName>(
    op: Name,
    inputs: readonly Fact[],
    attributes: OpAttributes[Name],
    ...bounds: readonly Bounds[]
  ): Fact[] {
    const names = inputs.map(({ name }) => name);
    const trial = this.#infer(op, names, attributes as Attributes);
    bounds.forEach((own, i) => {
      const { dtype, shape } = trial[i] as Fact;
      if (!isFit(dtype, own) || this.sizeOf(shape) > sizeLimit) throw new Inapplicable();
    });
    const outputs = this.builder.addNode(op, names, attributes as Attributes);
    return bounds.map((own, i) => this.#remember(outputs[i] as string, own));
  }

  /** A dimension, or a number of elements, at its largest. */
  lengthOf(dim: Dim | undefined): number {
    return evaluateDim(dim ?? 1, { batch: largestBatch });
  }

  sizeOf(shape: readonly Dim[]): number {
    return shape.reduce<number>((size, dim) => size * this.lengthOf(dim), 1);
  }

  /** The program; its outputs are the values that nobody reads. */
  finish(): { readonly graph: Graph; readonly outputs: ReadonlyMap<string, Fact> } {
    const program = this.builder.build();
    const read = new Set(program.nodes.flatMap(({ inputs }) => inputs));
    const made = new Set(program.nodes.flatMap(({ outputs }) => outputs));
    const ends = this.facts.filter(({ name }) => made.has(name) && !read.has(name));
    const wanted = ends.length > 0 ? ends : this.facts.slice(0, 1);
    const outputs = new Map(wanted.map((fact, i) => [`out${i}`, fact]));
    for (const [name, fact] of outputs) this.builder.output(name, fact.name);
    return { graph: this.builder.build(), outputs };
  }

  /** The types that a node would have, before it is added. */
  #infer(op: string, inputs: readonly string[], attributes: Attributes): readonly Pick<Fact, "dtype" | "shape">[] {
    const draft = new GraphBuilder();
    try {
      const own = inputs.map((name, i) => draft.input(`i${i}`, this.builder.type(name)));
      return draft.addNode(op, own, attributes).map((name) => draft.type(name));
    } catch (error) {
      if (error instanceof OpError) throw new Inapplicable();
      throw error;
    }
  }

  #remember(name: string, { low, high, grid, error }: Bounds): Fact {
    const fact: Fact = { name, ...this.builder.type(name), low, high, grid, error };
    this.facts.push(fact);
    return fact;
  }
}

/** The largest power of two (at most 1) that a number is a multiple of. */
export function gridOf(value: number): number {
  let grid = 1;
  while (value % grid !== 0 && grid > 2 ** -20) grid /= 2;
  return grid;
}

/** Which values an op takes. */
export const isOf =
  (...dtypes: readonly DType[]) =>
  (fact: Fact): boolean =>
    dtypes.includes(fact.dtype);

export const isExactOf =
  (...dtypes: readonly DType[]) =>
  (fact: Fact): boolean =>
    dtypes.includes(fact.dtype) && isExact(fact);
