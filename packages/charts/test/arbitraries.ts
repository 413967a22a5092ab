import fc from "fast-check";
import type { ChartOptions } from "../src/frame.ts";

/** Texts that break what does not escape them. */
export const hostile: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("</svg><script>alert(1)</script>", '" onload="alert(1)', "&amp;'<>", "]]>", "\u0000\ud800\ufffe", ""),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ maxLength: 300 }),
);

/** Options of a chart, also impossible sizes. */
export const chartOptions: fc.Arbitrary<ChartOptions> = fc.record(
  {
    title: hostile,
    description: hostile,
    width: fc.oneof(fc.integer({ min: -10, max: 2000 }), fc.constantFrom(Number.NaN, 333.333)),
    height: fc.integer({ min: 0, max: 900 }),
  },
  { requiredKeys: [] },
);
