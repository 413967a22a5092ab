import fc from "fast-check";
import { expect, test } from "vitest";
import {
  aps,
  type ClassificationScore,
  lac,
  margin,
  ordinalAps,
  raps,
  saps,
  splitClassifier,
  splitClassifierFromJSON,
  topK,
} from "../../src/index.ts";
import { decodeNumber, encodeNumber } from "../../src/base/json.ts";
import { labelledRows } from "../../src/testing/index.ts";
import { codeOf } from "../codeOf.ts";

test("a saved and loaded predictor is the same bit for bit, infinite thresholds included", () => {
  const options = fc.record({
    score: fc.oneof(
      fc.constantFrom(lac, margin, aps(), topK(), ordinalAps()),
      fc.boolean().map((randomized) => aps({ randomized })),
      fc.boolean().map((randomized) => topK({ randomized })),
      fc.boolean().map((randomized) => ordinalAps({ randomized })),
      fc.record({ lambda: fc.double({ min: 0, max: 9, noNaN: true }) }).map(saps),
      fc
        .record({ lambda: fc.constantFrom(0, 0.1, 1 / 3), kReg: fc.nat({ max: 4 }), randomized: fc.boolean() })
        .map(raps),
    ),
    alpha: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    mondrian: fc.constantFrom("none" as const, "label" as const),
    allowEmpty: fc.boolean(),
    normalize: fc.boolean(),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(options, labelledRows(3), labelledRows(3), (chosen, calibration, tests) => {
      const rows = calibration.map((example) => example.probabilities);
      const labels = calibration.map((example) => example.label);
      const predictor = splitClassifier(chosen).calibrate(rows, labels);
      const text = JSON.stringify(predictor);
      const loaded = splitClassifierFromJSON(JSON.parse(text));
      expect(JSON.stringify(loaded)).toBe(text);
      expect(loaded.quantiles).toEqual(predictor.quantiles);
      const matrix = tests.map((example) => example.probabilities);
      expect(loaded.predictSets(matrix)).toEqual(predictor.predictSets(matrix));
    }),
  );
});

test("numbers survive JSON text", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      expect(decodeNumber("", "", JSON.parse(JSON.stringify(encodeNumber(value))))).toBe(value);
    }),
  );
  expect(Object.is(decodeNumber("", "", encodeNumber(-0)), -0)).toBe(true);
});

test("a score of one's own is handed in again", () => {
  const own: ClassificationScore = {
    name: "own",
    randomized: false,
    labelScore: (row, label) => Math.max(...row.filter((_, other) => other !== label)) - (row[label] as number),
    rowScores: (row) => row.map((_, label) => own.labelScore(row, label, 0)),
  };
  const predictor = splitClassifier({ score: own, alpha: 0.5 }).calibrate(
    [
      [0.75, 0.25],
      [0.5, 0.5],
    ],
    [0, 1],
  );
  const saved: unknown = JSON.parse(JSON.stringify(predictor));
  const loaded = splitClassifierFromJSON(saved, { score: own });
  expect(loaded.predictSet([0.5, 0.5])).toEqual(predictor.predictSet([0.5, 0.5]));
  expect(codeOf(() => splitClassifierFromJSON(saved))).toBe("E_JSON");
  expect(codeOf(() => splitClassifierFromJSON(saved, { score: lac }))).toBe("E_JSON");
  expect(codeOf(() => splitClassifierFromJSON(saved, { score: aps as never }))).toBe("E_RANGE");
});

test("a score that is handed in again must have the saved options", () => {
  const saved = splitClassifier({ score: saps({ lambda: 0.2 }), alpha: 0.5 })
    .calibrate([[0.5, 0.5]], [0])
    .toJSON();
  expect(saved).toMatchObject({ score: "saps", scoreOptions: { lambda: 0.2 } });
  expect(splitClassifierFromJSON(saved, { score: saps({ lambda: 0.2 }) }).toJSON()).toEqual(saved);
  expect(codeOf(() => splitClassifierFromJSON(saved, { score: saps({ lambda: 0.3 }) }))).toBe("E_JSON");
});

test("anything that toJSON did not write is refused", () => {
  const good = splitClassifier({ score: lac, alpha: 0.5 })
    .calibrate([[0.5, 0.5]], [0])
    .toJSON();
  expect(splitClassifierFromJSON(good).classes).toBe(2);
  const [quantile] = good.quantiles;
  const changes: [object, string][] = [
    [{ kind: "other" }, "E_JSON"],
    [{ version: 2 }, "E_JSON"],
    [{ alpha: "0.5" }, "E_JSON"],
    [{ alpha: 2 }, "E_ALPHA"],
    [{ classes: 0 }, "E_RANGE"],
    [{ seed: 1.5 }, "E_RANGE"],
    [{ guarantee: "pac" }, "E_JSON"],
    [{ guarantee: "group-conditional" }, "E_JSON"],
    [{ score: "raps", scoreOptions: { lambda: -1 } }, "E_RANGE"],
    [{ score: "raps", scoreOptions: { lambda: "much" } }, "E_JSON"],
    [{ score: "toString" }, "E_JSON"],
    [{ quantiles: [] }, "E_JSON"],
    [{ quantiles: [null] }, "E_JSON"],
    [{ quantiles: [{ ...quantile, rank: 2 }] }, "E_JSON"],
    [{ quantiles: [{ ...quantile, value: "NaN" }] }, "E_JSON"],
    [{ quantiles: [{ value: 0.5, rank: 1, n: 0 }] }, "E_JSON"],
    [{ allowEmpty: 1 }, "E_JSON"],
    [{ normalize: undefined }, "E_JSON"],
  ];
  for (const [change, code] of changes) {
    expect(codeOf(() => splitClassifierFromJSON({ ...good, ...change }))).toBe(code);
  }
  for (const value of [null, 1, "text", []]) expect(codeOf(() => splitClassifierFromJSON(value))).toBe("E_JSON");
});

test("a file that claims billions of classes is refused before anything is made", () => {
  const saved = JSON.parse(JSON.stringify(splitClassifier({ score: lac, alpha: 0.5 }).calibrate([[1, 0]], [0])));
  expect(codeOf(() => splitClassifierFromJSON({ ...saved, classes: 1e10 }))).toBe("E_JSON");
});
