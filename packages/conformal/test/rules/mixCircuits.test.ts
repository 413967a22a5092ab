import fc from "fast-check";
import { expect, test } from "vitest";
import { mixCircuits, mixCircuitsFromJSON } from "../../src/rules/mixCircuits.ts";
import { ruleCircuit } from "../../src/rules/ruleCircuit.ts";
import { ruleCircuitFromJSON } from "../../src/rules/ruleCircuitFromJSON.ts";
import { codeOf } from "../codeOf.ts";
import { ruleCases } from "./arbitraries.ts";

const shape = ruleCircuit({ concepts: ["stop", "octagon"], rules: [{ if: "stop", then: "octagon", weight: 1.5 }] });
const colour = ruleCircuit({ concepts: ["stop", "red", "extra"], rules: [{ if: "stop", then: "red", weight: 3 }] });

test("the mean over the circuits that have a concept", () => {
  const mixture = mixCircuits([shape, colour], { weights: [1, 3] });
  expect(mixture.concepts).toEqual(["stop", "octagon", "red", "extra"]);
  const [a, b] = [shape.infer([0.6, 0.3]), colour.infer([0.6, 0.8, 0.1])];
  const found = mixture.infer([0.6, 0.3, 0.8, 0.1]);
  expect(found[0]).toBeCloseTo(0.25 * (a[0] as number) + 0.75 * (b[0] as number), 15);
  expect([found[1], found[2], found[3]]).toEqual([a[1], b[1], 0.1]);
  expect(mixture.inferRows([[0.6, 0.3, 0.8, 0.1]])).toEqual([found]);
});

test("blended with the raw probability", () => {
  const half = mixCircuits([shape], { corrected: 0.25 });
  const corrected = shape.infer([0.6, 0.3]);
  half.infer([0.6, 0.3]).forEach((value, k) => {
    expect(value).toBeCloseTo(0.25 * (corrected[k] as number) + 0.75 * ([0.6, 0.3][k] as number), 15);
  });
  expect([...mixCircuits([shape, colour], { corrected: 0 }).infer([0.6, 0.3, 0.8, 0.1])]).toEqual([0.6, 0.3, 0.8, 0.1]);
});

test("bounds hold every point of the box, and are exact for concepts of one circuit", () => {
  const mixture = mixCircuits([shape, colour], { weights: [1, 2], corrected: 0.7 });
  const unit = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(unit, unit, unit, (a, b, t) => {
      const lower = a.map((v, k) => Math.min(v, b[k] as number));
      const upper = a.map((v, k) => Math.max(v, b[k] as number));
      const bounds = mixture.bounds(lower, upper);
      expect(bounds.exact).toEqual([false, true, true, true]);
      const p = lower.map((v, k) => Math.min(upper[k] as number, v + (t[k] as number) * ((upper[k] as number) - v)));
      mixture.infer(p).forEach((value, k) => {
        expect(value).toBeGreaterThanOrEqual((bounds.lower[k] as number) - 2 ** -53);
        expect(value).toBeLessThanOrEqual((bounds.upper[k] as number) + 2 ** -53);
      });
    }),
  );
});

test("circuits and mixtures survive JSON to the bit, infinite weights included", () => {
  const weight = fc.oneof(fc.double({ min: -3, max: 5, noNaN: true }), fc.constant(Infinity));
  fc.assert(
    fc.property(ruleCases({ max: 6, weight }), ({ concepts, rules, p, lower, upper }) => {
      const circuit = ruleCircuit({ concepts, rules, signed: true });
      const loaded = ruleCircuitFromJSON(JSON.parse(JSON.stringify(circuit)));
      expect(loaded.infer(p)).toEqual(circuit.infer(p));
      expect(loaded.bounds(lower, upper)).toEqual(circuit.bounds(lower, upper));
      expect(loaded.toJSON()).toEqual(circuit.toJSON());
      const mixture = mixCircuits([circuit, circuit], { weights: [1, 0.3], corrected: 0.4 });
      const again = mixCircuitsFromJSON(JSON.parse(JSON.stringify(mixture)));
      expect(again.infer(p)).toEqual(mixture.infer(p));
    }),
    { numRuns: 30 },
  );
});

test("bad mixtures and bad JSON", () => {
  expect(codeOf(() => mixCircuits([]))).toBe("E_RULES");
  expect(codeOf(() => mixCircuits([shape], { weights: [1, 2] }))).toBe("E_LENGTH");
  expect(codeOf(() => mixCircuits([shape], { weights: [-1] }))).toBe("E_WEIGHTS at 0");
  expect(codeOf(() => mixCircuits([shape, colour], { weights: [1, 0] }))).toBe("E_WEIGHTS");
  expect(codeOf(() => mixCircuits([shape], { corrected: 2 }))).toBe("E_RANGE");
  const hard = ruleCircuit({ concepts: ["a", "b"], rules: [{ if: "a", then: "b", weight: Infinity }] });
  expect(
    codeOf(() =>
      mixCircuits([hard]).inferRows([
        [0, 0],
        [1, 0],
      ]),
    ),
  ).toBe("E_INCONSISTENT_RULES at 1");
  const saved = JSON.parse(JSON.stringify(shape)) as Record<string, unknown>;
  for (const change of [
    { kind: "other" },
    { version: 2 },
    { signed: 1 },
    { concepts: "stop" },
    { rules: [{ if: "stop", then: "octagon", weight: 1 }] },
    { rules: [{ if: ["stop"], then: "octagon", weight: "NaN" }] },
    { maxTreewidth: "wide" },
  ]) {
    expect(codeOf(() => ruleCircuitFromJSON({ ...saved, ...change })).slice(0, 6)).toBe("E_JSON");
  }
  expect(codeOf(() => ruleCircuitFromJSON({ ...saved, concepts: ["stop"] }))).toBe("E_RULES at 0");
  expect(codeOf(() => ruleCircuitFromJSON(null))).toBe("E_JSON");
  expect(codeOf(() => mixCircuitsFromJSON(saved))).toBe("E_JSON");
});
