import { expect, test } from "vitest";
import { onnxruntime } from "../../src/backends/onnxruntime/index.ts";
import { backendConformance } from "../../src/testing/index.ts";
import { type OpenDisagreement, expectOnlyOpen } from "./open.ts";

const open: readonly OpenDisagreement[] = [
  { section: "quantize", about: "NaN", why: "QuantizeLinear gives the smallest number for NaN, not the zero point" },
];

test("onnxruntime conforms", async () => {
  const backend = await onnxruntime();
  const report = await backendConformance(backend, { runs: 2, programs: 40, seed: 1 });
  await backend.dispose();
  expectOnlyOpen(report, open);
  expect(report.totals.passed).toBeGreaterThan(1500);
});
