import { expect, test } from "vitest";
import { uniformStream } from "../../src/base/random.ts";
import { diagnoseRules } from "../../src/rules/diagnoseRules.ts";
import { ruleCircuit } from "../../src/rules/ruleCircuit.ts";
import { codeOf } from "../codeOf.ts";

const rules = [
  { if: "cat", then: "whiskers", weight: 3 },
  { if: "dog", then: "barks", weight: 3 },
  { if: "cat", then: "coin", weight: 3 },
];
const circuit = ruleCircuit({ concepts: ["cat", "dog", "whiskers", "barks", "coin"], rules });
const uniform = uniformStream(1);
const labels = Array.from({ length: 400 }, () => (uniform() < 0.5 ? 0 : 1));
/** A weak model of the classes, good models of two attributes, and one that tosses a coin. */
const rows = labels.map((label) => {
  const noisy = (truth: boolean, trust: number) => {
    const right = uniform() < trust;
    return truth === right ? 0.5 + 0.5 * uniform() : 0.5 * uniform();
  };
  return [
    noisy(label === 0, 0.7),
    noisy(label === 1, 0.7),
    noisy(label === 0, 0.95),
    noisy(label === 1, 0.95),
    uniform(),
  ];
});

test("good rules raise accuracy and shrink sets, a coin does the opposite", () => {
  const { withRules, withoutRules, rules: each } = diagnoseRules(circuit, rows, labels, { classes: 2 });
  expect(withRules.accuracy).toBeGreaterThan(withoutRules.accuracy + 0.05);
  expect(withRules.meanSetSize).toBeLessThan(withoutRules.meanSetSize);
  const [whiskers, barks, coin] = each;
  for (const helpful of [whiskers, barks]) {
    expect(helpful?.accuracyGain).toBeGreaterThan(0);
    expect(helpful?.setSizeChange).toBeLessThan(0);
  }
  expect(coin?.accuracyGain).toBeLessThan(0);
  expect(coin?.rule).toEqual({ if: ["cat"], then: "coin", weight: 3 });
  expect(whiskers?.without.accuracy).toBeCloseTo(withRules.accuracy - (whiskers?.accuracyGain ?? 0), 14);
  for (const { coverage } of [withRules, withoutRules]) expect(coverage).toBeGreaterThan(0.85);
});

test("does not depend on the order of the rows", () => {
  const options = { classes: 2, alpha: 0.2, mode: "union", folds: 3, seed: 4 } as const;
  const reversed = diagnoseRules(circuit, rows.toReversed(), labels.toReversed(), options);
  expect(reversed).toEqual(diagnoseRules(circuit, rows, labels, options));
});

test("bad input", () => {
  const run = (change: object) => codeOf(() => diagnoseRules(circuit, rows, labels, { classes: 2, ...change }));
  expect(run({ classes: 6 })).toBe("E_RANGE");
  expect(run({ folds: 1 })).toBe("E_RANGE");
  expect(run({ alpha: 1 })).toBe("E_ALPHA");
  expect(codeOf(() => diagnoseRules(circuit, rows, [0], { classes: 2 }))).toBe("E_LENGTH");
  expect(codeOf(() => diagnoseRules(circuit, rows.slice(0, 1), [0], { classes: 2 }))).toBe("E_EMPTY_CALIBRATION");
});
