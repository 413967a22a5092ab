import { expect, test } from "vitest";
import { expectedCodes, fuzzNpy } from "./fuzz.ts";

test("damaged npy and npz files are read or refused in order", async () => {
  for (const { name, runs, refused, errors } of await fuzzNpy(100, 1)) {
    expect(runs).toBeGreaterThanOrEqual(100);
    expect(refused).toBeGreaterThan(runs / 3);
    const codes = Object.keys(errors);
    for (const code of expectedCodes[name] ?? []) expect(codes).toContain(`NpyError: ${code}`);
  }
});
