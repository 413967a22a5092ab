import { expect, test } from "vitest";
import { assertConforms, backendConformance } from "../../src/testing/index.ts";
import { tfjsOn } from "./engines.ts";

test("tfjs on wasm conforms, int64 within int32", async () => {
  const backend = await tfjsOn("wasm");
  const report = await backendConformance(backend, { runs: 6, programs: 100, seed: 1, int64Bits: 32 });
  await backend.dispose();
  assertConforms(report);
  expect(report.totals.passed).toBeGreaterThan(1500);
});
