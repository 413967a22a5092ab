import { spec } from "../../graph/spec.ts";
import { grad } from "../../graph/grad.ts";
import { scan } from "../../graph/scan.ts";
import { trace } from "../../graph/trace.ts";
import {
  add,
  broadcastTo,
  concat,
  conv2d,
  div,
  gather,
  iota,
  less,
  logSoftmax,
  matmul,
  maxPool2d,
  mean,
  mul,
  oneHot,
  relu,
  reshape,
  slice,
  softmax,
  sort,
  sub,
  sum,
  tanh,
  where,
  dimSize,
  mulDims,
} from "../../ops/index.ts";
import type { Graph, ValueType } from "../../ops/program.ts";
import { type Dim, evaluateDim } from "../../tensor/dims.ts";
import { type DType, isFloat } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Check } from "./named.ts";
import { attempt } from "./trial.ts";

/** Numbers without a pattern, in [-1, 1); whole ones in [0, 3). */
function filled(dtype: DType, shape: readonly number[], salt: number): HostTensor {
  const size = sizeOf(shape);
  const lanes = Array.from({ length: size }, (_, i) => {
    const k = (i * 37 + salt * 11 + 5) % 64;
    return isFloat(dtype) ? k / 32 - 1 : k % 3;
  });
  return fromLanes(dtype, shape, lanes);
}

/** Values for a program whose symbol `batch` (and `time`, where it has one) has this number. */
function inputsFor(graph: Graph, batch: number): Record<string, HostTensor> {
  const dims: Record<string, number> = { batch, time: batch + 1 };
  return Object.fromEntries(
    graph.inputs.map((name, i) => {
      const { dtype, shape } = graph.types[name] as ValueType;
      return [
        name,
        filled(
          dtype,
          shape.map((dim: Dim) => evaluateDim(dim, dims)),
          i,
        ),
      ];
    }),
  );
}

/** One compiled program for every length: shrinking, growing, none at all, the first one again. */
function forEachLength(write: () => Graph, lengths: readonly number[] = [3, 1, 7, 0, 3]): Check {
  return (backend) => {
    const graph = write();
    return attempt(backend, {
      graph,
      runs: lengths.map((batch) => inputsFor(graph, batch)),
      allowed: () => ({ ulps: 64, scale: 8 }),
    });
  };
}

const weights = filled("float32", [4, 5], 3);
const kernel = filled("float32", [2, 1, 2, 2], 4);
const x = spec(["batch", 4]);

const networks: Readonly<Record<string, () => Graph>> = {
  "dense layer and softmax": () => trace((v: Tensor) => softmax(relu(matmul(v, weights))), x),
  "sizes as values": () =>
    trace((v: Tensor) => ({ mean: div(sum(v, 0), dimSize(v, 0, { dtype: "float32" })), count: dimSize(v, 0) }), x),
  "reshape by a product of dimensions": () =>
    trace((v: Tensor) => reshape(v, [mulDims(v.shape[0] as number, 2), 2]), x),
  "concat adds dimensions": () => trace((v: Tensor) => concat([v, v, slice(v, [0], [null])], 0), x),
  "slice by a symbol": () => trace((v: Tensor) => slice(concat([v, v]), [v.shape[0] as number]), x),
  "broadcast to a symbol": () =>
    trace((v: Tensor, b: Tensor) => broadcastTo(b, [v.shape[0] as number, 4]), x, spec([4])),
  "numbered rows": () => trace((v: Tensor) => add(iota(v.shape[0] as number, { dtype: "float32" }), sum(v, 1)), x),
  "mask by position": () => trace((v: Tensor) => where(less(iota(v.shape[0] as number), 2), sum(v, 1), 0), x),
  "lookup and one-hot": () =>
    trace((i: Tensor, table: Tensor) => sub(gather(table, i), oneHot(i, 3)), spec(["batch"], "int32"), spec([3, 3])),
  "two symbols": () => trace((a: Tensor, b: Tensor) => matmul(a, b), spec(["batch", 2, "time"]), spec(["time", 3])),
  "sort along the symbol": () => trace((v: Tensor) => sort(v, 0), spec(["batch", 2])),
};

const images = (): Graph =>
  trace(
    (v: Tensor) => mean(maxPool2d(relu(conv2d(v, kernel, { pads: 1 })), { kernel: 2 }), [2, 3]),
    spec(["batch", 1, 5, 4]),
  );

const loss = (w: Tensor, v: Tensor): Tensor => mean(logSoftmax(matmul(tanh(v), w)));

/** Programs with symbolic dimensions, each compiled once. */
export const symbolicChecks: Readonly<Record<string, Check>> = {
  ...Object.fromEntries(Object.entries(networks).map(([name, write]) => [name, forEachLength(write)])),
  "images in batches": forEachLength(images),
  // A mean over nothing is NaN, and so is its gradient.
  "gradient of a loss over a batch": forEachLength(
    () => trace((w: Tensor, v: Tensor) => grad(loss)(w, v), spec([4, 3]), spec(["batch", 4])),
    [3, 1, 7, 3],
  ),
  "scan over a symbolic length": forEachLength(() =>
    trace(
      (c: Tensor, v: Tensor) =>
        scan(
          (h: Tensor, row: Tensor) => {
            const next = tanh(add(mul(h, 0.5), row));
            return [next, next];
          },
          c,
          v,
        ),
      spec([4]),
      spec(["batch", 4]),
    ),
  ),
  "scan with a symbolic carry": forEachLength(() =>
    trace(
      (c: Tensor, v: Tensor) => scan((h: Tensor, row: Tensor) => [add(mul(h, 0.5), row), []], c, v)[0],
      spec(["batch", 2]),
      spec([3, "batch", 2]),
    ),
  ),
};
