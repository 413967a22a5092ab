import { expect, test } from "vitest";
import {
  ArgumentError,
  ShapeError,
  type Tensor,
  interpret,
  jit,
  ones,
  spec,
  tensor,
  trace,
  valueAndGrad,
  sum,
  mul,
} from "../../src/index.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { type NormParams, batchNorm, initBatchNormState, initNorm, trainBatchNorm } from "../../src/nn/index.ts";
import { expectClose, expectGradients, expectLayer, float64, goldens, paramsOf } from "./goldens.ts";

test("training and inference as torch's, with gradients and running statistics", () => {
  const { training, inference } = goldens.batchNorm;
  let state = initBatchNormState(4, { dtype: "float64" });
  for (const step of training) {
    const params = paramsOf<NormParams>(step.params);
    const [[, [y, next]], gradient] = valueAndGrad(
      (p: NormParams) => {
        const result = trainBatchNorm(p, state, float64(step.x), { momentum: 0.2 });
        return [sum(mul(result[0], float64(step.c))), result] as const;
      },
      { hasAux: true },
    )(params);
    expectClose(y, step.y);
    expectGradients(gradient, step.gradients);
    expectClose(next.mean, step.mean);
    expectClose(next.variance, step.variance);
    state = next;
  }
  expectLayer((params: NormParams) => batchNorm(params, state, float64(inference.x)), inference);
});

test("the state is no way for gradients", () => {
  const state = initBatchNormState(1);
  const gradient = valueAndGrad((x: Tensor) => sum(trainBatchNorm(initNorm(1), state, x)[1].variance))(
    tensor([[1], [3]]),
  )[1];
  expect(gradient.toArray()).toEqual([[0], [0]]);
});

test("hand-sized, with matrices, and in a program for every batch size", async () => {
  const x = tensor([[1], [3]]);
  const [y, next] = trainBatchNorm({ scale: ones([1]) }, initBatchNormState(1), x, { momentum: 0.5, eps: 0 });
  expect(y.toArray()).toEqual([[-1], [1]]);
  expect([next.mean.item(), next.variance.item()]).toEqual([1, 1.5]);
  expect(batchNorm({ scale: ones([1]) }, next, tensor([[2.5]]), { eps: 0.75 }).toArray()).toEqual([[1]]);
  const graph = trace(
    (s: { mean: Tensor; variance: Tensor }, v: Tensor) => trainBatchNorm(initNorm(2), s, v),
    { mean: spec([2]), variance: spec([2]) },
    spec(["batch", 2, "width"]),
  );
  const input = tensor([
    [
      [1, 2, 3],
      [0, 5, 1],
    ],
    [
      [4, 1, 1],
      [2, 2, 2],
    ],
  ]);
  const state = initBatchNormState(2);
  const [wanted, after] = trainBatchNorm(initNorm(2), state, input);
  const found = interpret(graph, { "arg0.mean": state.mean, "arg0.variance": state.variance, arg1: input });
  expect(found["0"]).toEqual(wanted);
  expect([found["1.mean"], found["1.variance"]]).toEqual([after.mean, after.variance]);
  const step = jit((s: typeof state, v: Tensor) => trainBatchNorm(initNorm(2), s, v)[1], { backend: reference() });
  expect(await step(await step(state, input), input)).toEqual(trainBatchNorm(initNorm(2), after, input)[1]);
});

test("refuses what has no variance, and bad options", () => {
  const state = initBatchNormState(2);
  expect(() => trainBatchNorm(initNorm(2), state, tensor([[1, 2]]))).toThrow(
    /trainBatchNorm: x: expected two values or more per channel/,
  );
  expect(() => trainBatchNorm(initNorm(2), state, tensor([1, 2]))).toThrow(ShapeError);
  expect(() => trainBatchNorm(initNorm(2), state, ones([2, 2]), { momentum: 1.5 })).toThrow(ArgumentError);
  expect(() => trainBatchNorm(initNorm(2), state, ones([2, 2]), { momentum: NaN })).toThrow(/momentum/);
  expect(() => batchNorm(initNorm(2), state, ones([2, 3]))).toThrow(ShapeError);
  expect(() => initBatchNormState(-1)).toThrow(ShapeError);
});
