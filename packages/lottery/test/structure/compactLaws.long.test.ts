import { compact } from "@parsimony/lottery/compact";
import { checkLaws, compactLaws, maskedNets } from "@parsimony/lottery/testing";
import { expect, test } from "vitest";

const runs = 1500;

test.each(compactLaws(compact))("exact: $name", (law) => {
  expect(() => checkLaws([law], maskedNets(), { runs, seed: 10 })).not.toThrow();
});

test.each([
  ["float64", 1e-12],
  ["float32", 1e-5],
] as const)("fold: %s agrees within %d", (dtype, tolerance) => {
  const laws = compactLaws((graph, mask) => compact(graph, mask, { constants: "fold" }), { tolerance });
  expect(() => checkLaws(laws.slice(0, 2), maskedNets({ dtypes: [dtype] }), { runs, seed: 10 })).not.toThrow();
});
