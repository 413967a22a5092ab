import { compact } from "@parsimony/lottery/compact";
import { checkLaws, compactLaws, maskedNets } from "@parsimony/lottery/testing";
import { expect, test } from "vitest";

const exact = compactLaws(compact);
const folded = (tolerance: number) =>
  compactLaws((graph, mask) => compact(graph, mask, { constants: "fold" }), { tolerance });

test.each(exact)("exact: $name", (law) => {
  const runs = law === exact[0] ? 30 : 10;
  expect(() => checkLaws([law], maskedNets(), { runs })).not.toThrow();
});

test.each(folded(1e-12).slice(0, 2))("fold, float64: $name", (law) => {
  expect(() => checkLaws([law], maskedNets({ dtypes: ["float64"] }), { runs: 15, seed: 1 })).not.toThrow();
});

test("fold, float32: the smaller program computes what the masked one does", () => {
  const laws = folded(1e-5).slice(0, 1);
  expect(() => checkLaws(laws, maskedNets({ dtypes: ["float32"] }), { runs: 15, seed: 2 })).not.toThrow();
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
    "as they were": compactLaws((graph, mask) => {
      for (const { storage } of Object.values(mask)) (storage as Uint8Array).fill(0);
      return compact(graph, mask);
    }),
  };
  for (const [name, laws] of Object.entries(broken)) {
    const law = laws.filter((each) => each.name.includes(name));
    expect(law.length).toBe(1);
    expect(() => checkLaws(law, maskedNets(), { runs: 5 })).toThrow();
  }
});
