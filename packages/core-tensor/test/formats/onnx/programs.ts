import { GraphBuilder } from "../../../src/graph/builder.ts";
import { grad, valueAndGrad } from "../../../src/graph/grad.ts";
import { customVjp } from "../../../src/graph/customVjp.ts";
import { scan } from "../../../src/graph/scan.ts";
import { spec } from "../../../src/graph/spec.ts";
import { trace } from "../../../src/graph/trace.ts";
import type { Graph } from "../../../src/ops/program.ts";
import * as ops from "../../../src/ops/index.ts";
import type { HostTensor } from "../../../src/tensor/host.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { sample, values } from "./cases.ts";

/** A program with symbolic dimensions, and inputs for it at several values of them. */
export interface SymbolicProgram {
  readonly graph: Graph;
  readonly inputs: readonly Readonly<Record<string, HostTensor>>[];
}

const batches = [3, 1, 0, 5];

/** A program of one input whose axis 0 is "batch". */
function ofBatch(
  fn: (x: Tensor) => unknown,
  shape: readonly number[] = [4],
  sizes: readonly number[] = batches,
): SymbolicProgram {
  return {
    graph: trace(fn, spec(["batch", ...shape], "float32", "x")),
    inputs: sizes.map((batch) => ({ x: sample("float32", [batch, ...shape]) })),
  };
}

const some = [3, 1, 5];

const net = {
  first: sample("float32", [4, 1, 3, 3], -0.5, 0.5),
  last: sample("float32", [16, 3], -0.5, 0.5),
};

/** A small convolutional network on [batch, 1, 4, 4]. */
function logits(x: Tensor, first: Tensor, last: Tensor): Tensor {
  const hidden = ops.relu(ops.conv2d(x, first, { pads: 1 }));
  return ops.matmul(ops.flatten(ops.maxPool2d(hidden, { kernel: 2 }), 1), last);
}

function loss(params: { first: Tensor; last: Tensor }, x: Tensor, labels: Tensor): Tensor {
  return ops.crossEntropy(logits(x, params.first, params.last), labels);
}

const rectified = customVjp((x: Tensor) => ops.maximum(x, 0), {
  forward: (x) => [ops.maximum(x, 0), x] as const,
  backward: (x: Tensor, cotangent) => [ops.mul(cotangent, ops.cast(ops.greater(x, 0), "float32"))],
});

export const symbolicPrograms: Readonly<Record<string, SymbolicProgram>> = {
  flatten: ofBatch((x) => ops.reshape(x, [x.shape[0] as number, -1]), [2, 3]),
  foldIntoBatch: ofBatch((x) => ops.reshape(x, [-1, 2]), [4]),
  splitBatch: ofBatch((x) => ops.reshape(ops.concat([x, x], 1), [ops.mulDims(2, x.shape[0] as number), 4])),
  transposedAndFlat: ofBatch((x) => ops.reshape(ops.transpose(x), [-1])),
  toScalarPerRow: ofBatch((x) => ops.sum(ops.mul(x, x), 1)),
  broadcastRow: ofBatch((x) => ops.broadcastTo(ops.iota(4, { dtype: "float32" }), x.shape)),
  broadcastNewAxis: ofBatch((x) => ops.broadcastTo(x, [2, ...x.shape])),
  sliceToEnd: ofBatch((x) => ops.slice(x, [0, 1], [x.shape[0] as number, 3])),
  dropLast: ofBatch((x) => ops.slice(x, [0, 0], [ops.subDims(x.shape[0] as number, 1), 4]), [4], some),
  rowNumbers: ofBatch((x) =>
    ops.add(x, ops.reshape(ops.iota(x.shape[0] as number, { dtype: "float32" }), [x.shape[0] as number, 1])),
  ),
  size: ofBatch((x) => ops.mul(ops.sum(x), ops.dimSize(x, 0, { dtype: "float32" }))),
  meanOverBatch: ofBatch((x) => ops.mean(x)),
  meanOverRows: ofBatch((x) => ops.mean(x, 0)),
  concatRows: ofBatch((x) => ops.concat([x, x, ops.reverse(x, [0])], 0)),
  sortRows: ofBatch((x) => ops.sort(x, 0).indices),
  softmaxRows: ofBatch((x) => ops.softmax(x, 1)),
  argMaxRow: ofBatch((x) => ops.argMax(x, 1)),
  padRows: ofBatch((x) =>
    ops.pad(x, [
      [1, 2],
      [0, 1],
    ]),
  ),
  oneHotRows: ofBatch((x) => ops.oneHot(ops.argMax(x, 1), 4)),
  gatherRows: ofBatch((x) => ops.gather(x, values("int32", [3, 0]), 1)),
  scatterRows: ofBatch((x) =>
    ops.scatterAdd(x, values("int32", [3, 0, 3]), ops.slice(x, [0, 0], [x.shape[0] as number, 3]), 1),
  ),
  twoSymbols: {
    graph: trace(
      (x: Tensor, y: Tensor) =>
        ops.reshape(
          ops.mul(ops.reshape(x, [x.shape[0] as number, 1, 2]), ops.reshape(y, [1, y.shape[0] as number, 2])),
          [-1],
        ),
      spec(["rows", 2], "float32", "x"),
      spec(["columns", 2], "float32", "y"),
    ),
    inputs: [
      { x: sample("float32", [3, 2]), y: sample("float32", [4, 2]) },
      { x: sample("float32", [0, 2]), y: sample("float32", [4, 2]) },
    ],
  },
  sums: ofBatch((x) =>
    scan(
      (total: Tensor, row: Tensor) => [ops.add(total, row), ops.mul(total, row)] as const,
      values("float32", [0, 0, 0, 0]),
      x,
    ),
  ),
  sumsBackwards: ofBatch((x) =>
    scan((total: Tensor, row: Tensor) => [ops.add(total, row), total] as const, values("float32", [0, 0, 0, 0]), x, {
      reverse: true,
    }),
  ),
  countedByBatch: ofBatch((x) =>
    scan((t: Tensor) => [ops.mul(t, 0.5), t] as const, ops.sum(x), null, { length: x.shape[0] as number }),
  ),
  captures: ofBatch((x) =>
    scan((t: Tensor, row: Tensor) => [ops.add(t, ops.sum(ops.mul(row, x))), ops.dimSize(x, 0)] as const, ops.sum(x), x),
  ),
  conv: ofBatch((x) => logits(x, net.first, net.last), [1, 4, 4], some),
  convGradient: {
    graph: trace(
      (x: Tensor, labels: Tensor) => grad((params: typeof net) => loss(params, x, labels))(net),
      spec(["batch", 1, 4, 4], "float32", "x"),
      spec(["batch"], "int32", "labels"),
    ),
    inputs: some.map((batch) => ({ x: sample("float32", [batch, 1, 4, 4]), labels: sample("int32", [batch], 0, 2) })),
  },
  custom: ofBatch((x) => rectified(x)),
};

/** Several steps of gradient descent in one program: batches are scanned, parameters carried. */
export const training: SymbolicProgram = {
  graph: trace(
    (params: { first: Tensor; last: Tensor }, images: Tensor, labels: Tensor) =>
      scan(
        (state: { first: Tensor; last: Tensor }, batch: { x: Tensor; y: Tensor }) => {
          const [value, gradient] = valueAndGrad((p: typeof state) => loss(p, batch.x, batch.y))(state);
          const step = (p: Tensor, g: Tensor): Tensor => ops.sub(p, ops.mul(g, 0.1));
          return [{ first: step(state.first, gradient.first), last: step(state.last, gradient.last) }, value] as const;
        },
        params,
        { x: images, y: labels },
      ),
    { first: spec([4, 1, 3, 3]), last: spec([16, 3]) } as never,
    spec(["steps", "batch", 1, 4, 4], "float32", "images"),
    spec(["steps", "batch"], "int32", "labels"),
  ),
  inputs: [6, 2].map((steps) => ({
    "arg0.first": net.first,
    "arg0.last": net.last,
    images: sample("float32", [steps, 5, 1, 4, 4]),
    labels: sample("int32", [steps, 5], 0, 2),
  })),
};

/** A product with 4-bit weights in blocks: constants that a traced function would compute at once. */
export function quantizedProduct(): Graph {
  const builder = new GraphBuilder("quantizedProduct");
  const x = builder.input("x", { dtype: "float32", shape: ["n", 8] });
  const q = builder.constant(sample("int4", [8, 6], -8, 7), "q");
  const scale = builder.constant(sample("float32", [8, 2], 0.1, 0.2), "scale");
  const zero = builder.constant(sample("int4", [8, 2], -2, 2), "zero");
  const [weight = ""] = builder.add("dequantize", [q, scale, zero], { axis: 1, blockSize: 3, dtype: "float32" });
  const [product = ""] = builder.add("matmul", [x, weight], {});
  builder.output("y", product);
  return builder.build();
}
