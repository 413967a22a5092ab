import { expect, test } from "vitest";
import { onnxruntime } from "../../src/backends/onnxruntime/index.ts";
import { backendConformance } from "../../src/testing/index.ts";
import { type OpenDisagreement, expectOnlyOpen } from "./open.ts";

const blocks = "QuantizeLinear and DequantizeLinear take a scale of shape [1] for one of the whole tensor";

const open: readonly OpenDisagreement[] = [
  { section: "sign", about: "float16", why: "Sign of a float16 NaN gives 0" },
  { section: "sum", about: "int32 wraps", why: "ReduceSum of int32 saturates where the sum does not fit" },
  { section: "prod", about: "wraps", why: "ReduceProd of int32 saturates where the product does not fit" },
  { section: "quantize", about: "NaN", why: "QuantizeLinear gives the smallest number for NaN, not the zero point" },
  { section: "quantize", about: "block_size must be 0", why: blocks },
  { section: "dequantize", about: "block_size must be 0", why: blocks },
];

test("onnxruntime conforms", async () => {
  const backend = await onnxruntime();
  const report = await backendConformance(backend, { runs: 2, programs: 40, seed: 1 });
  await backend.dispose();
  expectOnlyOpen(report, open);
  expect(report.totals.passed).toBeGreaterThan(1500);
});
