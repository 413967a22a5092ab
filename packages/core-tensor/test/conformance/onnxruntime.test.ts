import { expect, test } from "vitest";
import { onnxruntime } from "../../src/backends/onnxruntime/index.ts";
import { assertConforms, backendConformance } from "../../src/testing/index.ts";

test("onnxruntime conforms", async () => {
  const backend = await onnxruntime();
  const report = await backendConformance(backend, { runs: 2, programs: 40, seed: 1 });
  await backend.dispose();
  assertConforms(report);
  expect(report.totals.passed).toBeGreaterThan(1500);
});
