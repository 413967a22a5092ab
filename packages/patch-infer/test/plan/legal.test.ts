import fc from "fast-check";
import { expect, test } from "vitest";
import { factsOf } from "../../src/plan/facts.ts";
import { stageFault } from "../../src/plan/legal.ts";
import { legalStages } from "../../src/plan/splits.ts";
import { networks } from "../../src/testing/arbitraries.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";

test("what was asked before does not matter", () => {
  fc.assert(
    fc.property(networks({ maxSize: 8, maxDepth: 8 }), (network) => {
      const facts = factsOf(network);
      const count = network.layers.length;
      for (let end = 1; end <= count; end++) {
        for (let first = end - 1; first >= 0; first--) {
          const alone = stageFault(factsOf({ ...network }), first, end);
          const found = stageFault(facts, first, end);
          expect([first, end, found?.code, found?.message]).toEqual([first, end, alone?.code, alone?.message]);
        }
      }
    }),
    { numRuns: 40, seed: 5 },
  );
});

test("hundreds of layers take a moment", () => {
  const net = new NetworkBuilder();
  let x = net.input(8, 8, 1);
  for (let i = 0; i < 500; i++) x = net.unary(x);
  expect(legalStages(net.build([x]))).toHaveLength(500);
});
