import { expect, test } from "vitest";
import { binomialCdf } from "../../src/base/binomial.ts";
import {
  type UpperConfidenceBound,
  clopperPearsonBound,
  empiricalBernsteinBound,
  hoeffdingBentkusBound,
  hoeffdingBound,
  lossMatrix,
  rcps,
  waudbySmithRamdasBound,
} from "../../src/risk/index.ts";
import { codeOf } from "../codeOf.ts";
import { compositions } from "./compositions.ts";

const bounds: readonly (readonly [string, UpperConfidenceBound])[] = [
  ["hoeffding", hoeffdingBound],
  ["empiricalBernstein", empiricalBernsteinBound],
  ["hoeffdingBentkus", hoeffdingBentkusBound],
  ["clopperPearson", clopperPearsonBound],
];

test("with the exact bound on 0/1 losses it allows the binomial number of errors", () => {
  // The largest k with P(Bin(n, alpha) <= k) <= delta.
  const cases = [
    [29, 0.1, 0.05, 0],
    [100, 0.1, 0.05, 4],
    [100, 0.1, 0.01, 3],
    [200, 0.2, 0.1, 32],
  ] as const;
  for (const [n, alpha, delta, errors] of cases) {
    expect(binomialCdf(errors, n, alpha)).toBeLessThanOrEqual(delta);
    const lambdas = Array.from({ length: n }, (_, i) => i);
    const losses = lossMatrix(n, lambdas, (i, lambda) => (i <= lambda ? 0 : 1));
    const { lambda, risk, upperBound, ...rest } = rcps(losses, lambdas, {
      alpha,
      delta,
      upperConfidenceBound: clopperPearsonBound,
    });
    expect(n - 1 - lambda).toBe(errors);
    expect(risk).toBeCloseTo(errors / n, 12);
    expect(upperBound).toBeLessThanOrEqual(alpha);
    expect(rest).toMatchObject({ n, alpha, delta, guarantee: "pac" });
    expect(rest.reason).toBeUndefined();
  }
  const few = lossMatrix(28, [0, 27], (i, lambda) => (i <= lambda ? 0 : 1));
  expect(rcps(few, [0, 27], { alpha: 0.1, delta: 0.05, upperConfidenceBound: clopperPearsonBound })).toMatchObject({
    lambda: 27,
    reason: "only-lambda-max",
  });
});

// Scores on four levels; the loss at lambda is 1 for scores above it. All counts of the levels, with their
// multinomial probabilities, give the exact probability of a setting whose true risk is above alpha.
test.each(bounds)("%s: the risk is above alpha with probability at most delta, exactly", (_, ucb) => {
  const n = 18;
  const lambdas = [0, 1, 2, 3];
  for (const law of [
    [0.5, 0.2, 0.19, 0.11],
    [0.25, 0.25, 0.25, 0.25],
    [0.79, 0.1, 0.1, 0.01],
  ]) {
    for (const { alpha, delta } of [
      { alpha: 0.2, delta: 0.3 },
      { alpha: 0.3, delta: 0.1 },
    ]) {
      const trueRisk = lambdas.map((lambda) => law.slice(lambda + 1).reduce((a, b) => a + b, 0));
      let bad = 0;
      let useful = 0;
      // What the answer depends on is the number of errors at each lambda.
      const memo = new Map<number, number>();
      const boundOfErrors = (errors: number): number => {
        const known = memo.get(errors);
        if (known !== undefined) return known;
        const found = ucb(
          Float64Array.from({ length: n }, (_, i) => (i < errors ? 1 : 0)),
          delta,
        );
        memo.set(errors, found);
        return found;
      };
      const quick: UpperConfidenceBound = (losses) => boundOfErrors(losses.reduce((a, b) => a + b, 0));
      for (const { counts, probability } of compositions(n, law)) {
        const scores = counts.flatMap((count, level) => new Array<number>(count).fill(level));
        const losses = lossMatrix(n, lambdas, (i, lambda) => ((scores[i] as number) > lambda ? 1 : 0));
        const { index } = rcps(losses, lambdas, { alpha, delta, upperConfidenceBound: quick });
        if ((trueRisk[index] as number) > alpha) bad += probability;
        if (index < 3) useful += probability;
      }
      expect(bad).toBeLessThanOrEqual(delta + 1e-12);
      if (ucb === clopperPearsonBound && alpha === 0.3) expect(useful).toBeGreaterThan(0.1);
    }
  }
});

test("a larger delta or alpha, or a better bound, allows a smaller lambda", () => {
  const n = 300;
  const lambdas = Array.from({ length: 50 }, (_, j) => j / 49);
  const losses = lossMatrix(n, lambdas, (i, lambda) => Math.max(0, (i / n) ** 2 - lambda) / 2);
  const at = (alpha: number, delta: number, ucb?: UpperConfidenceBound) =>
    rcps(losses, lambdas, { alpha, delta, ...(ucb === undefined ? {} : { upperConfidenceBound: ucb }) }).lambda;
  expect(at(0.1, 0.1)).toBeLessThanOrEqual(at(0.1, 0.01));
  expect(at(0.2, 0.1)).toBeLessThanOrEqual(at(0.1, 0.1));
  expect(at(0.1, 0.1, waudbySmithRamdasBound)).toBeLessThan(at(0.1, 0.1, hoeffdingBound));
  expect(at(0.1, 0.1)).toBe(at(0.1, 0.1, hoeffdingBentkusBound));
  const doubled = { data: losses.data.map((x) => 2 * x), shape: losses.shape };
  expect(rcps(doubled, lambdas, { alpha: 0.2, delta: 0.1, bound: 2 }).lambda).toBe(at(0.1, 0.1));
});

test("a walk that stops does not go on behind the gap", () => {
  // A bound that is small again further down must not be reached.
  const losses = [[1, 0.5, 0.25, 0]];
  const said = new Map([
    [1, 0.01],
    [0.5, 0.9],
    [0.25, 0.02],
    [0, 0.01],
  ]);
  const ucb: UpperConfidenceBound = (column) => said.get(column[0] as number) as number;
  expect(rcps(losses, [1, 2, 3, 4], { alpha: 0.1, delta: 0.1, upperConfidenceBound: ucb })).toMatchObject({
    lambda: 3,
    upperBound: 0.02,
  });
});

test("bad input", () => {
  const losses = [
    [1, 0.5, 0],
    [1, 0.2, 0.1],
  ];
  const run = (options: object, rows: number[][] = losses) =>
    codeOf(() => rcps(rows, [1, 2, 3], { alpha: 0.2, delta: 0.1, ...options }));
  expect(run({ alpha: 1 })).toBe("E_ALPHA");
  expect(run({ delta: 0 })).toBe("E_ALPHA");
  expect(run({ delta: Number.NaN })).toBe("E_ALPHA");
  expect(run({ bound: -1 })).toBe("E_RANGE");
  expect(run({}, [[1, 0, -0.1]])).toBe("E_RANGE at 0");
  expect(run({}, [[1, 0, 0.1]])).toBe("E_MONOTONE at 0");
  expect(rcps([[1, 0, 0.1]], [1, 2, 3], { alpha: 0.2, delta: 0.1, monotonize: true }).lambda).toBe(3);
  expect(run({ alpha: 0.05 })).toBe("E_RANGE at 1");
  expect(run({}, [])).toBe("E_EMPTY_CALIBRATION");
});
