import fc from "fast-check";
import { type HostTensor, tensor } from "@parsimony/core-tensor";
import {
  distanceMoved,
  lamp,
  magnitude,
  magnitudeIncrease,
  movement,
  type Named,
  onesMask,
  pruneByMagnitude,
  pruneByScore,
  randomScores,
  type Scores,
  taylor,
} from "@parsimony/lottery";
import { expect, test } from "vitest";
import { maskOf, valuesOf } from "./nets.ts";

const params = {
  w: tensor([
    [0.5, -1],
    [2, -0.25],
  ]),
  b: tensor([9, 9]),
};
const mask = maskOf(params, { w: [1, 1, 1, 0] });

test("magnitude: |w|, in the dtype of the weights, +0 at masked places; nothing for tensors without a mask", () => {
  const scores = magnitude(params, mask);
  expect(Object.keys(scores)).toEqual(["w"]);
  expect(scores["w"]?.dtype).toBe("float32");
  expect(valuesOf(scores, "w")).toEqual([0.5, 1, 2, 0]);
});

test("pruning by the scores of magnitude is pruning by magnitude", () => {
  const any = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(any, fc.constantFrom(0, 0.2, 0.5, 0.9), (list, rate) => {
      const weights = { w: tensor(list, { shape: [3, 4] }) };
      const ones = onesMask(weights);
      const options = { rate, allowEmpty: true };
      expect(pruneByScore(magnitude(weights, ones), ones, options)).toEqual(pruneByMagnitude(weights, ones, options));
    }),
    { numRuns: 30 },
  );
});

test("a tree and the flat record of its paths have the same scores", () => {
  const tree = { layers: [{ weight: tensor([[1, -2]]) }, { weight: tensor([[3], [4]]) }] };
  const flat = {
    "layers.0.weight": tree.layers[0]?.weight as HostTensor,
    "layers.1.weight": tree.layers[1]?.weight as HostTensor,
  };
  expect(lamp(tree, onesMask(tree))).toEqual(lamp(flat, onesMask(flat)));
  expect(Object.keys(magnitude(tree, onesMask(tree)))).toEqual(["layers.0.weight", "layers.1.weight"]);
});

test("randomScores: in [0, 1), by seed, name and place alone", () => {
  const big = {
    a: tensor(new Float32Array(1000), { shape: [10, 100] }),
    b: tensor(new Float32Array(4), { shape: [2, 2] }),
  };
  const ones = onesMask(big);
  const scores = randomScores(ones, 3);
  const a = valuesOf(scores, "a");
  expect(a.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(a.reduce((sum, value) => sum + value, 0) / 1000).toBeCloseTo(0.5, 1);
  expect(new Set(a).size).toBeGreaterThan(990);
  expect(randomScores(ones, 3)).toEqual(scores);
  expect(valuesOf(randomScores(ones, 4), "a")).not.toEqual(a);
  // Another tensor beside it, or fewer survivors, change nothing for the weights that are left.
  expect(valuesOf(randomScores({ a: ones["a"] as HostTensor }, 3), "a")).toEqual(a);
  const left = pruneByScore(scores, ones, { rate: 0.5, scope: "global" });
  const again = valuesOf(randomScores(left, 3), "a");
  expect(again).toEqual(a.map((value, i) => (valuesOf(left, "a")[i] === 1 ? value : 0)));
});

test("randomScores of tensors of the same shape are unrelated", () => {
  const twins = { a: tensor([[1, 2, 3]]), b: tensor([[1, 2, 3]]) };
  const scores = randomScores(onesMask(twins), 3);
  expect(valuesOf(scores, "a")).not.toEqual(valuesOf(scores, "b"));
});

test("LAMP counts survivors only, and of equals the earlier is worth less", () => {
  const weights = { w: tensor([[3, -2, 2, 100]]) };
  const some = maskOf(weights, { w: [1, 1, 1, 0] });
  expect(valuesOf(lamp(weights, some), "w")).toEqual([1, 4 / 17, 4 / 13, 0].map((value) => expect.closeTo(value, 15)));
});

test("LAMP: the largest of each tensor scores 1 and scores rise with |w|, in float32 and float64", () => {
  const float = fc.float({ noNaN: true, noDefaultInfinity: true });
  const list = fc.array(float, { minLength: 2, maxLength: 20 }).filter((values) => values.some((value) => value !== 0));
  fc.assert(
    fc.property(list, fc.constantFrom("float32" as const, "float64" as const), (values, dtype) => {
      const weights = { w: tensor(values, { shape: [1, values.length], dtype }) };
      const scores = valuesOf(lamp(weights, onesMask(weights)), "w");
      expect(Math.max(...scores)).toBe(1);
      values.forEach((x, i) =>
        values.forEach((y, j) => {
          if (Math.abs(x) < Math.abs(y) || (Math.abs(x) === Math.abs(y) && i < j)) {
            expect(scores[i] as number).toBeLessThanOrEqual(scores[j] as number);
          }
        }),
      );
    }),
    { numRuns: 50 },
  );
});

test("LAMP of both dtypes is the same, and does not overflow", () => {
  const values = [1e30, -2e38, 3e-40, 0, -0, 2e38, 1];
  const narrow = { w: tensor(values, { shape: [1, 7] }) };
  const wide = { w: tensor(valuesOf(narrow, "w"), { shape: [1, 7], dtype: "float64" }) };
  const scores = lamp(narrow, onesMask(narrow));
  expect(scores).toEqual(lamp(wide, onesMask(wide)));
  expect(valuesOf(scores, "w")[5]).toBe(1);
  expect(valuesOf(scores, "w")[1]).toBe(0.5);
  const huge = { w: tensor([[1e300, 1e-300]], { dtype: "float64" }) };
  expect(valuesOf(lamp(huge, onesMask(huge)), "w")).toEqual([1, 0]);
});

test("LAMP of a tensor of zeros, or of one that keeps nothing, is 0", () => {
  const zeros = { w: tensor([[0, -0]]) };
  expect(valuesOf(lamp(zeros, onesMask(zeros)), "w")).toEqual([0, 0]);
  expect(valuesOf(lamp(params, maskOf(params, { w: [0, 0, 0, 0] })), "w")).toEqual([0, 0, 0, 0]);
});

test("a global ranking by LAMP leaves the largest of every tensor", () => {
  const weights = { a: tensor([[100, 50, 60, 70]]), b: tensor([[0.001, 0.003]]), c: tensor([[1], [2]]) };
  const left = pruneByScore(lamp(weights, onesMask(weights)), onesMask(weights), { density: 3 / 8, scope: "global" });
  expect([valuesOf(left, "a"), valuesOf(left, "b"), valuesOf(left, "c")]).toEqual([
    [1, 0, 0, 0],
    [0, 1],
    [0, 1],
  ]);
});

test("taylor: |w g|", () => {
  const gradients = {
    w: tensor([
      [2, 3],
      [-1, 5],
    ]),
    b: tensor([1, 1]),
  };
  expect(valuesOf(taylor(params, gradients, mask), "w")).toEqual([1, 3, 2, 0]);
});

test("movement: minus the sum of w g over the steps", () => {
  const first = movement(
    params,
    {
      w: tensor([
        [2, 3],
        [-1, 5],
      ]),
    },
    mask,
  );
  expect(valuesOf(first, "w")).toEqual([-1, 3, 2, 0]);
  const later = {
    w: tensor([
      [1, 1],
      [1, 1],
    ]),
  };
  const second = movement(
    later,
    {
      w: tensor([
        [1, -1],
        [0, 1],
      ]),
    },
    mask,
    { accumulated: first },
  );
  expect(valuesOf(second, "w")).toEqual([-2, 4, 2, 0]);
});

test("movement of gradient descent is w · (w after - w before) over the rate", () => {
  const finite = fc.double({ min: -3, max: 3, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(finite, finite), { minLength: 1, maxLength: 6 }), (pairs) => {
      const of = (values: readonly number[]): Named => ({
        w: tensor(values, { shape: [1, values.length], dtype: "float64" }),
      });
      const [w, g] = [pairs.map(([weight]) => weight), pairs.map(([, slope]) => slope)];
      const after = w.map((weight, i) => weight - 0.1 * (g[i] as number));
      const scores = valuesOf(movement(of(w), of(g), onesMask(of(w))), "w");
      scores.forEach((score, i) => {
        const weight = w[i] as number;
        expect(score).toBeCloseTo((weight * ((after[i] as number) - weight)) / 0.1, 10);
      });
      // Where the sign stays, the magnitude has grown by rate · score / |w|.
      const grown = valuesOf(magnitudeIncrease(of(w), of(after), onesMask(of(w))), "w");
      grown.forEach((increase, i) => {
        const weight = w[i] as number;
        if (weight * (after[i] as number) <= 0) return;
        expect(increase * Math.abs(weight)).toBeCloseTo(0.1 * (scores[i] as number), 10);
      });
    }),
    { numRuns: 50 },
  );
});

test("magnitudeIncrease looks away from zero, distanceMoved in both directions", () => {
  const after = {
    w: tensor([
      [0.25, -3],
      [-2.5, 7],
    ]),
    b: tensor([0, 0]),
  };
  expect(valuesOf(magnitudeIncrease(params, after, mask), "w")).toEqual([-0.25, 2, 0.5, 0]);
  expect(valuesOf(distanceMoved(params, after, mask), "w")).toEqual([0.25, 2, 4.5, 0]);
});

const nan = {
  w: tensor([
    [0.5, Number.NaN],
    [2, 1],
  ]),
};
const finite = {
  w: tensor([
    [1, 1],
    [1, 1],
  ]),
};

test.each<[string, () => Scores]>([
  ["magnitude", () => magnitude(nan, mask)],
  ["lamp", () => lamp(nan, mask)],
  ["taylor", () => taylor(finite, nan, mask)],
  ["movement", () => movement(nan, finite, mask)],
  ["movement", () => movement(finite, finite, mask, { accumulated: nan })],
  ["magnitudeIncrease", () => magnitudeIncrease(finite, nan, mask)],
  ["distanceMoved", () => distanceMoved(nan, finite, mask)],
])("%s: a kept NaN is E_NON_FINITE with its place, a masked one is nothing", (where, score) => {
  expect(score).toThrow(expect.objectContaining({ code: "E_NON_FINITE", tensor: "w", index: 1 }));
  expect(score).toThrow(where);
});

test("infinities are refused too, and what is masked may be anything", () => {
  const infinite = {
    w: tensor([
      [1, 2],
      [Number.NEGATIVE_INFINITY, Number.NaN],
    ]),
  };
  for (const criterion of [magnitude, lamp]) {
    expect(() => criterion(infinite, mask)).toThrow(expect.objectContaining({ code: "E_NON_FINITE", index: 2 }));
    expect(valuesOf(criterion(infinite, maskOf(infinite, { w: [1, 1, 0, 0] })), "w").every(Number.isFinite)).toBe(true);
  }
});

test.each<[string, () => Scores]>([
  ["magnitude", () => magnitude({ v: params.w }, mask)],
  ["lamp", () => lamp({ w: tensor([[1, 2, 3]]) }, mask)],
  ["taylor", () => taylor(params, { w: tensor([1, 2]) }, mask)],
  ["movement", () => movement(params, {}, mask)],
])("%s: parameters that do not fit the mask are E_MASK", (_, score) => {
  expect(score).toThrow(expect.objectContaining({ code: "E_MASK", tensor: "w" }));
});

test("whole numbers are E_PARAMETERS", () => {
  const whole = {
    w: tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: "int32" },
    ),
  };
  for (const criterion of [magnitude, lamp]) {
    expect(() => criterion(whole, mask)).toThrow(expect.objectContaining({ code: "E_PARAMETERS", tensor: "w" }));
  }
});
