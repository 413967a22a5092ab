import { expect, test } from "vitest";
import {
  checkAllFinite,
  checkAtLeast,
  checkFinite,
  checkLevel,
  checkPositive,
  checkUnit,
} from "../../src/base/checks.ts";
import { codeOf } from "../codeOf.ts";

/** The code with which a check refuses a value; undefined where it takes it. */
function codesOf(check: (value: number) => void, values: readonly number[]): (string | undefined)[] {
  return values.map((value) => {
    let code: string | undefined;
    try {
      check(value);
    } catch {
      code = codeOf(() => check(value));
    }
    return code;
  });
}

test("numbers outside their domain are refused, NaN by a code of its own", () => {
  const values = [NaN, -Infinity, -1, 0, 0.5, 1, 2, Infinity];
  const [no, fine] = ["E_RANGE", undefined];
  const finite = [no, fine, fine, fine, fine, fine, no];
  expect(codesOf((value) => checkFinite("here", "x", value), values)).toEqual(["E_NAN", ...finite]);
  const positive = [no, no, no, fine, fine, fine, no];
  expect(codesOf((value) => checkPositive("here", "x", value), values)).toEqual(["E_NAN", ...positive]);
  const atLeast = [no, no, no, no, fine, fine, no];
  expect(codesOf((value) => checkAtLeast("here", "x", value, 1), values)).toEqual(["E_NAN", ...atLeast]);
  const unit = [no, no, fine, fine, fine, no, no];
  expect(codesOf((value) => checkUnit("here", "x", value), values)).toEqual(["E_NAN", ...unit]);
  const level = values.map((value) => (value === 0.5 ? fine : "E_ALPHA"));
  expect(codesOf((value) => checkLevel("here", "x", value), values)).toEqual(level);
});

test("what is not a number is refused", () => {
  expect(codeOf(() => checkFinite("here", "x", "1" as unknown as number))).toBe("E_RANGE");
  expect(codeOf(() => checkLevel("here", "x", "0.5" as unknown as number))).toBe("E_ALPHA");
});

test("an error says where the first bad number stands", () => {
  checkAllFinite("here", "xs", [1, -2]);
  expect(codeOf(() => checkAllFinite("here", "xs", [1, Infinity, NaN]))).toBe("E_RANGE at 1");
  expect(codeOf(() => checkPositive("here", "x", NaN, 3))).toBe("E_NAN at 3");
});
