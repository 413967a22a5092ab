import { expect, test } from "vitest";
import { onnxruntime } from "../../src/backends/onnxruntime/index.ts";
import { backendConformance } from "../../src/testing/index.ts";
import { type OpenDisagreement, expectOnlyOpen } from "./open.ts";

const nonFinite = "WGSL lets an implementation assume that there are no NaN and infinities";
const absolute = "WGSL asks for an absolute error of 2^-11 only";
const cancels = "no digits to spare near 0, where the expression cancels in WGSL's logarithm and exponential";

const open: readonly OpenDisagreement[] = [
  ...["exp", "log", "log1p", "cosh", "acosh", "atanh", "sigmoid", "relu", "pow", "topK", "sort", "softmax"].flatMap(
    (section) => [
      { section, about: "NaN", why: nonFinite },
      { section, about: "Infinity", why: nonFinite },
    ],
  ),
  ...["sin", "cos"].map((section) => ({ section, about: "element", why: absolute })),
  ...["expm1", "log1p"].map((section) => ({ section, about: "element", why: cancels })),
  ...["cast", "strided inputs"].map((section) => ({
    section,
    about: "requires f16",
    why: "a device without float16 says so when the program runs",
  })),
  { section: "symbolic dimensions", about: "= 0", why: "the provider cannot multiply matrices without elements" },
  { section: "errors at run time", about: "an index beyond its axis", why: "shaders read inside the buffer instead" },
];

// One case per op and dtype and a few programs: SwiftShader, which stands in for a GPU, computes on the processor.
test("webgpu conforms, but for what WGSL does not promise", async () => {
  const backend = await onnxruntime({ executionProviders: ["webgpu"], cpuFallback: true });
  const report = await backendConformance(backend, {
    dtypes: ["float32", "int32", "bool"],
    runs: 1,
    programs: 20,
    seed: 1,
    tolerance: 64,
  });
  await backend.dispose();
  expectOnlyOpen(report, open);
  expect(report.totals.passed).toBeGreaterThan(450);
}, 600_000);
