import { expect, test } from "vitest";
import { type Tensor, jit, scan, stack } from "../../src/index.ts";
import { onnxruntime } from "../../src/backends/onnxruntime/index.ts";
import {
  type Optimizer,
  type State,
  adam,
  adamw,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  clipByValue,
  cosineSchedule,
  exponentialSchedule,
  lars,
  piecewiseSchedule,
  polynomialSchedule,
  sgd,
  warmupSchedule,
} from "../../src/optim/index.ts";
import { type Params, distance, follow, golden, numbers, tensors } from "./problem.ts";

const optimizers: Readonly<Record<string, Optimizer>> = {
  "clipped sgd with momentum and warm-up": chain(
    clipByValue(2),
    clipByGlobalNorm(1),
    sgd(warmupSchedule(3, exponentialSchedule(0.1, 0.9, 1)), { momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
  ),
  "adam with a cosine": adam(cosineSchedule(0.01, 20)),
  "adamw in pieces": adamw(piecewiseSchedule(0.01, [[4, 0.1]]), { weightDecay: 0.3 }),
  "lars with a polynomial": lars(polynomialSchedule(4, 0, 20, 2), { weightDecay: 0.01, trustCoefficient: 0.02 }),
};

for (const dtype of ["float32", "float64"] as const) {
  test(`ten steps as one program of onnxruntime, in ${dtype}`, async () => {
    const backend = await onnxruntime({ intraOpNumThreads: 1 });
    const all = golden.gradients.map((values) => tensors(values, dtype));
    const gradients: Params = {
      weight: stack(all.map(({ weight }) => weight)),
      bias: stack(all.map(({ bias }) => bias)),
    };
    for (const [name, optimizer] of Object.entries(optimizers)) {
      const run = jit(
        (carry: readonly [Params, readonly State[]], xs: Params): readonly [Params, readonly State[]] =>
          scan(
            ([params, state]: readonly [Params, readonly State[]], gradient: Params) => {
              const [updates, next] = optimizer.update(gradient, state, params);
              return [[applyUpdates(params, updates), next] as const, [] as readonly Tensor[]];
            },
            carry,
            xs,
          )[0],
        { backend },
      );
      const start = tensors(golden.params, dtype);
      const [params] = await run([start, optimizer.init(start)], gradients);
      const eager = numbers(follow(optimizer, dtype).at(-1));
      expect(distance(numbers(params), eager), name).toBeLessThan(dtype === "float32" ? 2e-6 : 1e-13);
    }
    await backend.dispose();
  });
}
