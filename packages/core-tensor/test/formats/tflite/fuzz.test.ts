import { expect, test } from "vitest";
import { fuzz } from "../fuzz.ts";
import { fuzzed } from "./fuzzed.ts";

test("a few hundred damaged files are read or refused, in bounded time and memory", async () => {
  const counts = await fuzz({ ...fuzzed(), count: 150, seed: 1 });
  expect(counts.runs).toBe(150 * counts.files);
  expect(counts.refused).toBeGreaterThan(100);
  expect(counts.accepted).toBeGreaterThan(10);
});
