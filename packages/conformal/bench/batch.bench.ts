import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bench, describe } from "vitest";
import { uniformStream } from "@parsimony/conformal";
import {
  meanBound,
  orderStatisticBound,
  quantileBoxBound,
  rankLaw,
  selectBatch,
  simultaneousThreshold,
} from "@parsimony/conformal/batch";

const uniform = uniformStream(1);
const scores = Float64Array.from({ length: 1_000_000 }, uniform);
const skewed = scores.subarray(0, 1000).map((s) => s ** 5);

describe("order statistics", () => {
  bench("rank of the median, n = 1e6, m = 1e5, law alone", () => {
    rankLaw.orderStatistic(1_000_000, 100_000, 50_000);
  });
  bench("bound, n = 1e6, m = 1e5, with sorting", () => {
    orderStatisticBound({ calibration: scores, m: 100_000, zeta: 50_000, alpha: 0.1 });
  });
  bench("simultaneous threshold, n = 1,000, m = 100", () => {
    simultaneousThreshold({ calibration: scores.subarray(0, 1000), m: 100, missedShare: 0.1, alpha: 0.1 });
  });
  bench("simultaneous threshold, n = 1e5, m = 1e4", () => {
    simultaneousThreshold({ calibration: scores.subarray(0, 100_000), m: 10_000, missedShare: 0.1, alpha: 0.1 });
  });
  bench("both quartiles, n = 200, m = 40", () => {
    quantileBoxBound({ calibration: scores.subarray(0, 200), m: 40, zetas: [10, 30], alpha: 0.1 });
  });
  bench("both quartiles, n = 1,000, m = 100", () => {
    quantileBoxBound({ calibration: scores.subarray(0, 1000), m: 100, zetas: [25, 75], alpha: 0.1 });
  });
  bench("selection, n = 1,000, m = 100", () => {
    selectBatch({
      calibrationPredictions: scores.subarray(0, 1000),
      calibrationIsNull: Array.from({ length: 1000 }, (_, i) => i % 3 > 0),
      testPredictions: scores.subarray(1000, 1100),
      eta: 5,
      alpha: 0.1,
    });
  });
});

// Answers of the law are remembered by sizes and alpha; a new alpha each time measures everything.
let step = 0;
const fresh = () => 0.1 + 1e-9 * step++;
const once = { time: 1000, iterations: 3, warmupIterations: 1, warmupTime: 0 };

describe("exact bound on a mean, the law included", () => {
  for (const [n, m] of [
    [40, 10],
    [200, 40],
    [1000, 50],
    [1000, 100],
  ] as const) {
    bench(`n = ${n}, m = ${m}`, () => void meanBound({ calibration: skewed.subarray(0, n), m, alpha: fresh() }), once);
  }
  bench("n = 1,000, m = 50, the law known", () => {
    meanBound({ calibration: skewed, m: 50, alpha: 0.1 });
  });
  const guess = skewed.map((s) => s ** 0.9);
  bench(
    "n = 1,000, m = 50, with a guess",
    () => void meanBound({ calibration: skewed, m: 50, alpha: fresh(), guess }),
    once,
  );
});

describe("law of the sum of ranks, exact", () => {
  for (const [n, m] of [
    [200, 40],
    [500, 100],
  ] as const) {
    bench(`n = ${n}, m = ${m}`, () => void rankLaw.sum(n, m), once);
  }
});

// The same counts by plain Python integers, where there is a Python: bench/peers/sumLaw.py prints seconds of the processor.
const python = "/usr/bin/python3";
if (existsSync(python)) {
  const script = fileURLToPath(new URL("peers/sumLaw.py", import.meta.url));
  for (const [n, m] of [
    [200, 40],
    [500, 100],
  ] as const) {
    const theirs = Number(execFileSync(python, [script, String(n), String(m)], { encoding: "utf8" }));
    rankLaw.sum(n, m);
    const start = process.cpuUsage();
    rankLaw.sum(n, m);
    const ours = process.cpuUsage(start).user / 1e6;
    const ratio = (theirs / ours).toFixed(0);
    console.log(
      `law of rank sums, n = ${n}, m = ${m}: ${ours.toFixed(3)} s, Python ${theirs.toFixed(2)} s, ${ratio} times`,
    );
  }
}
