import fc from "fast-check";
import { expect, test } from "vitest";
import {
  aps,
  type Group,
  lac,
  mondrianClassifier,
  mondrianClassifierFromJSON,
  raps,
  splitClassifier,
} from "../../../src/index.ts";
import { labelledRows } from "../../../src/testing/index.ts";
import { codeOf } from "../../codeOf.ts";
import { split } from "../methods.ts";

const method = splitClassifier({ score: lac, alpha: 0.5 });
const rows = [
  [0.9, 0.1],
  [0.6, 0.4],
  [0.2, 0.8],
  [0.7, 0.3],
];
const labels = [0, 0, 1, 0];

test("each group has its own threshold; numbers and strings are different groups", () => {
  const predictor = mondrianClassifier(method).calibrate(rows, labels, { groups: ["1", 1, "1", "a"] });
  expect(predictor.guarantee).toBe("group-conditional");
  expect([...predictor.groups].map(([id, { quantile }]) => [id, quantile.value])).toEqual([
    [1, 1 - 0.6],
    ["1", 1 - 0.8],
    ["a", 1 - 0.7],
  ]);
  expect(predictor.predictSet([0.65, 0.35], { group: 1 }).labels).toEqual([0]);
  expect(predictor.predictSet([0.65, 0.35], { group: "1" }).labels).toEqual([]);
});

test("an unseen group gets every label, and a group with too few rows too, each with its reason", () => {
  const predictor = mondrianClassifier(splitClassifier({ score: lac, alpha: 0.4 })).calibrate(rows, labels, {
    groups: ["a", "a", "a", "b"],
  });
  const at = (group: string) => predictor.predictSet([1, 0], { group });
  expect(at("a")).toEqual({ labels: [0], forced: false });
  expect(at("b")).toEqual({ labels: [0, 1], forced: false, reason: "too-few-calibration" });
  expect(at("c")).toEqual({ labels: [0, 1], forced: false, reason: "unseen-group" });
});

test("one group is the ordinary predictor, several are that of each group alone", () => {
  const group = fc.constantFrom<Group>("a", 7);
  const examples = labelledRows(3, { minLength: 2, maxLength: 20 });
  fc.assert(
    fc.property(examples, fc.array(group, { minLength: 20, maxLength: 20 }), labelledRows(3), (given, ids, tests) => {
      const own = splitClassifier({ score: aps(), alpha: 0.3, mondrian: "label" });
      const groups = ids.slice(0, given.length);
      const [matrix] = split(tests as never);
      const several = mondrianClassifier(own).calibrate(...split(given as never), { groups });
      for (const id of new Set(groups)) {
        const alone = own.calibrate(...split(given.filter((_, i) => groups[i] === id) as never));
        expect(several.predictSets(matrix, { groups: matrix.map(() => id) })).toEqual(alone.predictSets(matrix));
      }
      const one = mondrianClassifier(own).calibrate(...split(given as never), { groups: given.map(() => "all") });
      const plain = own.calibrate(...split(given as never));
      expect(one.predictSets(matrix, { groups: matrix.map(() => "all") })).toEqual(plain.predictSets(matrix));
    }),
    { numRuns: 40 },
  );
});

test("groups by a function of the row, in every form of the matrix", () => {
  const groupOf = (row: ArrayLike<number>) => ((row[0] as number) > 0.65 ? "clear" : "unclear");
  const data = Float64Array.from(rows.flat());
  const forms = [
    rows,
    { data, shape: [4, 2] },
    { data: [...data], shape: [4, 2] },
    { shape: [4, 2], dataSync: () => data },
  ];
  const texts = forms.map((form) => {
    const predictor = mondrianClassifier(method, { groupOf }).calibrate(form, labels);
    return JSON.stringify([predictor, predictor.predictSets(form), predictor.predictSet([0.8, 0.2])]);
  });
  expect(new Set(texts).size).toBe(1);
});

test("u for each row goes with its row", () => {
  const own = splitClassifier({ score: aps(), alpha: 0.5 });
  const u = [0.1, 0.9, 0.5, 0.3];
  const groups = ["a", "b", "b", "a"];
  const predictor = mondrianClassifier(own).calibrate(rows, labels, { groups, u });
  const alone = own.calibrate([rows[1] as number[], rows[2] as number[]], [0, 1], { u: [0.9, 0.5] });
  expect(predictor.groups.get("b")?.quantile).toEqual(alone.quantile);
  const sets = predictor.predictSets(rows, { groups: ["b", "b", "b", "b"], u });
  expect(sets).toEqual(alone.predictSets(rows, { u }));
});

test("saved and loaded, bit for bit, and the same in every order of the rows", () => {
  const own = splitClassifier({ score: raps({ kReg: 1 }), alpha: 0.3, mondrian: "label", seed: 4 });
  const groups = [3, "x", 3, 10];
  const predictor = mondrianClassifier(own).calibrate(rows, labels, { groups });
  const text = JSON.stringify(predictor);
  const loaded = mondrianClassifierFromJSON(JSON.parse(text));
  expect(JSON.stringify(loaded)).toBe(text);
  expect(loaded.predictSets(rows, { groups: [3, "x", 10, "new"] })).toEqual(
    predictor.predictSets(rows, { groups: [3, "x", 10, "new"] }),
  );
  const reversed = mondrianClassifier(own).calibrate(rows.toReversed(), labels.toReversed(), {
    groups: groups.toReversed(),
  });
  expect(JSON.stringify(reversed)).toBe(text);

  const groupOf = () => "all";
  const saved = mondrianClassifier(own, { groupOf }).calibrate(rows, labels).toJSON();
  expect(mondrianClassifierFromJSON(saved, { groupOf }).toJSON()).toEqual(saved);
  expect(codeOf(() => mondrianClassifierFromJSON(saved))).toBe("E_JSON");
  expect(codeOf(() => mondrianClassifierFromJSON(JSON.parse(text), { groupOf }))).toBe("E_JSON");
  const good = predictor.toJSON();
  const other = splitClassifier({ score: lac, alpha: 0.1 }).calibrate(rows, labels).toJSON();
  for (const change of [
    { kind: "other" },
    { groups: [] },
    { groups: [...good.groups, good.groups[0]] },
    { groups: [...good.groups, ["y", other]] },
    { groups: [["y"]] },
    { groups: [["y", null]] },
  ]) {
    expect(codeOf(() => mondrianClassifierFromJSON({ ...good, ...change }))).toBe("E_JSON");
  }
  expect(codeOf(() => mondrianClassifierFromJSON({ ...good, groups: [[null, other]] }))).toBe("E_RANGE at 0");
});

test("bad input: errors say which of all rows", () => {
  const calibrate = (matrix: number[][], groups?: unknown[], u?: number[]) =>
    mondrianClassifier(method).calibrate(matrix, labels, {
      ...(groups === undefined ? {} : { groups: groups as string[] }),
      ...(u === undefined ? {} : { u }),
    });
  expect(codeOf(() => mondrianClassifier(splitClassifier as never))).toBe("E_RANGE");
  expect(codeOf(() => calibrate([], []))).toBe("E_EMPTY_CALIBRATION");
  expect(codeOf(() => calibrate(rows))).toBe("E_RANGE at 0");
  expect(codeOf(() => calibrate(rows, ["a"]))).toBe("E_LENGTH");
  expect(codeOf(() => calibrate(rows, ["a", "b", Infinity, "a"]))).toBe("E_RANGE at 2");
  expect(codeOf(() => calibrate(rows, ["a", "b", null, "a"]))).toBe("E_RANGE at 2");
  expect(codeOf(() => calibrate(rows, ["a", "b", "a", "a"], [1]))).toBe("E_LENGTH");
  expect(codeOf(() => calibrate(rows.with(2, [0.5, 0.6]), ["a", "b", "a", "a"]))).toBe("E_PROBS at 2");
  expect(codeOf(() => calibrate(rows.with(3, [0.5, 0.25, 0.25]), ["a", "a", "a", "b"]))).toBe("E_LENGTH");
  expect(
    codeOf(() => mondrianClassifier(method, { groupOf: () => "a" }).calibrate(rows, labels, { groups: labels })),
  ).toBe("E_RANGE at 0");
  const predictor = calibrate(rows, ["a", "a", "b", "b"]);
  expect(codeOf(() => predictor.predictSet([1, 0]))).toBe("E_RANGE");
  expect(codeOf(() => predictor.predictSet([1, 1], { group: "new" }))).toBe("E_PROBS");
  expect(
    codeOf(() =>
      predictor.predictSets(
        [
          [1, 0],
          [1, 1],
        ],
        { groups: ["a", "new"] },
      ),
    ),
  ).toBe("E_PROBS at 1");
  expect(codeOf(() => predictor.predictSets([[1, 0]], { groups: [] }))).toBe("E_LENGTH");
  expect(codeOf(() => predictor.predictSets([[1, 0]], { groups: ["a"], u: [] }))).toBe("E_LENGTH");
});
