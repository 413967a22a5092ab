import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type FamilywiseProcedure,
  binomialPValue,
  bonferroni,
  fixedSequence,
  graphical,
  holm,
  hoeffdingBentkusPValue,
  learnThenTest,
  lossMatrix,
  riskPValues,
} from "../../src/risk/index.ts";
import { codeOf } from "../codeOf.ts";
import { compositions } from "./compositions.ts";

const third = 1 / 3;
const chain = graphical({
  weights: [0.5, 0.25, 0.25],
  transitions: [
    [0, 1, 0],
    [0, 0, 1],
    [0.5, 0.5, 0],
  ],
});
const procedures: readonly (readonly [string, FamilywiseProcedure])[] = [
  ["bonferroni", bonferroni],
  ["holm", holm],
  ["fixedSequence", fixedSequence()],
  ["fixedSequence with two starts", fixedSequence({ starts: [0, 2] })],
  ["fixedSequence backwards", fixedSequence({ order: [2, 1, 0] })],
  ["graphical", chain],
];

test("procedures by hand", () => {
  const p = [0.01, 0.02, 0.2, 0.03, 0.001];
  expect(bonferroni(p, 0.1)).toEqual([0, 1, 4]);
  expect(holm(p, 0.1)).toEqual([0, 1, 3, 4]);
  expect(holm([0.02, 0.02, 0.9], 0.05)).toEqual([]);
  expect(fixedSequence()(p, 0.1)).toEqual([0, 1]);
  expect(fixedSequence({ starts: [0, 3] })(p, 0.1)).toEqual([0, 1, 3, 4]);
  expect(fixedSequence({ order: [4, 3, 1, 2, 0] })(p, 0.05)).toEqual([1, 3, 4]);
  expect(fixedSequence({ starts: [2] })(p, 0.1)).toEqual([]);
});

test("a graph that hands all on equally is Holm's procedure, one along a line a fixed sequence", () => {
  const p = fc.array(fc.constantFrom(0, 0.004, 0.012, 0.02, 0.03, 0.05, 0.2, 1), { minLength: 3, maxLength: 3 });
  const equal = graphical({
    weights: [third, third, third],
    transitions: [
      [0, 0.5, 0.5],
      [0.5, 0, 0.5],
      [0.5, 0.5, 0],
    ],
  });
  const line = graphical({
    weights: [1, 0, 0],
    transitions: [
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 0],
    ],
  });
  const alone = graphical({
    weights: [third, third, third],
    transitions: [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ],
  });
  fc.assert(
    fc.property(p, fc.constantFrom(0.01, 0.05, 0.08), (pValues, delta) => {
      expect(equal(pValues, delta)).toEqual(holm(pValues, delta));
      expect(line(pValues, delta)).toEqual(fixedSequence()(pValues, delta));
      expect(alone(pValues, delta)).toEqual(bonferroni(pValues, delta));
      for (const i of bonferroni(pValues, delta)) expect(holm(pValues, delta)).toContain(i);
    }),
  );
});

test("the graph of Bretz and others hands shares on through rejected hypotheses", () => {
  // 0 and 2 lead to each other through 1; after 1 is gone, 0 hands its share straight to 2.
  const through = graphical({
    weights: [0.5, 0.5, 0],
    transitions: [
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 0],
    ],
  });
  expect(through([0.02, 0.02, 0.05], 0.05)).toEqual([0, 1, 2]);
  expect(through([0.02, 0.02, 0.051], 0.05)).toEqual([0, 1]);
  expect(through([0.04, 0.02, 0.02], 0.05)).toEqual([1, 2]);
});

// Proof by enumeration: two joint laws of three 0/1 losses, all counts of their outcomes, every procedure.
test.each(procedures)("%s: some unsafe setting is selected with probability at most delta, exactly", (_, procedure) => {
  const n = 30;
  const alpha = 0.3;
  const delta = 0.2;
  const laws = [
    // One uniform number u: setting j loses when u is below its risk. True risks 0.1, 0.31, 0.5.
    {
      risks: [0.1, 0.31, 0.5],
      cells: [
        [1, 1, 1],
        [0, 1, 1],
        [0, 0, 1],
        [0, 0, 0],
      ],
      law: [0.1, 0.21, 0.19, 0.5],
    },
    // Settings that lose in turn: all three unsafe.
    {
      risks: [0.31, 0.31, 0.31],
      cells: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
        [0, 0, 0],
      ],
      law: [0.31, 0.31, 0.31, 0.07],
    },
    // The middle one unsafe, not monotone.
    {
      risks: [0.05, 0.31, 0.05],
      cells: [
        [1, 1, 0],
        [0, 1, 1],
        [0, 1, 0],
        [0, 0, 0],
      ],
      law: [0.05, 0.05, 0.21, 0.69],
    },
  ];
  const pByCount = Array.from({ length: n + 1 }, (_, k) =>
    binomialPValue(
      Float64Array.from({ length: n }, (_, i) => (i < k ? 1 : 0)),
      alpha,
    ),
  );
  for (const { risks, cells, law } of laws) {
    let wrong = 0;
    let right = 0;
    for (const { counts, probability } of compositions(n, law)) {
      const errors = risks.map((_, j) => counts.reduce((sum, count, c) => sum + count * cells[c]![j]!, 0));
      const selected = procedure(
        errors.map((k) => pByCount[k] as number),
        delta,
      );
      if (selected.some((j) => (risks[j] as number) > alpha)) wrong += probability;
      if (selected.some((j) => (risks[j] as number) <= alpha)) right += probability;
    }
    expect(wrong).toBeLessThanOrEqual(delta + 1e-12);
    expect(wrong).toBeGreaterThan(0);
    if (risks[0] === 0.1 && procedure !== procedures[4]![1]) expect(right).toBeGreaterThan(0.8);
  }
});

test("learnThenTest selects what its procedure rejects", () => {
  const settings = [0, 1, 2, 3, 4];
  // Not monotone: the risk falls, then rises.
  const losses = lossMatrix(200, settings, (i, j) => (i % 10 < [5, 1, 0, 2, 6][j]! ? 1 : 0));
  const found = learnThenTest(losses, { alpha: 0.2, delta: 0.1 });
  expect(found).toMatchObject({ selected: [1, 2], n: 200, alpha: 0.2, delta: 0.1, guarantee: "pac" });
  expect(found.risks).toEqual([0.5, 0.1, 0, 0.2, 0.6]);
  expect(found.pValues).toEqual(riskPValues(losses, { alpha: 0.2 }));
  expect(found.pValues[1]).toBe(
    hoeffdingBentkusPValue(
      Float64Array.from({ length: 200 }, (_, i) => (i % 10 < 1 ? 1 : 0)),
      0.2,
    ),
  );
  expect(found.reason).toBeUndefined();
  expect(learnThenTest(losses, { alpha: 0.2, delta: 0.1, procedure: fixedSequence() })).toMatchObject({
    selected: [],
    reason: "none-certified",
  });
  const order = [2, 1, 3, 0, 4];
  const ordered = learnThenTest(losses, { alpha: 0.2, delta: 0.1, procedure: fixedSequence({ order }) });
  expect(ordered.selected).toEqual([1, 2]);
  const doubled = { data: losses.data.map((x) => 2 * x), shape: losses.shape };
  expect(learnThenTest(doubled, { alpha: 0.4, delta: 0.1, bound: 2 }).pValues).toEqual(found.pValues);
  expect(learnThenTest(losses, { alpha: 0.2, delta: 0.1, pValue: binomialPValue }).selected).toEqual([1, 2]);
});

test("bad input", () => {
  const losses = [
    [0, 1],
    [1, 0],
  ];
  const run = (options: object, rows: number[][] = losses) =>
    codeOf(() => learnThenTest(rows, { alpha: 0.2, delta: 0.1, ...options }));
  expect(run({ alpha: 0 })).toBe("E_ALPHA");
  expect(run({ delta: 1 })).toBe("E_ALPHA");
  expect(run({ bound: Infinity })).toBe("E_RANGE");
  expect(run({}, [])).toBe("E_EMPTY_CALIBRATION");
  expect(run({}, [[], []])).toBe("E_RANGE");
  expect(
    run({}, [
      [0, 1],
      [0, 1.1],
    ]),
  ).toBe("E_RANGE at 1");
  expect(
    run({}, [
      [0, 1],
      [0, Number.NaN],
    ]),
  ).toBe("E_NAN at 1");
  expect(run({ pValue: () => Number.NaN })).toBe("E_NAN at 0");
  expect(run({ pValue: binomialPValue }, [[0, 0.5]])).toBe("E_RANGE at 0");
  expect(run({ procedure: fixedSequence({ starts: [2] }) })).toBe("E_RANGE");
  expect(run({ procedure: fixedSequence({ order: [0, 0] }) })).toBe("E_RANGE");
  expect(run({ procedure: fixedSequence({ order: [0] }) })).toBe("E_RANGE");
  expect(run({ procedure: chain })).toBe("E_LENGTH");
  expect(codeOf(() => fixedSequence({ starts: [] }))).toBe("E_RANGE");
  expect(codeOf(() => fixedSequence({ starts: [-1] }))).toBe("E_RANGE");
  expect(
    codeOf(() =>
      graphical({
        weights: [0.7, 0.7],
        transitions: [
          [0, 1],
          [1, 0],
        ],
      }),
    ),
  ).toBe("E_WEIGHTS");
  expect(codeOf(() => graphical({ weights: [], transitions: [] }))).toBe("E_WEIGHTS");
  expect(codeOf(() => graphical({ weights: [0.5, 0.5], transitions: [[0, 1]] }))).toBe("E_LENGTH");
  expect(
    codeOf(() =>
      graphical({
        weights: [0.5, 0.5],
        transitions: [
          [0, 1],
          [1, 0.5],
        ],
      }),
    ),
  ).toBe("E_LENGTH at 1");
  expect(
    codeOf(() =>
      graphical({
        weights: [0.5, 0.5],
        transitions: [
          [0, 1],
          [2, 0],
        ],
      }),
    ),
  ).toBe("E_WEIGHTS at 1");
});
