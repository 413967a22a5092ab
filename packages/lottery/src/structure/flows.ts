import { type Dim, type Graph, type GraphNode, type ValueType, isNode } from "@parsimony/core-tensor";

/**
 * An axis of a node's input that goes through to its outputs, slice by slice: slice i of the output depends on that slice
 * of the input only.
 */
export interface Flow {
  /** Which input. */
  readonly input: number;
  readonly axis: number;
  /** Axis of the outputs. */
  readonly to: number;
  /** For every slice of the output the slice of the input, -1 where it has none. Absent: the same. */
  readonly from?: Int32Array;
}

/** What is known of a node: its axes that go through, and axes of its outputs that it makes by repetition. */
export interface NodeFlows {
  readonly flows: readonly Flow[];
  /** Axes of the outputs whose slices are all alike; any of them can be left out. */
  readonly repeated: readonly number[];
}

const elementwise = new Set(
  (
    "neg abs sign exp expm1 log log1p sqrt rsqrt reciprocal sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh " +
    "sigmoid relu softplus erf erfInv lgamma polygamma floor ceil round isNan isInf logicalNot add sub mul div pow rem atan2 " +
    "minimum maximum equal notEqual less lessEqual greater greaterEqual logicalAnd logicalOr logicalXor where cast stopGradient"
  ).split(" "),
);
const reductions = new Set(["sum", "mean", "prod", "max", "min", "any", "all"]);
/** Ops that work along one axis and keep it. */
const alongAxis = new Set(["softmax", "logSoftmax", "sort", "topK", "cumsum"]);
const images = new Set(["maxPool2d", "avgPool2d", "resize2d"]);

/** Is this op computed element by element? */
export function isElementwise(op: string): boolean {
  return elementwise.has(op);
}

/**
 * The axes that go through a node. Ops that are not known here have none, so that everything around them stays as it is.
 * Over which axes products are summed (`contractions.ts`) and reshapes (`reshapeAxes.ts`) are described elsewhere.
 */
export function nodeFlows(node: GraphNode, types: Graph["types"]): NodeFlows {
  const shapes = node.inputs.map((name) => (types[name] as ValueType).shape);
  const output = (types[node.outputs[0] as string] as ValueType).shape;
  const first = shapes[0] ?? [];
  const only = (flows: readonly Flow[], repeated: readonly number[] = []): NodeFlows => ({ flows, repeated });
  const axes = first.map((_, axis) => axis);
  if (elementwise.has(node.op)) return only(broadcastFlows(shapes, output));
  if (images.has(node.op)) return only([passed(0), passed(1)]);
  if (reductions.has(node.op)) {
    const { axes: reduced, keepDims } = node.attributes as { axes: readonly number[]; keepDims: boolean };
    const kept = axes.filter((axis) => !reduced.includes(axis));
    return only(kept.map((axis, i) => ({ input: 0, axis, to: keepDims ? axis : i })));
  }
  if (alongAxis.has(node.op)) return only(axes.filter((axis) => axis !== node.attributes.axis).map(passed));
  if (isNode(node, "argMax") || isNode(node, "argMin")) {
    const { axis: along, keepDims } = node.attributes;
    const kept = axes.filter((axis) => axis !== along);
    return only(kept.map((axis, i) => ({ input: 0, axis, to: keepDims ? axis : i })));
  }
  if (isNode(node, "matmul")) return only(matmulFlows(shapes, output));
  if (isNode(node, "conv2d")) {
    const { groups } = node.attributes;
    const [channels, out] = [first[1] as number, (shapes[1] as readonly number[])[0] as number];
    const weights: Flow = { input: 1, axis: 0, to: 1 };
    // Channels that are convolved each on its own go through; the others are summed over.
    if (groups === 1 || groups !== channels) return only([passed(0), weights]);
    const from = Int32Array.from({ length: out }, (_, i) => Math.floor(i / (out / groups)));
    return only([passed(0), weights, { input: 0, axis: 1, to: 1, from }]);
  }
  if (isNode(node, "convTranspose2d")) {
    return only(node.attributes.groups === 1 ? [passed(0), { input: 1, axis: 1, to: 1 }] : [passed(0)]);
  }
  if (isNode(node, "transpose")) {
    return only(node.attributes.permutation.map((axis, to) => ({ input: 0, axis, to })));
  }
  if (isNode(node, "broadcastTo")) {
    const flows = broadcastFlows(shapes, output);
    return only(
      flows,
      output.flatMap((_, axis) => (flows.some(({ to }) => to === axis) ? [] : [axis])),
    );
  }
  if (isNode(node, "concat")) return only(concatFlows(shapes, node.attributes.axis));
  if (isNode(node, "slice")) {
    const { starts, ends, steps } = node.attributes;
    return only(
      axes.flatMap((axis): Flow[] => {
        if (starts[axis] === 0 && ends[axis] === first[axis] && steps[axis] === 1) return [passed(axis)];
        const [start, end] = [starts[axis], ends[axis]];
        if (typeof start !== "number" || typeof end !== "number" || steps[axis] !== 1) return [];
        return [{ input: 0, axis, to: axis, from: Int32Array.from({ length: end - start }, (_, i) => start + i) }];
      }),
    );
  }
  if (isNode(node, "pad")) {
    const { before, after } = node.attributes;
    return only(
      axes.flatMap((axis): Flow[] => {
        const size = first[axis];
        const [left, right] = [before[axis] as number, after[axis] as number];
        if (left === 0 && right === 0) return [passed(axis)];
        if (typeof size !== "number") return [];
        const from = Int32Array.from({ length: left + size + right }, (_, i) =>
          i < left || i >= left + size ? -1 : i - left,
        );
        return [{ input: 0, axis, to: axis, from }];
      }),
    );
  }
  if (isNode(node, "reverse")) {
    return only(
      axes.flatMap((axis): Flow[] => {
        if (!node.attributes.axes.includes(axis)) return [passed(axis)];
        const size = first[axis];
        if (typeof size !== "number") return [];
        return [{ input: 0, axis, to: axis, from: Int32Array.from({ length: size }, (_, i) => size - 1 - i) }];
      }),
    );
  }
  if (isNode(node, "quantize") || isNode(node, "dequantize")) {
    const { axis, blockSize } = node.attributes;
    if (blockSize !== 0) return only([]);
    const own = axis === null ? [] : [1, 2].map((input) => ({ input, axis: 0, to: axis }));
    return only([...axes.map(passed), ...own]);
  }
  return only([]);
}

const passed = (axis: number): Flow => ({ input: 0, axis, to: axis });

/** Axes that line up from the right; one of length 1 that is stretched does not go through. */
function broadcastFlows(shapes: readonly (readonly Dim[])[], output: readonly Dim[]): Flow[] {
  return shapes.flatMap((shape, input) =>
    shape.flatMap((size, axis): Flow[] => {
      const to = axis + output.length - shape.length;
      return size === output[to] ? [{ input, axis, to }] : [];
    }),
  );
}

/** Rows of the left factor, columns of the right one, and the axes before them, which broadcast. */
function matmulFlows(shapes: readonly (readonly Dim[])[], output: readonly Dim[]): Flow[] {
  const batches = shapes.map((shape) => shape.slice(0, -2));
  const rank = output.length;
  return [
    ...broadcastFlows(batches, output.slice(0, -2)),
    { input: 0, axis: (shapes[0] as readonly Dim[]).length - 2, to: rank - 2 },
    { input: 1, axis: (shapes[1] as readonly Dim[]).length - 1, to: rank - 1 },
  ];
}

function concatFlows(shapes: readonly (readonly Dim[])[], along: number): Flow[] {
  const sizes = shapes.map((shape) => shape[along]);
  const known = sizes.every((size) => typeof size === "number");
  const total = known ? (sizes as number[]).reduce((sum, size) => sum + size, 0) : 0;
  let start = 0;
  return shapes.flatMap((shape, input) => {
    const begin = start;
    const size = sizes[input];
    if (typeof size === "number") start += size;
    return shape.flatMap((_, axis): Flow[] => {
      if (axis !== along) return [{ input, axis, to: axis }];
      if (!known) return [];
      const from = Int32Array.from({ length: total }, (_unused, i) => {
        const at = i - begin;
        return at >= 0 && at < (size as number) ? at : -1;
      });
      return [{ input, axis, to: axis, from }];
    });
  });
}
