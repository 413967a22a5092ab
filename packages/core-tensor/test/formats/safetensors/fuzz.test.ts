import { expect, test } from "vitest";
import { fuzzSafetensors } from "./fuzz.ts";

test("damaged safetensors files are read or refused in order", async () => {
  for (const { runs, accepted, refused } of await fuzzSafetensors(60, 1)) {
    expect(runs).toBeGreaterThanOrEqual(200);
    expect(accepted).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(runs / 3);
  }
});
