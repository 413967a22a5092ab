import { applyMaskToGraph, compact } from "@parsimony/lottery/compact";
import { checkLaws, compactLaws, maskedNets } from "@parsimony/lottery/testing";
import { expect, test } from "vitest";

const exact = compactLaws(compact);
const folded = (tolerance: number) =>
  compactLaws((graph, mask) => compact(graph, mask, { constants: "fold" }), { tolerance });

test.each(exact)("exact: $name", (law) => {
  const runs = law === exact[0] ? 20 : 6;
  expect(() => checkLaws([law], maskedNets(), { runs })).not.toThrow();
});

test("C4: dense nets have no hidden unit without a way in or out, and folding leaves no constant one", () => {
  const dense = maskedNets({ kinds: ["mlp"] });
  const law = (laws: typeof exact) => laws.filter(({ name }) => name.includes("way in and a way out"));
  const withoutConstants = compactLaws((graph, mask) => {
    const done = compact(graph, mask, { constants: "fold" });
    return { ...done, report: { ...done.report, constantUnits: 0 } };
  });
  expect(law(exact).length).toBe(1);
  expect(() => checkLaws(law(exact), dense, { runs: 60 })).not.toThrow();
  expect(() => checkLaws(law(withoutConstants), dense, { runs: 60 })).not.toThrow();
});

test.each(folded(1e-12).slice(0, 2))("fold, float64: $name", (law) => {
  expect(() => checkLaws([law], maskedNets({ dtypes: ["float64"] }), { runs: 8, seed: 1 })).not.toThrow();
});

test("fold, float32: the smaller program computes what the masked one does", () => {
  const laws = folded(1e-5).slice(0, 1);
  expect(() => checkLaws(laws, maskedNets({ dtypes: ["float32"] }), { runs: 8, seed: 2 })).not.toThrow();
});

test("the laws find what breaks them", () => {
  const broken = {
    "computes what": compactLaws((graph, mask) => ({ ...compact(graph, mask), graph })),
    "changes nothing more": compactLaws((graph, mask) => {
      const done = compact(graph, mask);
      return { ...done, report: { ...done.report, removedUnits: 1 } };
    }),
    "at most direct density": compactLaws((graph, mask) => {
      const done = compact(graph, mask);
      return { ...done, report: { ...done.report, effectiveDensity: 1, directDensity: 0.5 } };
    }),
    "part of the parameters": compactLaws((graph, mask) => ({ ...compact(graph, mask), graph })),
    "way in and a way out": compactLaws((graph, mask) => ({
      ...compact(graph, mask),
      graph: applyMaskToGraph(graph, mask),
    })),
    "as they were": compactLaws((graph, mask) => {
      for (const { storage } of Object.values(mask)) (storage as Uint8Array).fill(0);
      return compact(graph, mask);
    }),
  };
  for (const [name, laws] of Object.entries(broken)) {
    const law = laws.filter((each) => each.name.includes(name));
    expect(law.length).toBe(1);
    expect(() => checkLaws(law, maskedNets(), { runs: 20 })).toThrow();
  }
});
