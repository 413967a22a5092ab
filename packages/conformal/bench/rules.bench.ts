import { bench, describe } from "vitest";
import { uniformStream } from "@parsimony/conformal";
import { type Rule, ruleCircuit, smoothedBounds } from "@parsimony/conformal/rules";

const uniform = uniformStream(1);
/** Some take a second. */
const few = { time: 200, iterations: 5, warmupTime: 50, warmupIterations: 1 };
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `c${i}`);
const inputs = (count: number, concepts: number) => ({
  data: Float64Array.from({ length: count * concepts }, uniform),
  shape: [count, concepts],
});
/** The first `main` concepts imply three of the others each. */
const bipartite = (concepts: number, main: number): Rule[] =>
  names(main).flatMap((from, i) =>
    [0, 1, 2].map((k) => ({ if: from, then: `c${main + ((i + 3 * k * k + k) % (concepts - main))}`, weight: 1.5 })),
  );
const star = (concepts: number): Rule[] =>
  names(concepts)
    .slice(1)
    .map((then) => ({ if: "c0", then, weight: 1.5 }));

describe("25 concepts, 10,000 inputs", () => {
  const rows = inputs(10_000, 25);
  for (const [name, rules] of [
    ["star of 24 rules", star(25)],
    ["12 classes with 3 of 13 attributes each", bipartite(25, 12)],
  ] as const) {
    const circuit = ruleCircuit({ concepts: names(25), rules });
    bench(
      `${name}, treewidth ${circuit.treewidth}`,
      () => {
        circuit.inferRows(rows);
      },
      few,
    );
  }
});

describe("12 concepts, 100 inputs", () => {
  const rules = bipartite(12, 6);
  const circuit = ruleCircuit({ concepts: names(12), rules });
  const rows = inputs(100, 12);
  bench(
    `circuit, treewidth ${circuit.treewidth}`,
    () => {
      circuit.inferRows(rows);
    },
    few,
  );
  const factors = Float64Array.from({ length: 2 ** 12 }, (_, world) => {
    const holds = (name: string): boolean => ((world >> Number(name.slice(1))) & 1) === 1;
    const broken = rules.filter((rule) => holds(rule.if as string) && !holds(rule.then));
    return Math.exp(-1.5 * broken.length);
  });
  bench(
    "all 2^12 assignments, factors known",
    () => {
      for (let i = 0; i < 100; i++) {
        const p = rows.data.subarray(12 * i, 12 * (i + 1));
        const on = new Float64Array(12);
        let total = 0;
        for (let world = 0; world < factors.length; world++) {
          let mass = factors[world] as number;
          for (let k = 0; k < 12; k++) mass *= (world >> k) & 1 ? (p[k] as number) : 1 - (p[k] as number);
          total += mass;
          for (let k = 0; k < 12; k++) if ((world >> k) & 1) on[k] = (on[k] as number) + mass;
        }
        on.forEach((mass, k) => {
          on[k] = mass / total;
        });
      }
    },
    few,
  );
});

describe("compile 25 concepts with 36 rules", () => {
  const rules = bipartite(25, 12);
  bench(
    "ruleCircuit",
    () => {
      ruleCircuit({ concepts: names(25), rules });
    },
    few,
  );
});

describe("bounds of one input", () => {
  for (const size of [10, 16]) {
    const circuit = ruleCircuit({ concepts: names(size), rules: bipartite(size, size / 2) });
    const lower = Float64Array.from({ length: size }, () => 0.1 + 0.4 * uniform());
    const upper = lower.map((value) => value + 0.4 * uniform());
    bench(
      `vertex, ${size} concepts`,
      () => {
        circuit.bounds(lower, upper, { method: "vertex" });
      },
      few,
    );
    bench(
      `interval, ${size} concepts`,
      () => {
        circuit.bounds(lower, upper, { method: "interval" });
      },
      few,
    );
    // One rule with two concepts in its body, and two corners are not enough.
    const entangled = ruleCircuit({
      concepts: names(size),
      rules: [...bipartite(size, size / 2), { if: ["c0", "c1"], then: "c2", weight: 1 }],
    });
    bench(
      `vertex, ${size} concepts, all 2^${size} corners`,
      () => {
        entangled.bounds(lower, upper, { method: "vertex" });
      },
      few,
    );
    if (size > 10) continue;
    bench(
      `inference at each vertex, ${size} concepts`,
      () => {
        for (let vertex = 0; vertex < 2 ** size; vertex++) {
          circuit.infer(lower.map((value, k) => ((vertex >> k) & 1 ? (upper[k] as number) : value)));
        }
      },
      few,
    );
  }
});

describe("certificates", () => {
  bench(
    "smoothedBounds, 10,000 samples",
    () => {
      smoothedBounds({ votes: 9700, samples: 10_000, sigma: 0.25, radius: 0.125, failure: 0.001 });
    },
    few,
  );
});
