import { broadcastTo } from "../../../ops/index.ts";
import { type Dim, addDims, dimTerms, divideDims, mulDims, subDims } from "../../../tensor/dims.ts";
import type { DType } from "../../../tensor/dtype.ts";
import type { HostTensor } from "../../../tensor/host.ts";
import { fromLanes, readLanes } from "../../../tensor/lanes.ts";
import { broadcastShapes } from "../../../tensor/shape.ts";
import type { NodeContext, OperatorReader } from "./context.ts";
import { foldNode } from "./fold.ts";
import { KnownDims, type Value, isConstant, isKnownDims } from "./value.ts";

/**
 * Which inputs an operator only moves about: its results are elements of them. For these the operator's own reader does
 * the work, on the positions of the elements in the place of the elements.
 */
const moved: Readonly<Record<string, readonly number[] | "all">> = {
  Identity: [0],
  Gather: [0],
  GatherElements: [0],
  Slice: [0],
  Concat: "all",
  Squeeze: [0],
  Unsqueeze: [0],
  Reshape: [0],
  Flatten: [0],
  Transpose: [0],
  Expand: [0],
  Tile: [0],
  Split: [0],
  Where: [1, 2],
};

type Arithmetic = (a: Dim, b: Dim) => Dim | undefined;

/** The larger or smaller one, where that is certain. A symbol is a length: 0 or more. */
const extreme =
  (sign: 1 | -1): Arithmetic =>
  (a, b) => {
    const difference = lowerBound(subDims(a, b));
    if (difference >= 0) return sign > 0 ? a : b;
    return lowerBound(subDims(b, a)) >= 0 ? (sign > 0 ? b : a) : undefined;
  };

/** The least value that a dimension can have, as far as its terms tell. */
function lowerBound(dim: Dim): number {
  let bound = 0;
  for (const { coefficient, symbols } of dimTerms(dim)) {
    if (symbols.length === 0) bound += coefficient;
    else if (coefficient < 0) return Number.NEGATIVE_INFINITY;
  }
  return bound;
}

/** A dimension as the difference of two that are not negative. */
export function signedParts(dim: Dim): readonly [gain: Dim, loss: Dim] {
  const sum = (sign: 1 | -1): Dim =>
    dimTerms(dim)
      .filter(({ coefficient }) => coefficient * sign > 0)
      .map(({ coefficient, symbols }) =>
        symbols.reduce<Dim>((product, name) => mulDims(product, name), coefficient * sign),
      )
      .reduce<Dim>((total, term) => addDims(total, term), 0);
  return [sum(1), sum(-1)];
}

const sign = (a: Dim, b: Dim): -1 | 0 | 1 | undefined => {
  const difference = subDims(a, b);
  if (typeof difference === "number") return Math.sign(difference) as -1 | 0 | 1;
  if (lowerBound(difference) > 0) return 1;
  return lowerBound(subDims(b, a)) > 0 ? -1 : undefined;
};

const arithmetic: Readonly<Record<string, Arithmetic>> = {
  Add: addDims,
  Sub: subDims,
  Mul: mulDims,
  Div: (a, b) => {
    if (typeof a === "number" && typeof b === "number") return b === 0 ? undefined : Math.trunc(a / b);
    return b === 0 ? undefined : divideDims(a, b);
  },
  Mod: (a, b) => {
    if (typeof a === "number" && typeof b === "number") return b === 0 ? undefined : a - Math.floor(a / b) * b;
    return b !== 0 && divideDims(a, b) !== undefined ? 0 : undefined;
  },
  Max: extreme(1),
  Min: extreme(-1),
};

const comparisons: Readonly<Record<string, (sign: -1 | 0 | 1) => boolean>> = {
  Equal: (s) => s === 0,
  Less: (s) => s < 0,
  LessOrEqual: (s) => s <= 0,
  Greater: (s) => s > 0,
  GreaterOrEqual: (s) => s >= 0,
};

/**
 * The results of a node over known dimensions, where they are known too; `undefined` otherwise. This is how the chains
 * of `Shape`, `Gather`, `Concat`, … in front of a `Reshape` become dimensions of the program.
 */
export function evaluateDims(context: NodeContext, reader: OperatorReader): readonly (Value | undefined)[] | undefined {
  const { node } = context;
  const values = context.inputs;
  const elementwise = arithmetic[node.opType];
  if (elementwise !== undefined) return combine(context, (a, b) => elementwise(a, b), context.dtype(0));
  const compare = comparisons[node.opType];
  if (compare !== undefined) {
    const result = (a: Dim, b: Dim): Dim | undefined => {
      const order = sign(a, b);
      return order === undefined ? undefined : Number(compare(order));
    };
    return combine(context, result, "bool");
  }
  if (node.opType === "Cast") {
    const target = context.elementType(context.attributes.int("to"));
    return target === "int64" || target === "int32" ? mapped(context, (dim) => dim, target) : undefined;
  }
  if (node.opType === "Neg") return mapped(context, (dim) => mulDims(dim, -1), context.dtype(0));
  if (node.opType === "ReduceProd" || node.opType === "ReduceSum") return reduceAll(context);
  const which = moved[node.opType];
  if (which === undefined) return undefined;
  return move(context, reader, which === "all" ? values.map((_, i) => i) : which);
}

/** The elements of a value of whole numbers; `undefined` when they are not known. */
function elementsOf(value: Value | undefined): readonly Dim[] | undefined {
  if (value === undefined) return undefined;
  if (isKnownDims(value)) return value.elements;
  if (!isConstant(value) || value.size > 4096) return undefined;
  const numbers = Array.from(value.dataSync(), Number);
  // Larger numbers, which stand for "no bound", cannot be computed with as dimensions.
  return numbers.every(Number.isSafeInteger) ? numbers : undefined;
}

/** A constant where every element is a number. */
export function dimsValue(dtype: DType, shape: readonly number[], elements: readonly Dim[]): HostTensor | KnownDims {
  const numbers = elements.filter((dim) => typeof dim === "number");
  return numbers.length === elements.length ? fromLanes(dtype, shape, numbers) : new KnownDims(dtype, shape, elements);
}

function mapped(context: NodeContext, fn: (dim: Dim) => Dim, dtype: DType): Value[] | undefined {
  const elements = elementsOf(context.value(0));
  const shape = context.shape(0) as readonly number[];
  return elements === undefined ? undefined : [dimsValue(dtype, shape, elements.map(fn))];
}

function combine(context: NodeContext, fn: Arithmetic, dtype: DType): Value[] | undefined {
  if (context.inputCount !== 2) return undefined;
  const a = elementsOf(context.value(0));
  const b = elementsOf(context.value(1));
  if (a === undefined || b === undefined) return undefined;
  const shapes = [0, 1].map((i) => context.shape(i) as readonly number[]) as [readonly number[], readonly number[]];
  const shape = broadcastShapes(context.node.opType, shapes[0], shapes[1]) as readonly number[];
  const places = shapes.map((own) => broadcastPlaces(own, shape)) as [ArrayLike<number>, ArrayLike<number>];
  const elements: Dim[] = [];
  for (let i = 0; i < places[0].length; i++) {
    const result = fn(a[places[0][i] as number] as Dim, b[places[1][i] as number] as Dim);
    if (result === undefined) return undefined;
    elements.push(result);
  }
  return [dimsValue(dtype, shape, elements)];
}

/** For each element of the broadcast shape the position of the element that stands there. */
function broadcastPlaces(own: readonly number[], shape: readonly number[]): ArrayLike<number> {
  const size = own.reduce((product, dim) => product * dim, 1);
  const places = fromLanes(
    "int32",
    own,
    Int32Array.from({ length: size }, (_, i) => i),
  );
  return readLanes(broadcastTo(places, shape) as HostTensor);
}

/** The sum or product of a vector. */
function reduceAll(context: NodeContext): Value[] | undefined {
  const elements = elementsOf(context.value(0));
  const axes = context.has(1) ? context.ints(1, "axes") : context.attributes.ints("axes", []);
  if (elements === undefined || context.rank(0) !== 1 || axes.some((axis) => axis !== 0 && axis !== -1))
    return undefined;
  if (axes.length === 0 && context.attributes.flag("noop_with_empty_axes", false)) return [context.value(0)];
  const total =
    context.node.opType === "ReduceProd"
      ? elements.reduce<Dim>((product, dim) => mulDims(product, dim), 1)
      : elements.reduce<Dim>((sum, dim) => addDims(sum, dim), 0);
  return [dimsValue(context.dtype(0), context.attributes.flag("keepdims", true) ? [1] : [], [total])];
}

/** Runs the operator on positions and puts the elements in their place. */
function move(context: NodeContext, reader: OperatorReader, which: readonly number[]): Value[] | undefined {
  const elements: Dim[] = [];
  let dtype: DType | undefined;
  const inputs = context.inputs.map((value, i) => {
    if (value === undefined || !which.includes(i)) return value;
    const own = elementsOf(value);
    if (own === undefined) return undefined;
    dtype ??= context.dtype(i);
    const first = elements.length;
    elements.push(...own);
    return fromLanes(
      "int64",
      context.shape(i) as readonly number[],
      own.map((_, k) => first + k),
    );
  });
  const complete = inputs.every((value, i) => (value === undefined) === (context.inputs[i] === undefined));
  if (!complete || dtype === undefined || inputs.some((value) => value !== undefined && isKnownDims(value)))
    return undefined;
  const results = foldNode(context.node, context.opset, inputs, reader, context.surroundings);
  return results?.map((places) => {
    const host = places as HostTensor;
    return dimsValue(
      dtype as DType,
      host.shape,
      Array.from(readLanes(host), (place) => elements[place] as Dim),
    );
  });
}
