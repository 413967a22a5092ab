import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cost, type Edge, cheapestPaths } from "../../src/search/cheapestPaths.ts";
import { Staircase } from "../../src/search/staircase.ts";

const cost = (peakBytes: number, macs: number, calls = 1): Cost => ({ peakBytes, macs, calls });
const shown = ({ peakBytes, macs, calls }: Cost): number[] => [peakBytes, macs, calls];

const costs = fc.record({
  peakBytes: fc.integer({ min: 1, max: 12 }),
  macs: fc.integer({ min: 0, max: 6 }),
  calls: fc.integer({ min: 1, max: 4 }),
});

const isBetter = (a: Cost, b: Cost): boolean => a.macs < b.macs || (a.macs === b.macs && a.calls < b.calls);

/** What is cheaper than everything with a smaller or equal peak: the definition. */
function definition(all: readonly Cost[]): Cost[] {
  const sorted = all.toSorted((a, b) => a.peakBytes - b.peakBytes || a.macs - b.macs || a.calls - b.calls);
  const kept: Cost[] = [];
  for (const each of sorted) if (kept.length === 0 || isBetter(each, kept.at(-1) as Cost)) kept.push(each);
  return kept;
}

function staircase(all: readonly Cost[]): Cost[] {
  const stairs = new Staircase<Cost>();
  for (const each of all) if (stairs.accepts(each.peakBytes, each.macs, each.calls)) stairs.add(each);
  return stairs.choices;
}

describe("Staircase", () => {
  test("keeps what is cheaper than all smaller peaks", () => {
    fc.assert(
      fc.property(fc.array(costs, { maxLength: 30 }), (all) => {
        expect(staircase(all).map(shown)).toEqual(definition(all).map(shown));
      }),
    );
  });

  test("of equal choices the first stays", () => {
    const [first, second] = [cost(1, 1), cost(1, 1)];
    const stairs = new Staircase<Cost>();
    for (const each of [first, second]) if (stairs.accepts(each.peakBytes, each.macs, each.calls)) stairs.add(each);
    expect(stairs.choices[0]).toBe(first);
  });
});

describe("cheapestPaths", () => {
  test("by hand: two layers, or both at once", () => {
    const edges: Edge<Cost>[] = [
      { from: 0, to: 1, choices: [cost(5, 10), cost(9, 8)] },
      { from: 0, to: 2, choices: [cost(3, 40), cost(8, 25)] },
      { from: 1, to: 2, choices: [cost(6, 10)] },
    ];
    const paths = cheapestPaths(3, edges);
    expect(paths.map(shown)).toEqual([
      [3, 40, 1],
      [6, 20, 2],
      [9, 18, 2],
    ]);
    expect(paths[1]?.choices()).toEqual([cost(5, 10), cost(6, 10)]);
  });

  test("nothing leads to the end", () => {
    expect(cheapestPaths(3, [{ from: 0, to: 1, choices: [cost(1, 1)] }])).toEqual([]);
    expect(cheapestPaths(2, [{ from: 0, to: 1, choices: [] }])).toEqual([]);
  });

  test("equals all paths, looked at one by one", () => {
    const graphs = fc.integer({ min: 2, max: 6 }).chain((nodes) => {
      const pairs = Array.from({ length: nodes }, (_, to) =>
        Array.from({ length: to }, (_, from) => ({ from, to })),
      ).flat();
      return fc.tuple(
        fc.constant(nodes),
        fc.tuple(
          ...pairs.map(({ from, to }) =>
            fc.array(costs, { maxLength: 4 }).map((all) => ({ from, to, choices: staircase(all) })),
          ),
        ),
      );
    });
    fc.assert(
      fc.property(graphs, ([nodes, edges]) => {
        const walk = (node: number): Cost[] =>
          node === 0
            ? [cost(0, 0, 0)]
            : edges
                .filter(({ to }) => to === node)
                .flatMap(({ from, choices }) =>
                  walk(from).flatMap((before) =>
                    choices.map((choice) =>
                      cost(
                        Math.max(before.peakBytes, choice.peakBytes),
                        before.macs + choice.macs,
                        before.calls + choice.calls,
                      ),
                    ),
                  ),
                );
        const paths = cheapestPaths(nodes, edges);
        expect(paths.map(shown)).toEqual(definition(walk(nodes - 1)).map(shown));
        for (const path of paths) {
          const choices = path.choices();
          expect(Math.max(...choices.map(({ peakBytes }) => peakBytes))).toBeLessThanOrEqual(path.peakBytes);
          expect(choices.reduce((sum, { macs }) => sum + macs, 0)).toBe(path.macs);
          expect(choices.reduce((sum, { calls }) => sum + calls, 0)).toBe(path.calls);
        }
      }),
    );
  });
});
