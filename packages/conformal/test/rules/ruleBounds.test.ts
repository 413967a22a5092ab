import fc from "fast-check";
import { expect, test } from "vitest";
import { attractiveSides } from "../../src/rules/attractiveBounds.ts";
import { ruleComponents } from "../../src/rules/components.ts";
import { indexRules, type Rule } from "../../src/rules/rule.ts";
import { ruleCircuit } from "../../src/rules/ruleCircuit.ts";
import { factorTable, vertexBounds } from "../../src/rules/vertexBounds.ts";
import { codeOf } from "../codeOf.ts";
import { names, type RuleCase, ruleCases } from "./arbitraries.ts";
import { rangeByEnumeration } from "./enumeration.ts";

const methods = ["vertex", "interval"] as const;

interface Golden {
  readonly rules: Rule[];
  readonly lower: number[];
  readonly upper: number[];
  readonly vertex: [number, number][];
  readonly interval: [number, number][];
}

const golden: Golden[] = [
  {
    rules: [
      { if: "c0", then: "c1", weight: 1.5 },
      { if: "c0", then: "c2", weight: 0.5 },
    ],
    lower: [0.5, 0.6, 0.1],
    upper: [0.7, 0.8, 0.3],
    vertex: [
      [0.3080410646588, 0.5881351868728],
      [0.6833278244803, 0.8865527646291],
      [0.1168893059769, 0.3670696639292],
    ],
    interval: [
      [0.3080410646588, 0.5881351868728],
      [0.6601322197658, 0.8958758656146],
      [0.1031231217286, 0.4001128656853],
    ],
  },
  {
    rules: [
      { if: "c0", then: "c2", weight: 1 },
      { if: "c1", then: "c2", weight: 1 },
      { if: "c0", then: "c3", weight: 2 },
    ],
    lower: [0.2, 0.3, 0.4, 0.5],
    upper: [0.4, 0.5, 0.7, 0.9],
    vertex: [
      [0.0848347501678, 0.3428653355034],
      [0.2134571891072, 0.4578713336733],
      [0.4716863442304, 0.8176710573722],
      [0.5323048249749, 0.9292071603414],
    ],
    interval: [
      [0.0765604068708, 0.3723691880668],
      [0.1788160078327, 0.5139900099782],
      [0.439647397342, 0.8306468682739],
      [0.4766432230323, 0.9408708770883],
    ],
  },
];

test.each(golden)("two circuits to twelve digits, %#", ({ rules, lower, upper, ...wanted }) => {
  const circuit = ruleCircuit({ concepts: names(lower.length), rules });
  for (const method of methods) {
    const found = circuit.bounds(lower, upper, { method });
    wanted[method].forEach(([low, high], k) => {
      expect(Math.abs((found.lower[k] as number) - low)).toBeLessThan(2e-12);
      expect(Math.abs((found.upper[k] as number) - high)).toBeLessThan(2e-12);
    });
    expect(found.exact).toEqual(lower.map(() => method === "vertex"));
  }
  expect(circuit.bounds(lower, upper)).toEqual(circuit.bounds(lower, upper, { method: "vertex" }));
});

const anyWeight = fc.oneof(fc.double({ min: -4, max: 5, noNaN: true }), fc.constantFrom(0, Infinity, 650));
const cases = fc.oneof(ruleCases({ max: 6 }), ruleCases({ max: 6, weight: anyWeight }));
const circuitOf = ({ concepts, rules }: RuleCase) => ruleCircuit({ concepts, rules, signed: true });

test("the vertex method gives the range over all vertices, rounded outward by no more than 1e-13", () => {
  fc.assert(
    fc.property(cases, (drawn) => {
      // Vertices without certain concepts, where every quotient has a value.
      const lower = drawn.lower.map((value) => Math.max(value, 1e-4));
      const upper = drawn.upper.map((value) => Math.min(value, 0.9999));
      const found = circuitOf(drawn).bounds(lower, upper, { method: "vertex" });
      const { low, high } = rangeByEnumeration(drawn.concepts, drawn.rules, lower, upper);
      low.forEach((value, k) => {
        expect(found.lower[k]).toBeLessThanOrEqual(value * (1 + 1e-14));
        expect(found.lower[k]).toBeGreaterThan(value - 1e-13);
        expect(found.upper[k]).toBeGreaterThanOrEqual((high[k] as number) * (1 - 1e-14));
        expect(found.upper[k]).toBeLessThan((high[k] as number) + 1e-13);
      });
    }),
    { numRuns: 40 },
  );
});

test("both methods hold every point of the box, also at its certain ends", () => {
  const points = fc.array(
    fc.array(fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1)), {
      minLength: 6,
      maxLength: 6,
    }),
    { minLength: 5, maxLength: 5 },
  );
  fc.assert(
    fc.property(cases, points, (drawn, shares) => {
      const circuit = circuitOf(drawn);
      const { lower, upper } = drawn;
      const between = shares.map((share) =>
        lower.map((low, k) => {
          const t = share[k] as number;
          return t === 1 ? (upper[k] as number) : Math.min(upper[k] as number, low + t * ((upper[k] as number) - low));
        }),
      );
      for (const method of methods) {
        const bounds = circuit.bounds(lower, upper, { method });
        for (const p of [drawn.p, ...between]) {
          let corrected: Float64Array;
          try {
            corrected = circuit.infer(p);
          } catch {
            continue; // Certain concepts that break a hard rule.
          }
          corrected.forEach((value, k) => {
            // Half a unit of the last place for the rounding of the point itself.
            expect(value).toBeGreaterThanOrEqual((bounds.lower[k] as number) - 2 ** -53);
            expect(value).toBeLessThanOrEqual((bounds.upper[k] as number) + 2 ** -53);
          });
        }
      }
    }),
    { numRuns: 40 },
  );
});

test("vertex bounds are within the formula's", () => {
  fc.assert(
    fc.property(cases, (drawn) => {
      const circuit = circuitOf(drawn);
      const exact = circuit.bounds(drawn.lower, drawn.upper, { method: "vertex" });
      const formula = circuit.bounds(drawn.lower, drawn.upper, { method: "interval" });
      exact.lower.forEach((value, k) => {
        expect(value).toBeGreaterThanOrEqual((formula.lower[k] as number) - 1e-12);
        expect(exact.upper[k]).toBeLessThanOrEqual((formula.upper[k] as number) + 1e-12);
      });
    }),
    { numRuns: 40 },
  );
});

test("a box without width is the point, and a wider box has wider bounds", () => {
  fc.assert(
    fc.property(cases, (drawn) => {
      const circuit = circuitOf(drawn);
      const { p, lower, upper } = drawn;
      const middle = {
        lower: p.map((v, k) => (v + (lower[k] as number)) / 2),
        upper: p.map((v, k) => (v + (upper[k] as number)) / 2),
      };
      for (const method of methods) {
        const point = circuit.bounds(p, p, { method });
        const value = circuit.infer(p);
        const tolerance = method === "vertex" ? 1e-12 : 1e-9;
        value.forEach((v, k) => {
          expect(Math.abs((point.lower[k] as number) - v)).toBeLessThan(tolerance);
          expect(Math.abs((point.upper[k] as number) - v)).toBeLessThan(tolerance);
        });
        const wide = circuit.bounds(lower, upper, { method });
        const narrow = circuit.bounds(middle.lower, middle.upper, { method });
        narrow.lower.forEach((v, k) => {
          expect(wide.lower[k]).toBeLessThanOrEqual(v + 1e-12);
          expect(wide.upper[k]).toBeGreaterThanOrEqual((narrow.upper[k] as number) - 1e-12);
        });
      }
    }),
    { numRuns: 40 },
  );
});

test("extreme probabilities and weights keep the bounds valid through underflow", () => {
  const concepts = names(6);
  const rules = concepts.slice(1).map((then) => ({ if: "c0", then, weight: 300 }));
  const circuit = ruleCircuit({ concepts, rules });
  const lower = [0.5, 1e-300, 1e-300, 1e-300, 0, 0];
  const upper = [1, 1e-200, 0.5, 1, 1e-300, 1];
  const corner = [1, 1e-200, 1e-300, 1e-300, 0, 0];
  for (const method of methods) {
    const bounds = circuit.bounds(lower, upper, { method });
    for (const p of [lower, upper, corner]) {
      circuit.infer(p).forEach((value, k) => {
        expect(bounds.lower[k]).toBeLessThanOrEqual(value);
        expect(bounds.upper[k]).toBeGreaterThanOrEqual(value);
      });
    }
  }
});

test("singular vertices of hard rules", () => {
  const circuit = ruleCircuit({ concepts: ["a", "b"], rules: [{ if: "a", then: "b", weight: Infinity }] });
  const vertex = circuit.bounds([0.5, 0], [1, 0.5]);
  expect([...vertex.lower, ...vertex.upper].map((v) => Math.round(v * 1e9) / 1e9)).toEqual([0, 0, 1, 1]);
  // Certain a: b is certain too, wherever there is an answer.
  const certain = circuit.bounds([1, 0], [1, 0.5]);
  expect(Math.abs((certain.lower[1] as number) - 1)).toBeLessThan(1e-12);
  for (const method of methods) {
    expect(codeOf(() => circuit.bounds([1, 0], [1, 0], { method }))).toBe("E_INCONSISTENT_RULES");
  }
});

test("components beyond sixteen concepts fall back to the formula", () => {
  const concepts = [...names(17), "alone", "x", "y", "z"];
  const rules = [
    ...names(17)
      .slice(2)
      .map((then) => ({ if: ["c0", "c1"], then, weight: 0.5 })),
    { if: "x", then: "y", weight: 1 },
    { if: "x", then: "z", weight: 1 },
  ];
  const circuit = ruleCircuit({ concepts, rules });
  const lower = concepts.map(() => 0.4);
  const upper = concepts.map(() => 0.6);
  const auto = circuit.bounds(lower, upper);
  expect(auto.exact).toEqual(concepts.map((_, k) => k >= 17));
  expect([auto.lower[17], auto.upper[17]]).toEqual([0.4, 0.6]);
  const formula = circuit.bounds(lower, upper, { method: "interval" });
  expect(auto.lower.slice(0, 17)).toEqual(formula.lower.slice(0, 17));
  expect(auto.lower[19]).toBeGreaterThan((formula.lower[19] as number) + 1e-3);
  expect(codeOf(() => circuit.bounds(lower, upper, { method: "vertex" }))).toBe("E_TREEWIDTH");
});

const simple = ruleCases({ max: 8, single: true });
const signedSimple = ruleCases({ max: 8, single: true, weight: fc.double({ min: -4, max: 5, noNaN: true }) });

test("rules from one concept to one are monotone: two corners give what all corners give", () => {
  let attractive = 0;
  fc.assert(
    fc.property(fc.oneof(simple, signedSimple), (drawn) => {
      const { concepts, rules } = drawn;
      const lower = drawn.lower.map((value) => Math.max(value, 1e-4));
      const upper = drawn.upper.map((value) => Math.min(value, 0.9999));
      const circuit = ruleCircuit({ concepts, rules, signed: true });
      const found = circuit.bounds(lower, upper, { method: "vertex" });
      for (const component of ruleComponents(concepts.length, indexRules("test", concepts, rules, true))) {
        const sides = attractiveSides(component);
        if (rules.every(({ weight }) => weight >= 0)) expect(sides?.every((side) => side === 1)).toBe(true);
        if (sides === undefined) continue;
        attractive++;
        const part = (values: number[]) => Float64Array.from(component.concepts, (k) => values[k] as number);
        const all = vertexBounds(component, factorTable(component), part(lower), part(upper));
        component.concepts.forEach((concept, k) => {
          expect(Math.abs((found.lower[concept] as number) - (all[k]?.lower as number))).toBeLessThan(1e-12);
          expect(Math.abs((found.upper[concept] as number) - (all[k]?.upper as number))).toBeLessThan(1e-12);
        });
      }
    }),
    { numRuns: 60 },
  );
  expect(attractive).toBeGreaterThan(40);
});

test("so bounds are exact for forty concepts with such rules", () => {
  const concepts = names(40);
  const rules = concepts.slice(10).flatMap((then, i) => [
    { if: `c${i % 10}`, then, weight: 1 },
    { if: `c${(3 * i + 1) % 10}`, then, weight: 0.5 },
  ]);
  const circuit = ruleCircuit({ concepts, rules });
  const lower = concepts.map((_, k) => 0.1 + 0.01 * k);
  const upper = concepts.map((_, k) => 0.3 + 0.015 * k);
  const { exact, ...bounds } = circuit.bounds(lower, upper);
  expect(exact.every((yes) => yes)).toBe(true);
  const low = circuit.infer(lower);
  const high = circuit.infer(upper);
  low.forEach((value, k) => {
    expect(value - (bounds.lower[k] as number)).toBeGreaterThanOrEqual(0);
    expect(value - (bounds.lower[k] as number)).toBeLessThan(1e-12);
    expect((bounds.upper[k] as number) - (high[k] as number)).toBeGreaterThanOrEqual(0);
    expect((bounds.upper[k] as number) - (high[k] as number)).toBeLessThan(1e-12);
  });
});

test("signs that conflict are no such rules", () => {
  const conflict = [
    { if: "c0", then: "c1", weight: 1 },
    { if: "c1", then: "c2", weight: 1 },
    { if: "c0", then: "c2", weight: -1 },
  ];
  const [component] = ruleComponents(3, indexRules("test", names(3), conflict, true));
  expect(component && attractiveSides(component)).toBeUndefined();
});

test("bad boxes", () => {
  const circuit = ruleCircuit({ concepts: ["a", "b"], rules: [{ if: "a", then: "b", weight: 1 }] });
  expect(codeOf(() => circuit.bounds([0.5], [0.6, 0.7]))).toBe("E_LENGTH");
  expect(codeOf(() => circuit.bounds([0.5, 0.5], [0.6, 0.4]))).toBe("E_RANGE at 1");
  expect(codeOf(() => circuit.bounds([-0.1, 0.5], [0.6, 0.6]))).toBe("E_RANGE at 0");
  expect(codeOf(() => circuit.bounds([0.1, 0.5], [0.6, 1.1]))).toBe("E_RANGE at 1");
  expect(codeOf(() => circuit.bounds([0.1, Number.NaN], [0.6, 1]))).toBe("E_NAN at 1");
  expect(codeOf(() => circuit.bounds([0, 0], [1, 1], { method: "exact" as "auto" }))).toBe("E_RANGE");
});
