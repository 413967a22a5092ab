import { expect, test } from "vitest";
import { fuzzDecode } from "./decodeFuzz.ts";

test("damaged ONNX files are decoded or refused in order", async () => {
  for (const { runs, accepted, refused } of await fuzzDecode(40, 1)) {
    expect(runs).toBeGreaterThanOrEqual(600);
    expect(accepted).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(runs / 3);
  }
});
