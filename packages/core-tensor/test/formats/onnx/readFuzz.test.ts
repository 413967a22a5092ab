import { expect, test } from "vitest";
import { fuzzRead } from "./readFuzz.ts";

test("damaged networks are read or refused in order", async () => {
  const { runs, accepted, refused } = await fuzzRead(40, 1);
  expect(runs).toBeGreaterThanOrEqual(11 * 40);
  expect(accepted).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(runs / 3);
});
