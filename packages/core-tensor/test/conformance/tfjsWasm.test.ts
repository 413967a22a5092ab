import { expect, test } from "vitest";
import { backendConformance } from "../../src/testing/index.ts";
import { tfjsOn } from "./engines.ts";
import { type OpenDisagreement, expectOnlyOpen } from "./open.ts";

const open: readonly OpenDisagreement[] = [
  { section: "pad", about: "NaN", why: "PadV2 of the wasm backend does not pad with NaN" },
];

test("tfjs on wasm conforms, int64 within int32", async () => {
  const backend = await tfjsOn("wasm");
  const report = await backendConformance(backend, { runs: 6, programs: 100, seed: 1, int64Bits: 32 });
  await backend.dispose();
  expectOnlyOpen(report, open);
  expect(report.totals.passed).toBeGreaterThan(1500);
});
