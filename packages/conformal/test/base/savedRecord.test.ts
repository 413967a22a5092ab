import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkAscending,
  encodeNumbers,
  readFlag,
  readKind,
  readList,
  readNumbers,
} from "../../src/base/savedRecord.ts";
import { codeOf } from "../codeOf.ts";

test("lists of numbers survive JSON text bit for bit", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true })), (values) => {
      const read = readNumbers("here", "values", JSON.parse(JSON.stringify(encodeNumbers(values))));
      expect(read).toEqual(Float64Array.from(values));
    }),
  );
});

test("what nobody wrote is refused", () => {
  expect(readKind("here", { kind: "a", version: 1, x: 2 }, "a")["x"]).toBe(2);
  for (const value of [null, 1, "a", [], { kind: "b", version: 1 }, { kind: "a", version: 2 }]) {
    expect(codeOf(() => readKind("here", value, "a"))).toBe("E_JSON");
  }
  expect(codeOf(() => readList("here", "x", { length: 0 }))).toBe("E_JSON");
  expect(codeOf(() => readList("here", "x", [1, 2], 3))).toBe("E_JSON");
  expect(codeOf(() => readNumbers("here", "x", [1, "2"]))).toBe("E_JSON");
  expect(codeOf(() => readNumbers("here", "x", [1, 2], 1))).toBe("E_JSON");
  expect(readFlag("here", { x: false }, "x")).toBe(false);
  expect(codeOf(() => readFlag("here", { x: 0 }, "x"))).toBe("E_JSON");
  checkAscending("here", "x", [-Infinity, 1, 1, Infinity]);
  expect(codeOf(() => checkAscending("here", "x", [1, 2, 1.5]))).toBe("E_JSON at 2");
});
