import fc from "fast-check";
import { expect, test } from "vitest";
import { ArgumentError, DTypeError, ShapeError, type Tensor, mul, tensor } from "../../src/index.ts";
import {
  adam,
  addDecayedWeights,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  clipByValue,
  globalNorm,
  momentum,
  scale,
  scaleByAdam,
  scaleByTrustRatio,
  stateless,
} from "../../src/optim/index.ts";
import { distance, golden, numbers, tensors } from "./problem.ts";

test("a chain hands updates on and keeps the states apart", () => {
  const transform = chain(scale(2), chain(momentum(0.5), scale(-1)), chain());
  const params = { w: tensor([1]) };
  const state = transform.init(params);
  expect(numbers(state)).toEqual([0]);
  const [updates, next] = transform.update({ w: tensor([3]) }, state, params);
  expect(updates.w.toArray()).toEqual([-6]);
  expect(numbers(next)).toEqual([6]);
  expect(transform.update({ w: tensor([3]) }, next, params)[0].w.toArray()).toEqual([-9]);
});

test("a stateless transformation sees update, parameter and path", () => {
  const seen: string[] = [];
  const transform = stateless((update: Tensor, param: Tensor, path: string) => {
    seen.push(path);
    return mul(update, param);
  });
  const params = { layers: [{ w: tensor([2]) }, { w: tensor([3]) }] };
  const [updates, state] = transform.update(params, transform.init(params), params);
  expect(updates).toEqual({ layers: [{ w: tensor([4]) }, { w: tensor([9]) }] });
  expect(state).toEqual([]);
  expect(seen).toEqual(["layers.0.w", "layers.1.w"]);
  expect(transform.update(tensor([5]), [], tensor([2]))[0].toArray()).toEqual([10]);
});

test("clipping by the global norm, as torch does it", () => {
  const transform = clipByGlobalNorm(golden.clipped.limit);
  golden.clipped.steps.forEach(({ norm, gradient }, t) => {
    const raw = tensors(golden.gradients[t]!, "float64");
    expect(globalNorm(raw).item()).toBeCloseTo(norm, 13);
    // torch adds 1e-6 to the norm.
    const [updates] = transform.update(raw, [], raw);
    expect(distance(numbers(updates), numbers(tensors(gradient, "float64")))).toBeLessThan(1e-6);
    if (norm <= golden.clipped.limit) expect(numbers(updates)).toEqual(numbers(raw));
    else expect(globalNorm(updates).item()).toBeCloseTo(golden.clipped.limit, 13);
  });
  expect(golden.clipped.steps.some(({ norm }) => norm < golden.clipped.limit)).toBe(true);
});

test("global norms of trees of several dtypes, of nothing, and beyond the range of float16", () => {
  const mixed = { a: tensor([3], { dtype: "float64" }), b: tensor([4], { dtype: "float32" }) };
  expect(globalNorm(mixed).dtype).toBe("float64");
  expect(globalNorm(mixed).item()).toBe(5);
  expect(globalNorm({}).item()).toBe(0);
  const large = tensor([30000, 40000], { dtype: "float16" });
  expect(globalNorm(large).item()).toBe(50000);
  const [clipped] = clipByGlobalNorm(5).update({ large, ...mixed }, [], { large, ...mixed });
  expect(clipped.large.dtype).toBe("float16");
  expect(distance(numbers(clipped.large), [3, 4])).toBeLessThan(1e-3);
  const zero = tensor([0, 0]);
  expect(clipByGlobalNorm(1).update(zero, [], zero)[0].toArray()).toEqual([0, 0]);
  const broken = [tensor([Infinity]), tensor([1])];
  expect(numbers(clipByGlobalNorm(1).update(broken, [], broken)[0])[0]).toBeNaN();
});

const gradients = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 6 });

test("clipping shortens, never lengthens, and keeps the direction", () => {
  fc.assert(
    fc.property(gradients, gradients, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (a, b, limit) => {
      const tree = { a: tensor(Float64Array.from(a)), b: tensor(Float64Array.from(b)) };
      const [clipped] = clipByGlobalNorm(limit).update(tree, [], tree);
      const [before, after] = [globalNorm(tree).item(), globalNorm(clipped).item()];
      const expected = Math.min(before, limit);
      expect(Math.abs(after - expected)).toBeLessThanOrEqual(1e-12 * expected);
      const factor = before === 0 ? 1 : expected / before;
      expect(
        distance(
          numbers(clipped),
          numbers(tree).map((g) => g * factor),
        ),
      ).toBeLessThan(1e-12);
    }),
  );
});

test("Adam's steps do not depend on the scale of the gradients, and its first is one of rate 1", () => {
  fc.assert(
    fc.property(
      fc.array(gradients, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: -20, max: 20 }),
      (steps, power) => {
        const size = Math.min(...steps.map(({ length }) => length));
        const params = tensor(new Float64Array(size));
        const run = (factor: number): Tensor[] => {
          const transform = scaleByAdam({ eps: 1e-300 });
          let state = transform.init(params);
          return steps.map((step) => {
            const gradient = tensor(
              Float64Array.from(step.slice(0, size), (g) => (Math.abs(g) < 1e-3 ? 1 : g) * factor),
            );
            const [updates, next] = transform.update<Tensor>(gradient, state, params);
            state = next;
            return updates;
          });
        };
        const [plain, scaled] = [run(1), run(2 ** power)];
        expect(distance(numbers(scaled), numbers(plain))).toBeLessThan(1e-12);
        numbers(plain[0]).forEach((x) => expect(Math.abs(x)).toBeCloseTo(1, 12));
      },
    ),
  );
});

test("clipping by value", () => {
  const gradient = tensor([-3, 0.5, 3]);
  expect(clipByValue(1).update(gradient, [], gradient)[0].toArray()).toEqual([-1, 0.5, 1]);
});

test("the trust ratio is 1 where a length is 0", () => {
  const transform = scaleByTrustRatio({ coefficient: 0.5, weightDecay: 1 });
  const one = (update: number[], param: number[]): unknown =>
    transform.update(tensor(update), [], tensor(param))[0].toArray();
  expect(one([3, 4], [0, 0])).toEqual([3, 4]);
  expect(one([0, 0], [3, 4])).toEqual([3, 4]);
  expect(one([0, 0], [0, 0])).toEqual([0, 0]);
  // 0.5 * 5 / (5 + 5) * (g + w)
  expect(one([3, 4], [4, 3])).toEqual([1.75, 1.75]);
});

test("trees that do not fit together are refused with the place", () => {
  const params = { w: tensor([1, 2]), b: tensor([1]) };
  expect(() => applyUpdates(params, { w: tensor([1, 2]) } as never)).toThrow(ArgumentError);
  expect(() => applyUpdates(params, { ...params, w: tensor([1]) })).toThrow(ShapeError);
  expect(() => applyUpdates(params, { ...params, w: tensor([1]) })).toThrow(/applyUpdates: w: .*\[2\] and \[1\]/);
  expect(() => applyUpdates(tensor(1), tensor([1]))).toThrow(/applyUpdates: trees/);
  expect(() => applyUpdates(params, { ...params, b: tensor([1], { dtype: "float64" }) })).toThrow(DTypeError);
  const optimizer = adam(1);
  const other = { w: tensor([1]), b: tensor([1]) };
  expect(() => optimizer.update(params, optimizer.init(other), params)).toThrow(/adam: w/);
  expect(() => adam(1).init({ step: tensor(1, { dtype: "int32" }) })).toThrow(
    /parameter step: expected a float dtype, got int32/,
  );
  expect(() => adam(1).init({ w: 3 })).toThrow(ArgumentError);
});

test("options out of range are refused by name", () => {
  expect(() => clipByGlobalNorm(0)).toThrow(/clipByGlobalNorm: maximumNorm/);
  expect(() => clipByGlobalNorm(Infinity)).toThrow(ArgumentError);
  expect(() => clipByValue(-1)).toThrow(/clipByValue: limit/);
  expect(() => scale(NaN)).toThrow(/scale: factor/);
  expect(() => momentum(1)).toThrow(/momentum: decay/);
  expect(() => addDecayedWeights(-1)).toThrow(/addDecayedWeights: decay/);
});
