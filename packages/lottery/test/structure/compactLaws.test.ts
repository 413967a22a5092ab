import { compact } from "@parsimony/lottery/compact";
import { checkLaws, compactLaws, maskedNets } from "@parsimony/lottery/testing";
import { expect, test } from "vitest";

test.each(compactLaws(compact))("exact: $name", (law) => {
  expect(() => checkLaws([law], maskedNets(), { runs: 40 })).not.toThrow();
});

const folding = compactLaws((graph, mask) => compact(graph, mask, { constants: "fold" }), { tolerance: 1e-5 });
test.each(folding)("fold: $name", (law) => {
  expect(() => checkLaws([law], maskedNets(), { runs: 40, seed: 1 })).not.toThrow();
});
