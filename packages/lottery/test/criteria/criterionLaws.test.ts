import fc from "fast-check";
import { type HostTensor, random, tensor, type Tensor } from "@parsimony/core-tensor";
import { reference } from "@parsimony/core-tensor/reference";
import {
  type Criterion,
  grasp,
  lamp,
  LotteryError,
  magnitude,
  type Named,
  randomScores,
  type Scores,
  snip,
  synflow,
} from "@parsimony/lottery";
import { checkCriterionLaws, criterionCases, criterionLaws, parameters } from "@parsimony/lottery/testing";
import { describe, expect, test } from "vitest";
import { mlp, mlpLoss } from "./nets.ts";

const map = (scores: Named, fn: (value: number, index: number) => number): Scores =>
  Object.fromEntries(
    Object.entries(scores).map(([name, each]) => [
      name,
      tensor(Float64Array.from(each.dataSync() as Float64Array, fn), { shape: each.shape }),
    ]),
  );

const valuesIn = (params: unknown, name: string): Float32Array =>
  ((params as Named)[name] as HostTensor).dataSync() as Float32Array;

const small = criterionCases<unknown>(parameters({ maxLayers: 2, maxDim: 5 }));

describe("the criteria obey the laws", () => {
  const all = { scale: true, signs: true, permutation: true };

  test.each([
    ["magnitude", magnitude as Criterion],
    ["lamp", lamp as Criterion],
  ])("%s", async (_, criterion) => {
    await checkCriterionLaws(criterionLaws(criterion, all), small, { runs: 15 });
  });

  test("randomScores", async () => {
    const criterion: Criterion = (_, mask) => randomScores(mask, 7);
    await checkCriterionLaws(criterionLaws(criterion, { scale: true, signs: true }), small, { runs: 15 });
  });

  const keys = random.split(random.key(5), 2);
  const nets: fc.Arbitrary<Named> = fc.constant({
    w1: random.normal(keys[0] as random.Key, [3, 4]) as HostTensor,
    b1: tensor([0.1, -0.2, 0.3, 0]),
    w2: random.normal(keys[1] as random.Key, [4, 2]) as HostTensor,
    b2: tensor([0.1, 0.2]),
  });
  const batch = {
    inputs: random.normal(random.key(6), [8, 3]),
    labels: tensor([0, 1, 0, 1, 1, 0, 1, 0], { dtype: "int32" }),
  };
  const options = { backend: reference() };

  test.each([
    ["snip", snip(mlpLoss, [batch], options), {}],
    ["grasp", grasp(mlpLoss, [batch], options), {}],
    ["synflow", synflow(mlp, { inputShape: [1, 3], ...options }), { scale: true, signs: true }],
  ])("%s", async (_, criterion, flags) => {
    await checkCriterionLaws<Readonly<Record<string, Tensor>>>(criterionLaws(criterion, flags), criterionCases(nets), {
      runs: 3,
    });
  });
});

describe("a broken criterion is found out", () => {
  let calls = 0;
  const twins: [law: string, twin: Criterion, flags?: object][] = [
    ["finite floats", (params, mask) => map(magnitude(params, mask), (value) => (value > 2 ? Number.NaN : value))],
    ["finite floats", (params, mask) => Object.fromEntries(Object.entries(magnitude(params, mask)).slice(1))],
    ["the same arguments", (params, mask) => map(magnitude(params, mask), (value) => value + calls++)],
    [
      "what stands at masked places",
      (params, mask) => {
        const sum = Object.keys(mask).reduce((total, name) => valuesIn(params, name).reduce((a, b) => a + b, total), 0);
        return map(magnitude(params, mask), (value) => value + sum);
      },
    ],
    [
      "the order of names",
      (params, mask) => {
        const first = Object.keys(mask)[0];
        return Object.fromEntries(
          Object.entries(magnitude(params, mask)).map(([name, each]) => [
            name,
            map({ each }, (value) => (name === first ? value + 1 : value))["each"] as HostTensor,
          ]),
        );
      },
    ],
    [
      "the arguments are not changed",
      (params, mask) => {
        const scores = map(magnitude(params, mask), (value) => value);
        for (const name of Object.keys(mask)) valuesIn(params, name).fill(0);
        return scores;
      },
    ],
    ["a power of two", (params, mask) => map(magnitude(params, mask), (value) => Math.abs(value - 1)), { scale: true }],
    [
      "signs of weights",
      (params, mask) => {
        const named = params as Named;
        return map(
          Object.fromEntries(Object.keys(mask).map((name) => [name, named[name] as HostTensor])),
          (value) => value,
        );
      },
      { signs: true },
    ],
    [
      "positions do not matter",
      (params, mask) => map(magnitude(params, mask), (value, i) => value * (1 + i)),
      { permutation: true },
    ],
  ];

  test.each(twins)("%s", async (law, twin, flags = {}) => {
    await expect(checkCriterionLaws(criterionLaws(twin, flags), small, { runs: 50 })).rejects.toThrow(law);
  });

  test("one that refuses everything", async () => {
    const twin: Criterion = () => {
      throw new LotteryError("E_EMPTY", "no");
    };
    await expect(checkCriterionLaws(criterionLaws(twin), small, { runs: 5 })).rejects.toThrow("pre-condition");
  });
});
