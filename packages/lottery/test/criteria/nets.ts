import {
  type HostTensor,
  type Tensor,
  add,
  batchNorm,
  conv2d,
  crossEntropy,
  flatten,
  linear,
  matmul,
  maxPool2d,
  relu,
  reshape,
  tensor,
} from "@parsimony/core-tensor";
import { type LabelledBatch, type Mask, type Named, type Scores, classification } from "@parsimony/lottery";
import fixture from "../fixtures/criteria/torch.json" with { type: "json" };

/** A flat float64 tensor's elements. */
export const valuesOf = (record: Named, name: string): number[] =>
  Array.from((record[name] as HostTensor).dataSync() as Float64Array);

export const sumOf = (scores: Scores, name: string): number => valuesOf(scores, name).reduce((a, b) => a + b, 0);

/** A mask of these bytes, by name, with the shapes of the parameters. */
export function maskOf(params: Named, bytes: Readonly<Record<string, readonly number[]>>): Mask {
  const entry = (name: string, values: readonly number[]): HostTensor =>
    tensor(Uint8Array.from(values), { shape: (params[name] as HostTensor).shape, dtype: "bool" });
  return Object.fromEntries(Object.entries(bytes).map(([name, values]) => [name, entry(name, values)]));
}

type Weights = Readonly<Record<string, Tensor>>;
const at = (params: Weights, name: string): Tensor => params[name] as Tensor;

/** Hidden layers `w1, b1, …`: x -> relu(x w + b), the last one without relu. */
export function mlp(params: Weights, x: Tensor): Tensor {
  const layers = Object.keys(params).filter((name) => name.startsWith("w")).length;
  let h = x;
  for (let i = 1; i <= layers; i++) {
    const bias = params[`b${i}`];
    h = bias === undefined ? matmul(h, at(params, `w${i}`)) : linear(h, at(params, `w${i}`), bias);
    if (i < layers) h = relu(h);
  }
  return h;
}

/** Convolution, batch norm, max pooling, convolution with a 1x1 shortcut, dense layer. */
export function convNet(params: Weights, x: Tensor): Tensor {
  const first = add(conv2d(x, at(params, "c1")), reshape(at(params, "b1"), [-1, 1, 1]));
  const normed = batchNorm(
    first,
    at(params, "mean"),
    at(params, "variance"),
    at(params, "scale"),
    at(params, "shift"),
    { eps: 1e-5 },
  );
  const pooled = maxPool2d(relu(normed), { kernel: 2 });
  const block = add(conv2d(pooled, at(params, "c2"), { pads: 1 }), reshape(at(params, "b2"), [-1, 1, 1]));
  const h = relu(add(block, conv2d(pooled, at(params, "s2"))));
  return linear(flatten(h, 1), at(params, "w3"), at(params, "b3"));
}

interface Listed {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const read = ({ shape, values }: Listed): HostTensor => tensor(Float64Array.from(values), { shape });

/** What torch found for a net: see test/fixtures/criteria/make.py. */
export interface TorchNet {
  readonly forward: (params: Weights, x: Tensor) => Tensor;
  readonly params: Named;
  /** The parameters with biases and shifts of 0. */
  readonly unshifted: Named;
  readonly batch: LabelledBatch;
  readonly inputShape: readonly number[];
  readonly cases: readonly {
    readonly mask: Mask;
    readonly loss: number;
    readonly flow: number;
    readonly expected: Readonly<
      Record<"snip" | "hessianProduct" | "hessianProduct200" | "synflow", Readonly<Record<string, readonly number[]>>>
    >;
  }[];
}

export function torchNet(title: "mlp" | "conv"): TorchNet {
  const given = fixture[title];
  const listed: Readonly<Record<string, Listed>> = given.params;
  const params = Object.fromEntries(Object.entries(listed).map(([name, value]) => [name, read(value)]));
  const zero = (value: Listed): HostTensor => read({ ...value, values: value.values.map(() => 0) });
  const shifts: readonly string[] = given.shifts;
  return {
    forward: title === "mlp" ? mlp : convNet,
    params,
    unshifted: {
      ...params,
      ...Object.fromEntries(shifts.map((name) => [name, zero(listed[name] as Listed)])),
    },
    batch: { inputs: read(given.inputs), labels: tensor(Int32Array.from(given.labels)) },
    inputShape: given.inputShape,
    cases: given.cases.map(({ mask, loss, flow, ...expected }) => ({
      mask: maskOf(params, mask),
      loss,
      flow,
      expected,
    })),
  };
}

/** Frankle-style 3-4-2 net in closed form, with the eight examples that go with it. */
export function tinyNet(): { params: Named; batch: LabelledBatch } {
  const grid = (rows: number, columns: number, value: (i: number, j: number) => number): HostTensor =>
    tensor(
      Float64Array.from({ length: rows * columns }, (_, k) => value(Math.floor(k / columns), k % columns)),
      {
        shape: [rows, columns],
      },
    );
  const inputs = grid(8, 3, (k, d) => Math.sin(0.7 * (k + 1) * (d + 1)));
  const rows = inputs.toArray() as number[][];
  return {
    params: {
      w1: grid(3, 4, (i, j) => 0.9 * Math.sin(1 + 4 * i + j)),
      b1: tensor(new Float64Array(4)),
      w2: grid(4, 2, (i, j) => 0.8 * Math.cos(0.5 + 2 * (2 * i + j))),
      b2: tensor(new Float64Array(2)),
    },
    batch: {
      inputs,
      labels: tensor(Int32Array.from(rows, (row) => (row.reduce((a, b) => a + b, 0) > 0 ? 1 : 0))),
    },
  };
}

export const mlpLoss = classification(mlp).loss;

export const lossOf = (forward: TorchNet["forward"]): ((params: Weights, batch: LabelledBatch) => Tensor) => {
  return (params, { inputs, labels }) => crossEntropy(forward(params, inputs), labels);
};
