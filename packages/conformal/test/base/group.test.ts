import { expect, test } from "vitest";
import { checkGroup, compareGroups } from "../../src/base/group.ts";
import { codeOf } from "../codeOf.ts";

test("groups are strings and finite numbers", () => {
  expect(["a", "", 0, -1.5].map((group) => checkGroup("here", group))).toEqual(["a", "", 0, -1.5]);
  expect(codeOf(() => checkGroup("here", NaN, 2))).toBe("E_NAN at 2");
  for (const group of [Infinity, undefined, null, {}]) expect(codeOf(() => checkGroup("here", group))).toBe("E_RANGE");
});

test("numbers come before names, each in ascending order", () => {
  expect(["b", 10, "1", 9, "a", -1].sort(compareGroups)).toEqual([-1, 9, 10, "1", "a", "b"]);
  expect(compareGroups("a", "a")).toBe(0);
});
