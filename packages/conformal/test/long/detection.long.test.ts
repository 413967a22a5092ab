import { afterAll, test } from "vitest";
import {
  benjaminiHochberg,
  clippedScore,
  conformalSelection,
  mixtureBetting,
  outlierPValues,
  residualScore,
  simpleJumperBetting,
  testMartingale,
} from "../../src/detection/index.ts";
import { type Draw, many, simulations } from "./simulation.ts";

const { holds, fails, save } = simulations("detection");
afterAll(save);

/** A heavy-tailed score of an inlier. */
const strange = (draw: Draw, tied: boolean) => {
  const score = 1 / (draw() + 1e-9);
  return tied ? Math.round(score) : score;
};
/** Succeeds with the given probability: turns an expectation into a count. */
const withProbability = (p: number, draw: Draw) => draw() < p;

test("outlier p-values", () => {
  const pValue = (draw: Draw, tied: boolean, smoothed: boolean) => {
    const calibration = many(9, () => strange(draw, tied));
    const options = smoothed ? { u: [draw()] } : {};
    return outlierPValues(calibration, [strange(draw, tied)], options)[0] as number;
  };
  holds("outlier p-value at most 0.3", { atLeast: 0.3, atMost: 0.3 }, (draw) => pValue(draw, false, false) <= 0.3);
  holds("outlier p-value at most 0.3, ties", { atMost: 0.3 }, (draw) => pValue(draw, true, false) <= 0.3);
  holds(
    "smoothed outlier p-value at most 0.23, ties",
    { atLeast: 0.23, atMost: 0.23 },
    (draw) => pValue(draw, true, true) <= 0.23,
  );
  // k / 10 is at most 0.35 for three k, (k - 1) / 9 for four.
  fails("outlier p-value at most 0.35 that forgets the test point", { atMost: 0.35 }, (draw) => {
    return (10 * pValue(draw, false, false) - 1) / 9 <= 0.35;
  });
});

test("false discoveries of outliers", () => {
  const q = 0.2;
  // 20 q / 4 is whole, so that the false discovery rate is exactly q times the share of inliers.
  const trial = (draw: Draw, tied: boolean, from: (p: Float64Array) => Float64Array, storey?: number) => {
    const calibration = many(19, () => strange(draw, tied));
    const tests = [...many(3, () => strange(draw, tied)), strange(draw, tied) * 5];
    const { selected } = benjaminiHochberg(
      from(outlierPValues(calibration, tests)),
      q,
      storey === undefined ? {} : { storey },
    );
    return withProbability(selected.filter((j) => j < 3).length / Math.max(1, selected.length), draw);
  };
  const same = (p: Float64Array) => p;
  holds("FDR of Benjamini-Hochberg", { atLeast: 0.15, atMost: 0.15 }, (draw) => trial(draw, false, same));
  holds("FDR of Benjamini-Hochberg, ties", { atMost: 0.15 }, (draw) => trial(draw, true, same));
  holds("FDR with Storey's correction", { atMost: q }, (draw) => trial(draw, false, same, 0.5));
  // A p-value of 0 for each that is at most q: what selecting them one by one would do.
  fails("FDR of p-values taken one by one", { atMost: 0.15 }, (draw) =>
    trial(draw, false, (p) => p.map((value) => (value <= q ? 0 : 1))),
  );
});

test("mistakes among the selected", () => {
  const q = 0.3;
  for (const score of [clippedScore, residualScore]) {
    for (const ties of ["conservative", "random"] as const) {
      holds(`FDR of selection, ${score.name}, ${ties} ties`, { atMost: q }, (draw, seed) => {
        const point = () => {
          const y = Math.floor(6 * draw());
          return { y, prediction: y + Math.floor(3 * draw()) };
        };
        const data = many(12, point);
        const tests = many(4, point);
        const { selected } = conformalSelection(
          data.map(({ prediction }) => prediction),
          data.map(({ y }) => y),
          tests.map(({ prediction }) => prediction),
          { threshold: 2, q, score, ties, seed },
        );
        const mistakes = selected.filter((j) => (tests[j]?.y as number) <= 2).length;
        return withProbability(mistakes / Math.max(1, selected.length), draw);
      });
    }
  }
  fails("FDR of taking all that are predicted above the threshold", { atMost: q }, (draw) => {
    const tests = many(4, () => ({ y: Math.floor(6 * draw()), extra: Math.floor(5 * draw()) }));
    const selected = tests.filter(({ y, extra }) => y + extra > 2);
    return withProbability(selected.filter(({ y }) => y <= 2).length / Math.max(1, selected.length), draw);
  });
});

test("false alarms of martingales", () => {
  const alarm = (betting: () => ReturnType<typeof mixtureBetting>, fixed?: number) => (draw: Draw, seed: number) => {
    const martingale = testMartingale({ betting: betting(), seed });
    let logMaximum = 0;
    for (let i = 0; i < 25 && logMaximum < Math.log(4); i++) {
      const u = fixed ?? 1 - draw();
      ({ logMaximum } = martingale.step(Math.round(strange(draw, true)), { u }));
    }
    return logMaximum >= Math.log(4);
  };
  holds(
    "alarm at 4, simple jumper",
    { atMost: 0.25 },
    alarm(() => simpleJumperBetting()),
  );
  holds(
    "alarm at 4, mixture of powers",
    { atMost: 0.25 },
    alarm(() => mixtureBetting()),
  );
  fails(
    "alarm at 4, ties not broken at random",
    { atMost: 0.25 },
    alarm(() => mixtureBetting(), 0.01),
  );
});
