import fc from "fast-check";
import { expect, test } from "vitest";
import {
  aps,
  conformalPValue,
  lac,
  pValueClassifier,
  pValueClassifierFromJSON,
  raps,
  splitClassifier,
} from "../../../src/index.ts";
import { labelledRows } from "../../../src/testing/index.ts";
import { codeOf } from "../../codeOf.ts";
import { type Example, scores, split } from "../methods.ts";

const rows = [0.58, 0.89, 0.27, 0.72, 0.05, 0.95, 0.39, 0.63, 0.46].map((p) => [p, 1 - p]);
const labels = rows.map(() => 0);

test("nine scores by hand", () => {
  const predictor = pValueClassifier({ score: lac }).calibrate(rows, labels);
  // Scores .42 .11 .73 .28 .95 .05 .61 .37 .54; label 0 of this row has .61, as one of them, and label 1 has .39.
  expect([...predictor.pValues([0.39, 0.61])]).toEqual([0.4, 0.6]);
  expect([...predictor.pValues([0.39, 0.61], { tieBreak: 0.5 })]).toEqual([
    expect.closeTo(0.3, 12),
    expect.closeTo(0.55, 12),
  ]);
  expect(predictor.predictLabel([0.39, 0.61])).toEqual({ label: 1, confidence: 0.6, credibility: 0.6 });
  expect(predictor.predictSet([0.39, 0.61], 0.4).labels).toEqual([1]);
  expect(predictor.predictSet([0.39, 0.61], 0.39).labels).toEqual([0, 1]);
});

test("p-values are those of conformalPValue among the scores of the rows, or of the rows of the class", () => {
  const examples = labelledRows(3, { minLength: 3, maxLength: 15 });
  const given = fc.tuple(fc.constantFrom(...scores), fc.constantFrom("none" as const, "label" as const));
  fc.assert(
    fc.property(examples, labelledRows(3), given, ([...data], tests, [score, mondrian]) => {
      const [matrix, own] = split(data as never as Example[]);
      const u = matrix.map((_, i) => (i % 5) / 4);
      const predictor = pValueClassifier({ score, mondrian }).calibrate(matrix, own, { u });
      expect(predictor.guarantee).toBe(mondrian === "label" ? "label-conditional" : "marginal");
      const calibration = matrix.map((row, i) =>
        score.labelScore(Float64Array.from(row), own[i] as number, u[i] as number),
      );
      for (const test of tests) {
        const all = score.rowScores(Float64Array.from(test.probabilities), 0.5);
        for (const tieBreak of [undefined, 0.25]) {
          const expected = [...all].map((s, label) => {
            const among = calibration.filter((_, i) => mondrian === "none" || own[i] === label);
            if (among.length === 0) return tieBreak ?? 1;
            return conformalPValue(among, s, tieBreak === undefined ? {} : { u: tieBreak });
          });
          const found = predictor.pValues(test.probabilities, {
            u: 0.5,
            ...(tieBreak === undefined ? {} : { tieBreak }),
          });
          expect([...found]).toEqual(expected);
        }
      }
    }),
  );
});

test("allowEmpty: false gives the most probable label instead of nothing", () => {
  const predictor = pValueClassifier({ score: lac }).calibrate(rows, labels);
  expect(predictor.predictSet([0.4, 0.6], 0.8, {}).labels).toEqual([]);
  expect(predictor.predictSet([0.4, 0.6], 0.8, { allowEmpty: false })).toEqual({ labels: [1], forced: true });
});

test("sets at any level are those of a splitClassifier at that level", () => {
  const examples = labelledRows(3, { minLength: 1, maxLength: 30 });
  const alpha = fc.integer({ min: 1, max: 99 }).map((percent) => percent / 100);
  const kind = fc.constantFrom("none" as const, "label" as const);
  fc.assert(
    fc.property(
      examples,
      labelledRows(3),
      alpha,
      kind,
      fc.constantFrom(...scores),
      (data, tests, level, mondrian, score) => {
        const predictor = pValueClassifier({ score, mondrian, seed: 5 }).calibrate(...split(data as never));
        const expected = splitClassifier({ score, mondrian, seed: 5, alpha: level })
          .calibrate(...split(data as never))
          .predictSets(split(tests as never)[0]);
        expect(tests.map((row) => predictor.predictSet(row.probabilities, level))).toEqual(expected);
      },
    ),
  );
});

test("one label: the least strange of equal p-values; with one class, confidence is certain", () => {
  const predictor = pValueClassifier({ score: lac }).calibrate([[0.5, 0.5]], [0]);
  expect(predictor.predictLabel([0.45, 0.55])).toEqual({ label: 1, confidence: 0.5, credibility: 1 });
  expect(predictor.predictLabel([0.5, 0.5])).toEqual({ label: 0, confidence: 0, credibility: 1 });
  const single = pValueClassifier({ score: lac }).calibrate([[1]], [0]);
  expect(single.predictLabel([1])).toEqual({ label: 0, confidence: 1, credibility: 1 });
});

test("saved and loaded, bit for bit, and the same in every order of the rows", () => {
  for (const mondrian of ["none", "label"] as const) {
    const method = pValueClassifier({ score: raps({ kReg: 1 }), mondrian, seed: 2 });
    const predictor = method.calibrate(rows, labels.with(3, 1));
    const text = JSON.stringify(predictor);
    const loaded = pValueClassifierFromJSON(JSON.parse(text));
    expect(JSON.stringify(loaded)).toBe(text);
    expect(loaded.pValues([0.3, 0.7])).toEqual(predictor.pValues([0.3, 0.7]));
    expect(JSON.stringify(method.calibrate(rows.toReversed(), labels.with(5, 1)))).toBe(text);
  }
  const good = pValueClassifier({ score: lac }).calibrate(rows, labels).toJSON();
  for (const [change, code] of [
    [{ kind: "x" }, "E_JSON"],
    [{ classes: 0 }, "E_RANGE"],
    [{ seed: -1 }, "E_RANGE"],
    [{ guarantee: "group-conditional" }, "E_JSON"],
    [{ guarantee: "label-conditional" }, "E_JSON"],
    [{ scores: [] }, "E_JSON"],
    [{ scores: [[0, null]] }, "E_JSON"],
    [{ normalize: 1 }, "E_JSON"],
  ] as const) {
    expect(codeOf(() => pValueClassifierFromJSON({ ...good, ...change }))).toBe(code);
  }
});

test("infinite scores of a score of one's own survive", () => {
  const cliff = { ...lac, name: "cliff", labelScore: () => Infinity, rowScores: () => Float64Array.of(Infinity, 0) };
  const predictor = pValueClassifier({ score: cliff }).calibrate(rows, labels);
  const loaded = pValueClassifierFromJSON(JSON.parse(JSON.stringify(predictor)), { score: cliff });
  expect([...loaded.pValues([0.5, 0.5])]).toEqual([1, 1]);
});

test("bad input", () => {
  expect(codeOf(() => pValueClassifier({ score: aps as never }))).toBe("E_RANGE");
  expect(codeOf(() => pValueClassifier({ score: lac, seed: -1 }))).toBe("E_RANGE");
  expect(codeOf(() => pValueClassifier({ score: lac, mondrian: "group" as never }))).toBe("E_RANGE");
  expect(codeOf(() => pValueClassifier({ score: lac }).calibrate([], []))).toBe("E_EMPTY_CALIBRATION");
  const predictor = pValueClassifier({ score: lac }).calibrate(rows, labels);
  expect(codeOf(() => predictor.pValues([1]))).toBe("E_LENGTH");
  expect(codeOf(() => predictor.pValues([0.5, 0.5], { tieBreak: 2 }))).toBe("E_RANGE at 0");
  expect(codeOf(() => predictor.predictSet([0.5, 0.5], 0))).toBe("E_ALPHA");
  expect(codeOf(() => predictor.predictLabel([0.5, Number.NaN]))).toBe("E_NAN");
});
