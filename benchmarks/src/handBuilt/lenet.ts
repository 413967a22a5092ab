import type { HostTensor } from "@parsimony/core-tensor";
import { OnnxGraph } from "../engines/onnxGraph.ts";
import type { LeNet } from "../models/lenet.ts";
import type { Named } from "../problem.ts";

/** LeNet-300-100 forward, as one would write it for ONNX: three `Gemm` and two `Relu`. */
export function leNetForward(params: LeNet, batch: number): Uint8Array {
  const g = new OnnxGraph();
  const dense = (x: string, { weight, bias }: LeNet["output"]): string =>
    g.op("Gemm", [x, g.weight(weight as HostTensor), g.weight(bias as HostTensor)]);
  const x = g.input("x", "float32", [batch, 784]);
  const h1 = g.op("Relu", [dense(x, params.hidden1)]);
  const h2 = g.op("Relu", [dense(h1, params.hidden2)]);
  g.output(dense(h2, params.output), "float32", [batch, 10], "output");
  return g.bytes("lenet");
}

/** A parameter with Adam's two running means of its gradient. */
interface Slot {
  readonly param: string;
  readonly mean: string;
  readonly square: string;
}

interface StepState {
  readonly slots: readonly Slot[];
  /** Steps taken, a float32 scalar. */
  readonly count: string;
}

/** Order of the parameters: those of `flattenTree`. */
export const slotNames = [
  "hidden1.bias",
  "hidden1.weight",
  "hidden2.bias",
  "hidden2.weight",
  "output.bias",
  "output.weight",
] as const;

/** Names of the carried values in their order, and their shapes. */
export function carriedValues(params: readonly Named[]): { name: string; shape: readonly number[] }[] {
  const slots = params.flatMap(({ name, value }) =>
    ["param", "mean", "square"].map((part) => ({ name: `${part}.${name}`, shape: value.shape })),
  );
  return [...slots, { name: "count", shape: [] }];
}

/** Forward, backward and Adam's update, derived on paper. */
function step(
  g: OnnxGraph,
  { slots, count }: StepState,
  x: string,
  labels: string,
  batch: number,
  rate: number,
): { next: StepState; loss: string } {
  const [b1, w1, b2, w2, b3, w3] = slots.map(({ param }) => param) as [string, string, string, string, string, string];
  const h1 = g.op("Relu", [g.op("Gemm", [x, w1, b1])]);
  const h2 = g.op("Relu", [g.op("Gemm", [h1, w2, b2])]);
  const logs = g.op("LogSoftmax", [g.op("Gemm", [h2, w3, b3])], { axis: 1 });
  const target = g.op("OneHot", [labels, g.int(10), g.floats(0, 1)]);
  const loss = g.op("Mul", [g.op("ReduceSum", [g.op("Mul", [logs, target])], { keepdims: 0 }), g.scalar(-1 / batch)]);

  const d3 = g.op("Mul", [g.op("Sub", [g.op("Exp", [logs]), target]), g.scalar(1 / batch)]);
  const zero = g.scalar(0);
  const throughRelu = (h: string, d: string): string => g.op("Where", [g.op("Greater", [h, zero]), d, zero]);
  const d2 = throughRelu(h2, g.op("Gemm", [d3, w3], { transB: 1 }));
  const d1 = throughRelu(h1, g.op("Gemm", [d2, w2], { transB: 1 }));
  const weightGrad = (h: string, d: string): string => g.op("Gemm", [h, d], { transA: 1 });
  const biasGrad = (d: string): string => g.op("ReduceSum", [d, g.ints(0)], { keepdims: 0 });
  const gradients = [
    biasGrad(d1),
    weightGrad(x, d1),
    biasGrad(d2),
    weightGrad(h1, d2),
    biasGrad(d3),
    weightGrad(h2, d3),
  ];

  const counted = g.op("Add", [count, g.scalar(1)]);
  const [one, beta1, beta2, rest1, rest2] = [1, 0.9, 0.999, 0.1, 0.001].map((value) => g.scalar(value)) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const correction = (beta: string): string => g.op("Sub", [one, g.op("Pow", [beta, counted])]);
  const root = g.op("Sqrt", [correction(beta2)]);
  const stride = g.op("Div", [g.op("Mul", [root, g.scalar(rate)]), correction(beta1)]);
  const eps = g.op("Mul", [root, g.scalar(1e-8)]);
  const next = slots.map(({ param, mean, square }, i): Slot => {
    const gradient = gradients[i] as string;
    const m = g.op("Add", [g.op("Mul", [mean, beta1]), g.op("Mul", [gradient, rest1])]);
    const v = g.op("Add", [g.op("Mul", [square, beta2]), g.op("Mul", [g.op("Mul", [gradient, gradient]), rest2])]);
    const update = g.op("Div", [g.op("Mul", [m, stride]), g.op("Add", [g.op("Sqrt", [v]), eps])]);
    return { param: g.op("Sub", [param, update]), mean: m, square: v };
  });
  return { next: { slots: next, count: counted }, loss };
}

const stateOf = (names: readonly string[]): StepState => ({
  slots: slotNames.map((_, i) => ({
    param: names[3 * i] as string,
    mean: names[3 * i + 1] as string,
    square: names[3 * i + 2] as string,
  })),
  count: names.at(-1) as string,
});
const namesOf = ({ slots, count }: StepState): string[] => [
  ...slots.flatMap(({ param, mean, square }) => [param, mean, square]),
  count,
];

/** One training step: carried values, `x` and `labels` in; carried values with `next.` before their names and `loss` out. */
export function leNetStep(params: readonly Named[], batch: number, rate: number): Uint8Array {
  const g = new OnnxGraph();
  const carried = carriedValues(params);
  const inputs = carried.map(({ name, shape }) => g.input(name, "float32", shape));
  const x = g.input("x", "float32", [batch, 784]);
  const labels = g.input("labels", "int32", [batch]);
  const { next, loss } = step(g, stateOf(inputs), x, labels, batch, rate);
  namesOf(next).forEach((value, i) => {
    const { name, shape } = carried[i] as (typeof carried)[number];
    g.output(value, "float32", shape, `next.${name}`);
  });
  g.output(loss, "float32", [], "loss");
  return g.bytes("lenetStep");
}

/** As `leNetStep` over several batches in one ONNX `Scan`; `loss` is [steps]. */
export function leNetSteps(params: readonly Named[], batch: number, rate: number, steps: number): Uint8Array {
  const g = new OnnxGraph();
  const carried = carriedValues(params);
  const inputs = carried.map(({ name, shape }) => g.input(name, "float32", shape));
  const x = g.input("x", "float32", [steps, batch, 784]);
  const labels = g.input("labels", "int32", [steps, batch]);
  const body = new OnnxGraph(g);
  const state = stateOf(carried.map(({ shape }) => body.bodyInput("float32", shape)));
  const { next, loss } = step(
    body,
    state,
    body.bodyInput("float32", [batch, 784]),
    body.bodyInput("int32", [batch]),
    batch,
    rate,
  );
  namesOf(next).forEach((value, i) => {
    body.output(value, "float32", (carried[i] as (typeof carried)[number]).shape);
  });
  body.output(loss, "float32", []);
  const results = g.ops("Scan", [...inputs, x, labels], carried.length + 1, { body, num_scan_inputs: 2 });
  results.forEach((value, i) => {
    const { name, shape } = carried[i] ?? { name: "", shape: [steps] };
    g.output(value, "float32", shape, i < carried.length ? `next.${name}` : "loss");
  });
  return g.bytes("lenetSteps");
}
