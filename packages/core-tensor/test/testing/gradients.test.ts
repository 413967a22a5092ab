import { describe, expect, test } from "vitest";
import { apply } from "../../src/ops/apply.ts";
import { customVjp } from "../../src/graph/customVjp.ts";
import { abs, add, exp, matmul, mul, sin, stopGradient, sum } from "../../src/ops/index.ts";
import { primitives } from "../../src/ops/primitives.ts";
import { opNames } from "../../src/testing/cases/index.ts";
import { tensor } from "../../src/tensor/create.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import {
  GradientError,
  assertGradient,
  assertGradientLaws,
  checkGradient,
  gradientLaws,
} from "../../src/testing/index.ts";

describe("every derivative of the vocabulary", () => {
  const verdicts = gradientLaws({ runs: 12 });
  test.each(verdicts.map((verdict) => [verdict.op, verdict] as const))("%s", (_, verdict) =>
    assertGradientLaws([verdict]),
  );
  test("no op is left out", () => expect(verdicts.map(({ op }) => op)).toEqual(opNames));
});

describe("the laws find wrong derivatives", () => {
  const wrong = (slope: (x: Tensor) => Tensor) =>
    customVjp((x: Tensor) => sin(x), { forward: (x) => [sin(x), x], backward: (x: Tensor, g) => [mul(g, slope(x))] });

  test("a wrong factor", () => {
    const [verdict] = gradientLaws({
      ops: ["sin"],
      replace: { sin: ([x]) => [wrong(() => tensor(1, { dtype: "float64" }))(x as Tensor)] },
    });
    expect(verdict?.holds).toBe(false);
    expect(verdict?.message).toContain("central differences give");
  });

  test("a derivative that is right itself but has a wrong one", () => {
    const cosine = (x: Tensor): Tensor => stopGradient(sin(add(x, Math.PI / 2)));
    const [verdict] = gradientLaws({ ops: ["sin"], replace: { sin: ([x]) => [wrong(cosine)(x as Tensor)] } });
    expect(verdict?.message).toContain("second derivative");
  });

  test("a pullback that is not linear", () => {
    const squared = customVjp((x: Tensor) => mul(x, 1), {
      forward: (x) => [mul(x, 1), []],
      backward: (_, g) => [abs(g)],
    });
    const [verdict] = gradientLaws({ ops: ["neg"], replace: { neg: ([x]) => [squared(x as Tensor)] }, runs: 20 });
    expect(verdict?.message).toContain("not linear");
  });

  test("something that flows where nothing should", () => {
    const [verdict] = gradientLaws({ ops: ["neg"], replace: { neg: ([x]) => [stopGradient(x as Tensor)] } });
    expect(verdict?.holds).toBe(false);
    expect(() => assertGradientLaws(verdict === undefined ? [] : [verdict])).toThrow(GradientError);
  });
});

describe("checkGradient", () => {
  test("functions of trees", () => {
    const net = ({ w, b }: { w: Tensor; b: Tensor }, x: Tensor): Tensor => sum(exp(add(matmul(x, w), b)));
    const verdict = checkGradient(net, [
      { w: tensor([[0.1], [0.2]]), b: tensor([0.3]) },
      tensor([
        [1, -1],
        [0.5, 2],
      ]),
    ]);
    expect(verdict).toEqual({ holds: true, message: "7 derivatives agree with central differences" });
  });

  test("whole numbers are held fixed, numbers are scalars", () => {
    const scaled = (x: Tensor, n: Tensor): Tensor =>
      mul(x, apply(primitives.cast, [n], { dtype: "float64" })[0] as Tensor);
    expect(checkGradient(scaled, [2, tensor(3, { dtype: "int32" })]).message).toBe(
      "1 derivatives agree with central differences",
    );
  });

  test("says which derivative is wrong", () => {
    const stopped = (x: Tensor): Tensor => mul(x, stopGradient(x));
    const verdict = checkGradient(stopped, [tensor([1, 2])]);
    expect(verdict.message).toMatch(
      /^the derivative in input 0, element 0 \(= 1\) is 1\.84.*, central differences give 3\.68/,
    );
    expect(() => assertGradient(verdict)).toThrow(GradientError);
  });

  test("steps and tolerance are the caller's", () => {
    const cubic = (x: Tensor): Tensor => mul(x, mul(x, x));
    expect(checkGradient(cubic, [tensor([1])], { eps: 0.1 }).holds).toBe(false);
    expect(checkGradient(cubic, [tensor([1])], { eps: 0.1, rtol: 0.1 }).holds).toBe(true);
  });
});
