import { expect, test } from "vitest";
import { fuzz, recordFuzz } from "../fuzz.ts";
import { fuzzed } from "./fuzzed.ts";

test("10,000 damaged copies of each file are read or refused, in bounded time and memory", async () => {
  const counts = await fuzz({ ...fuzzed(), count: 10_000, seed: 1 });
  recordFuzz("tflite", [counts]);
  expect(counts.runs).toBe(10_000 * counts.files);
});
