import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Rule } from "../../src/rules/rule.ts";
import { ruleCircuit } from "../../src/rules/ruleCircuit.ts";
import { codeOf } from "../codeOf.ts";
import { names, ruleCases } from "./arbitraries.ts";
import { byEnumeration } from "./enumeration.ts";

interface Case {
  readonly n: number;
  readonly signed: boolean;
  readonly rules: [number[], number, number | string][];
  readonly p: number[];
  readonly corrected: number[];
  readonly lower?: number[];
  readonly upper?: number[];
  readonly low?: number[];
  readonly high?: number[];
}

/** By numpy, over all assignments and vertices; fixtures/rules/make.py wrote them. */
const cases = JSON.parse(
  readFileSync(new URL("../fixtures/rules/circuits.json", import.meta.url), "utf8"),
) as readonly Case[];

const star: Rule[] = [
  { if: "a", then: "b", weight: 1.5 },
  { if: "a", then: "c", weight: 0.5 },
];

function circuitOf({ n, rules, signed }: Case) {
  const named = rules.map(([body, head, weight]) => {
    return { if: body.map((k) => `c${k}`), then: `c${head}`, weight: Number(weight) };
  });
  return ruleCircuit({ concepts: names(n), rules: named, signed });
}

function expectClose(found: ArrayLike<number>, wanted: readonly number[], tolerance: number): void {
  expect(found.length).toBe(wanted.length);
  wanted.forEach((value, k) => {
    expect(Math.abs((found[k] as number) - value)).toBeLessThanOrEqual(tolerance);
  });
}

test("a star with one main concept", () => {
  const circuit = ruleCircuit({ concepts: ["a", "b", "c"], rules: star });
  expectClose(circuit.infer([0.6, 0.7, 0.2]), [0.4408060085195172, 0.7937679047176377, 0.24049911054557513], 1e-15);
  expect(circuit.treewidth).toBe(1);
  expect(circuit.components).toEqual([["a", "b", "c"]]);
});

test("one rule by hand", () => {
  // Worlds without rules: 00 .3, 01 .2, 10 .3, 11 .2; a => b with weight log 2 halves 10.
  const circuit = ruleCircuit({ concepts: ["a", "b"], rules: [{ if: "a", then: "b", weight: Math.log(2) }] });
  expectClose(circuit.infer([0.5, 0.4]), [0.35 / 0.85, 0.4 / 0.85], 1e-15);
  const two = ruleCircuit({ concepts: ["a", "b", "c"], rules: [{ if: ["a", "b"], then: "c", weight: Infinity }] });
  expectClose(two.infer([0.5, 0.5, 0.5]), [3 / 7, 3 / 7, 4 / 7], 1e-15);
});

test.each(cases.map((entry, i) => [i, entry] as const))("numpy's enumeration, case %i", (_, entry) => {
  const circuit = circuitOf(entry);
  expectClose(circuit.infer(entry.p), entry.corrected, 1e-13);
  if (entry.lower === undefined) return;
  const { lower, upper } = circuit.bounds(entry.lower, entry.upper as number[], { method: "vertex" });
  expectClose(lower, entry.low as number[], 1e-13);
  expectClose(upper, entry.high as number[], 1e-13);
});

const soft = fc.double({ min: 0, max: 5, noNaN: true });
const anyWeight = fc.oneof(soft, fc.constantFrom(0, Infinity, 700), fc.double({ min: -4, max: 0, noNaN: true }));

test("equals the sum over all assignments", () => {
  fc.assert(
    fc.property(ruleCases({ max: 9 }), ({ concepts, rules, p }) => {
      expectClose(ruleCircuit({ concepts, rules }).infer(p), byEnumeration(concepts, rules, p), 1e-12);
    }),
    { numRuns: 40 },
  );
});

test("so it does with hard, heavy and negative rules, in logarithms", () => {
  fc.assert(
    fc.property(ruleCases({ max: 7, weight: anyWeight }), ({ concepts, rules, p }) => {
      expectClose(ruleCircuit({ concepts, rules, signed: true }).infer(p), byEnumeration(concepts, rules, p), 1e-12);
    }),
    { numRuns: 40 },
  );
});

test("twelve concepts, densely tied", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }), (p) => {
      const concepts = names(12);
      const rules = concepts.flatMap((from, i) =>
        [1, 3, 4].map((step) => ({ if: [from, `c${(i + 5) % 12}`], then: `c${(i + step) % 12}`, weight: step / 2 })),
      );
      expectClose(ruleCircuit({ concepts, rules }).infer(p), byEnumeration(concepts, rules, p), 1e-12);
    }),
    { numRuns: 2 },
  );
});

test("weights of zero and rules that always hold change nothing, to the bit", () => {
  fc.assert(
    fc.property(ruleCases({ max: 6 }), ({ concepts, rules, p }) => {
      const idle = rules.map((rule) => ({ ...rule, weight: 0 }));
      expect([...ruleCircuit({ concepts, rules: idle }).infer(p)]).toEqual(p);
      const tautologies = concepts.map((name) => ({ if: [name, "c0"], then: name, weight: 3 }));
      const plain = ruleCircuit({ concepts, rules });
      const padded = ruleCircuit({ concepts, rules: [...rules, ...tautologies] });
      expect(padded.infer(p)).toEqual(plain.infer(p));
    }),
    { numRuns: 40 },
  );
});

test("a rule with a certain head is always satisfied", () => {
  const rules = [...star, { if: "a", then: "sure", weight: 7 }];
  const concepts = ["a", "b", "c", "sure"];
  const found = ruleCircuit({ concepts, rules }).infer([0.6, 0.7, 0.2, 1]);
  expectClose(found, [0.4408060085195172, 0.7937679047176377, 0.24049911054557513, 1], 1e-15);
});

test("a single rule lowers the odds of its body and raises those of its head, ever more with its weight", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
      const at = (weight: number) => ruleCircuit({ concepts: ["a", "b"], rules: [{ if: "a", then: "b", weight }] });
      const found = [0, 0.1, 0.5, 1, 2, 5, 30].map((weight) => at(weight).infer([a, b]));
      for (let i = 1; i < found.length; i++) {
        expect(found[i]?.[0]).toBeLessThanOrEqual((found[i - 1]?.[0] as number) + 1e-15);
        expect(found[i]?.[1]).toBeGreaterThanOrEqual((found[i - 1]?.[1] as number) - 1e-15);
      }
    }),
    { numRuns: 40 },
  );
});

test("the order of the concepts does not matter", () => {
  fc.assert(
    fc.property(ruleCases({ max: 7 }), fc.infiniteStream(fc.nat()), ({ concepts, rules, p }, keys) => {
      const key = new Map(concepts.map((name) => [name, keys.next().value as number]));
      const order = concepts.map((_, k) => k).sort((a, b) => key.get(`c${a}`)! - key.get(`c${b}`)! || a - b);
      const plain = ruleCircuit({ concepts, rules }).infer(p);
      const moved = ruleCircuit({ concepts: order.map((k) => `c${k}`), rules }).infer(order.map((k) => p[k] as number));
      expectClose(
        moved,
        order.map((k) => plain[k] as number),
        1e-13,
      );
    }),
    { numRuns: 40 },
  );
});

test("rows are inferred one by one, whatever they are given as", () => {
  const circuit = ruleCircuit({ concepts: ["a", "b", "c"], rules: star });
  const rows = [
    [0.6, 0.7, 0.2],
    [0, 1, 0.5],
  ];
  const wanted = rows.map((row) => circuit.infer(row));
  expect(circuit.inferRows(rows)).toEqual(wanted);
  expect(circuit.inferRows({ data: rows.flat(), shape: [2, 3] })).toEqual(wanted);
  expect(circuit.inferRows({ shape: [2, 3], dataSync: () => rows.flat() })).toEqual(wanted);
  expect(rows).toEqual([
    [0.6, 0.7, 0.2],
    [0, 1, 0.5],
  ]);
});

test("a star of 400 rules, a chain of 400, and certain concepts", () => {
  const size = 400;
  const concepts = names(size);
  const wide = ruleCircuit({ concepts, rules: concepts.slice(1).map((then) => ({ if: "c0", then, weight: 1 })) });
  expect(wide.treewidth).toBe(1);
  const p = new Float64Array(size).fill(0.999);
  const rest = 0.999 + 0.001 * Math.exp(-1);
  const odds = (0.999 / 0.001) * rest ** (size - 1);
  expect(Math.abs((wide.infer(p)[0] as number) - odds / (1 + odds))).toBeLessThan(1e-10);
  const impossible = wide.infer(p.map((_, k) => (k === 0 ? 1 : 0)));
  expect([impossible[0], impossible[1]]).toEqual([1, 0]);
  const links = concepts.slice(1).map((then, i) => ({ if: `c${i}`, then, weight: Infinity }));
  const chain = ruleCircuit({ concepts, rules: links });
  expect(chain.treewidth).toBe(1);
  // Only the worlds 0..01..1 are left, all equally probable.
  expect(Math.abs((chain.infer(new Float64Array(size).fill(0.5))[0] as number) - 1 / (size + 1))).toBeLessThan(1e-13);
});

test("certain concepts that break a hard rule have no answer", () => {
  const circuit = ruleCircuit({ concepts: ["a", "b"], rules: [{ if: "a", then: "b", weight: Infinity }] });
  expect([...circuit.infer([1, 0.2])]).toEqual([1, 1]);
  expect([...circuit.infer([0.2, 0])]).toEqual([0, 0]);
  expect(codeOf(() => circuit.infer([1, 0]))).toBe("E_INCONSISTENT_RULES");
  expect(
    codeOf(() =>
      circuit.inferRows([
        [1, 1],
        [1, 0],
      ]),
    ),
  ).toBe("E_INCONSISTENT_RULES at 1");
});

test("treewidth of cliques, cycles and grids", () => {
  const width = (size: number, edges: [number, number][]) =>
    ruleCircuit({
      concepts: names(size),
      rules: edges.map(([a, b]) => ({ if: `c${a}`, then: `c${b}`, weight: 1 })),
    }).treewidth;
  const cycle = Array.from({ length: 9 }, (_, i): [number, number] => [i, (i + 1) % 9]);
  expect(width(9, cycle)).toBe(2);
  const clique = Array.from({ length: 36 }, (_, i): [number, number] => [i % 6, Math.floor(i / 6)]);
  expect(width(6, clique)).toBe(5);
  const grid = Array.from({ length: 16 }, (_, i): [number, number][] => [
    ...(i % 4 < 3 ? [[i, i + 1] as [number, number]] : []),
    ...(i < 12 ? [[i, i + 4] as [number, number]] : []),
  ]).flat();
  expect(width(16, grid)).toBe(4);
  expect(
    width(4, [
      [0, 1],
      [2, 3],
    ]),
  ).toBe(1);
  expect(ruleCircuit({ concepts: ["a"], rules: [] }).treewidth).toBe(0);
});

test("a circuit without one of its rules", () => {
  const circuit = ruleCircuit({ concepts: ["a", "b", "c"], rules: star });
  const found = circuit.withoutRule(0).infer([0.6, 0.7, 0.2]);
  expectClose(found, byEnumeration(["a", "b", "c"], star.slice(1), [0.6, 0.7, 0.2]), 1e-15);
  expect(codeOf(() => circuit.withoutRule(2))).toBe("E_RANGE");
});

test("bad rules", () => {
  const codes = (rules: Rule[], concepts = ["a", "b", "c"], signed = false) =>
    codeOf(() => ruleCircuit({ concepts, rules, signed }));
  expect(codes([{ if: "a", then: "x", weight: 1 }])).toBe("E_RULES at 0");
  expect(codes([...star, { if: ["a", "x"], then: "b", weight: 1 }])).toBe("E_RULES at 2");
  expect(codes([{ if: [], then: "a", weight: 1 }])).toBe("E_RULES at 0");
  expect(codes([], [])).toBe("E_RULES");
  expect(codes([], ["a", "b", "a"])).toBe("E_RULES at 2");
  expect(codes([{ if: "a", then: "b", weight: Number.NaN }])).toBe("E_NAN at 0");
  expect(codes([{ if: "a", then: "b", weight: -1 }])).toBe("E_WEIGHTS at 0");
  const contradiction = [
    { if: "a", then: "b", weight: -Infinity },
    { if: "b", then: "a", weight: -Infinity },
  ];
  expect(codes(contradiction, ["a", "b"], true)).toBe("E_INCONSISTENT_RULES");
  const clique = names(5).flatMap((a) => names(5).map((b) => ({ if: a, then: b, weight: 1 })));
  expect(codeOf(() => ruleCircuit({ concepts: names(5), rules: clique, maxTreewidth: 3 }))).toBe("E_TREEWIDTH");
  expect(codeOf(() => ruleCircuit({ concepts: ["a"], rules: [], maxTreewidth: 0 }))).toBe("E_RANGE");
});

test("bad probabilities", () => {
  const circuit = ruleCircuit({ concepts: ["a", "b", "c"], rules: star });
  expect(codeOf(() => circuit.infer([0.1, 0.2]))).toBe("E_LENGTH");
  expect(codeOf(() => circuit.infer([0.1, Number.NaN, 0.2]))).toBe("E_NAN at 1");
  expect(codeOf(() => circuit.infer([0.1, 0.2, 1.1]))).toBe("E_PROBS at 2");
  expect(
    codeOf(() =>
      circuit.inferRows([
        [0, 0, 0],
        [0, -1, 0],
      ]),
    ),
  ).toBe("E_PROBS at 1");
  expect(codeOf(() => circuit.inferRows({ data: [0, 0], shape: [2] }))).toBe("E_PROBS");
  expect(codeOf(() => circuit.inferRows({ data: [0, 0], shape: [1, 2] }))).toBe("E_LENGTH");
  expect(codeOf(() => circuit.inferRows({ data: [0, 0], shape: [1, 3] }))).toBe("E_LENGTH");
});
