import { expect, test } from "vitest";
import { fuzzSparse } from "./fuzz.ts";

test("damaged files are read or refused in order", () => {
  const { runs, read, refused } = fuzzSparse(30);
  expect(runs).toBe(13 * 30 * 2);
  expect(read).toBeGreaterThan(50);
  expect(refused["E_SPARSE"]).toBeGreaterThan(100);
  expect(refused["invalid-json"]).toBeGreaterThan(10);
});
