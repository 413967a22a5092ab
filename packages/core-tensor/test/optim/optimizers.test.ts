import { expect, test } from "vitest";
import {
  ArgumentError,
  type Tensor,
  grad,
  jit,
  mul,
  scan,
  stack,
  sub,
  sum,
  tensor,
  treeLeaves,
} from "../../src/index.ts";
import {
  type Optimizer,
  type State,
  adam,
  adamw,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  cosineSchedule,
  isWeight,
  lars,
  polynomialSchedule,
  sgd,
} from "../../src/optim/index.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { type Params, distance, follow, golden, numbers, tensors } from "./problem.ts";

const optimizers: Readonly<Record<string, Optimizer>> = {
  sgd: sgd(0.1),
  momentum: sgd(0.1, { momentum: 0.9 }),
  nesterov: sgd(0.1, { momentum: 0.8, nesterov: true }),
  "sgd with decay": sgd(0.05, { momentum: 0.9, weightDecay: 0.1 }),
  adam: adam(0.01),
  "adam with options": adam(0.02, { beta1: 0.5, beta2: 0.9, eps: 1e-3 }),
  "adam without memory": adam(0.02, { beta1: 0, beta2: 0 }),
  "adam with schedule": adam(cosineSchedule(0.01, 20)),
  adamw: adamw(0.01),
  "adamw with decay": adamw(0.01, { beta1: 0.8, beta2: 0.95, weightDecay: 0.3 }),
  lars: lars(1),
  "lars with decay": lars(4, { momentum: 0.8, weightDecay: 0.05, trustCoefficient: 0.02 }),
  "lars with schedule": lars(polynomialSchedule(4, 0, 20, 2), { weightDecay: 0.01, trustCoefficient: 0.02 }),
};

test("every golden path is tested", () => {
  expect(Object.keys(optimizers).sort()).toEqual(Object.keys(golden.paths).sort());
});

for (const [name, optimizer] of Object.entries(optimizers)) {
  test(`${name}: ten steps as an independent implementation takes them`, () => {
    for (const [dtype, tolerance] of [
      ["float64", 1e-13],
      ["float32", 1e-6],
    ] as const) {
      follow(optimizer, dtype).forEach((params, t) => {
        const expected = numbers(tensors(golden.paths[name]![dtype][t]!, "float64"));
        expect(distance(numbers(params), expected), `${dtype}, step ${t}`).toBeLessThan(tolerance);
        for (const leaf of treeLeaves(params)) expect(leaf.dtype).toBe(dtype);
      });
    }
  });

  test(`${name}: a step in jit and steps in a scan give the bits of eager steps`, async () => {
    const start = tensors(golden.params, "float32");
    const gradients = golden.gradients.map((values) => tensors(values, "float32"));
    const eager = follow(optimizer, "float32");
    const step = jit(
      (params: Params, state: readonly State[], gradient: Params) => {
        const [updates, next] = optimizer.update(gradient, state, params);
        return [applyUpdates(params, updates), next] as const;
      },
      { backend: reference() },
    );
    let [params, state] = await step(start, optimizer.init(start), gradients[0]!);
    for (const gradient of gradients.slice(1)) [params, state] = await step(params, state, gradient);
    expect(numbers(params)).toEqual(numbers(eager.at(-1)));
    expect(step.programs).toBe(1);

    const stacked: Params = {
      weight: stack(gradients.map(({ weight }) => weight)),
      bias: stack(gradients.map(({ bias }) => bias)),
    };
    const loop = jit(
      (first: Params, init: readonly State[], all: Params) =>
        scan(
          ([p, s]: readonly [Params, readonly State[]], gradient: Params) => {
            const [updates, next] = optimizer.update(gradient, s, p);
            return [[applyUpdates(p, updates), next] as const, []];
          },
          [first, init] as const,
          all,
        )[0],
      { backend: reference() },
    );
    const [last, lastState] = await loop(start, optimizer.init(start), stacked);
    expect(numbers(last)).toEqual(numbers(eager.at(-1)));
    expect(numbers(lastState)).toEqual(numbers(state));
  });
}

test("a loss falls to its minimum", () => {
  const target = tensor([
    [1, -2],
    [3, 0.5],
  ]);
  const loss = (params: { w: Tensor }): Tensor => sum(mul(sub(params.w, target), sub(params.w, target)));
  for (const optimizer of [sgd(0.1, { momentum: 0.5 }), adam(0.3), chain(clipByGlobalNorm(1), sgd(0.2))]) {
    let params = {
      w: tensor([
        [0, 0],
        [0, 0],
      ]) as Tensor,
    };
    let state = optimizer.init(params);
    for (let t = 0; t < 200; t++) {
      const [updates, next] = optimizer.update(grad(loss)(params), state, params);
      state = next;
      params = applyUpdates(params, updates);
    }
    expect(distance(numbers(params), numbers(target))).toBeLessThan(1e-3);
  }
});

test("the rate may be an input of the program", async () => {
  const step = jit(
    (params: Tensor, gradient: Tensor, rate: Tensor | number) => {
      const optimizer = sgd(() => rate as Tensor);
      return applyUpdates(params, optimizer.update(gradient, optimizer.init(params), params)[0]);
    },
    { backend: reference() },
  );
  expect((await step(tensor([1, 2]), tensor([1, 1]), 0.5)).toArray()).toEqual([0.5, 1.5]);
  expect((await step(tensor([1, 2]), tensor([1, 1]), 1)).toArray()).toEqual([0, 1]);
  expect(step.programs).toBe(1);
});

test("states hold tensors only and count their steps", () => {
  const params = tensors(golden.params, "float32");
  const optimizer = adamw(cosineSchedule(1, 10));
  let state = optimizer.init(params);
  for (let t = 0; t < 3; t++) [, state] = optimizer.update(params, state, params);
  const counts = treeLeaves(state).filter((leaf) => leaf.dtype === "int32");
  expect(counts.map((count) => count.item())).toEqual([3, 3]);
});

test("float16, bfloat16, float32 and float64 parameters in one tree", () => {
  const values = [1, -2, 0.5];
  const dtypes = ["float16", "bfloat16", "float32", "float64"] as const;
  for (const [name, optimizer] of Object.entries(optimizers)) {
    let params: Record<string, Tensor> = Object.fromEntries(dtypes.map((dtype) => [dtype, tensor(values, { dtype })]));
    let state = optimizer.init(params);
    for (let t = 0; t < 3; t++) {
      // Squares of these underflow in float16.
      const gradients = Object.fromEntries(dtypes.map((dtype) => [dtype, tensor([1e-4, -1e-4, 0], { dtype })]));
      const [updates, next] = optimizer.update(gradients, state, params);
      state = next;
      params = applyUpdates(params, updates);
    }
    const expected = numbers(params["float64"]);
    expect(dtypes.map((dtype) => params[dtype]!.dtype)).toEqual(dtypes);
    expect(distance(numbers(params["float32"]), expected), name).toBeLessThan(1e-5);
    expect(distance(numbers(params["float16"]), expected), name).toBeLessThan(4e-3);
    expect(distance(numbers(params["bfloat16"]), expected), name).toBeLessThan(3e-2);
  }
});

test("filters choose the parameters that decay and adapt", () => {
  const params = tensors(golden.params, "float64");
  const gradient = tensors(golden.gradients[0]!, "float64");
  const first = (optimizer: Optimizer): Params => optimizer.update(gradient, optimizer.init(params), params)[0];
  const plain = first(adamw(0.1, { weightDecay: 0 }));
  const decayed = first(adamw(0.1, { weightDecay: 0.5, decays: isWeight }));
  expect(numbers(decayed.bias)).toEqual(numbers(plain.bias));
  expect(numbers(decayed.weight)).not.toEqual(numbers(plain.weight));
  const byPath = first(sgd(1, { weightDecay: 0.5, decays: (_param, path) => path === "bias" }));
  expect(numbers(byPath.weight)).toEqual(numbers(gradient.weight).map((g) => -g));
  expect(
    distance(
      numbers(byPath.bias),
      numbers(gradient.bias).map((g, i) => -g - 0.5 * numbers(params.bias)[i]!),
    ),
  ).toBeLessThan(1e-15);
  const adapted = first(lars(1, { momentum: 0, adapts: isWeight }));
  expect(numbers(adapted.bias)).toEqual(numbers(gradient.bias).map((g) => -g));
});

test("hyper-parameters out of range are refused by name", () => {
  for (const rate of [-1, NaN, Infinity]) {
    expect(() => sgd(rate)).toThrow(ArgumentError);
    expect(() => adam(rate)).toThrow(/rate: expected a finite number >= 0/);
    expect(() => lars(rate)).toThrow(ArgumentError);
  }
  expect(() => sgd(1, { momentum: 1 })).toThrow(/sgd: momentum: expected a number in \[0, 1\), got 1/);
  expect(() => sgd(1, { momentum: NaN })).toThrow(ArgumentError);
  expect(() => sgd(1, { weightDecay: -1 })).toThrow(/sgd: weightDecay/);
  expect(() => sgd(1, { nesterov: true })).toThrow(/nesterov: expected momentum > 0/);
  expect(() => adam(1, { beta1: 1 })).toThrow(/beta1/);
  expect(() => adam(1, { beta2: -0.1 })).toThrow(/beta2/);
  expect(() => adam(1, { eps: 0 })).toThrow(/eps/);
  expect(() => adamw(1, { weightDecay: NaN })).toThrow(/decay/);
  expect(() => lars(1, { trustCoefficient: 0 })).toThrow(/coefficient/);
  expect(() => lars(1, { weightDecay: -1 })).toThrow(/weightDecay/);
  expect(() => lars(1, { momentum: 2 })).toThrow(/momentum: decay/);
});
