import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import type { OpName } from "../../src/ops/vocabulary.ts";
import {
  ConformanceError,
  type ConformanceReport,
  assertConforms,
  backendConformance,
  formatReport,
  opCases,
} from "../../src/testing/index.ts";
import { brokenBackends, without } from "./broken.ts";

const isOp = (name: string): name is OpName => Object.hasOwn(opCases, name);

function sectionsThatDisagree({ ops, checks }: ConformanceReport): string[] {
  return [...ops, ...checks].filter(({ disagreements }) => disagreements.length > 0).map(({ name }) => name);
}

describe("the suite finds what is wrong", () => {
  test.each(Object.entries(brokenBackends))("%s", async (_, { backend, sections }) => {
    const ops = sections.filter(isOp);
    const report = await backendConformance(backend(), { ops: ops.length > 0 ? ops : ["add"], runs: 20, programs: 0 });
    expect(sectionsThatDisagree(report)).toEqual(expect.arrayContaining([...sections]));
    expect(() => assertConforms(report)).toThrow(ConformanceError);
  });

  test("in random programs too", async () => {
    const broken = brokenBackends["sin is off by 1e-5"];
    const report = await backendConformance(broken?.backend() ?? reference(), {
      ops: ["sin", "add", "mul", "sum"],
      runs: 0,
      programs: 50,
      checks: false,
    });
    const section = report.checks.find(({ name }) => name === "random programs, float32");
    expect(section?.disagreements[0]?.program).toContain("= sin(");
  });
});

describe("the report", () => {
  test("shows the smallest program, its inputs and both values", async () => {
    const broken = brokenBackends["less is lessEqual"];
    const report = await backendConformance(broken?.backend() ?? reference(), {
      ops: ["less"],
      dtypes: ["float32"],
      runs: 50,
      programs: 0,
      checks: false,
    });
    const found = report.ops[0]?.disagreements.at(-1);
    expect(found?.message).toMatch(
      /^output "y0": element \[.*\]: 1, expected 0 \(\d+ of \d+ elements differ, by up to 1\)$/,
    );
    expect(found?.program).toMatch(/^less\(x0: float32\[/);
    expect(found?.program).toMatch(/ {2}less_0: bool\[.*\] = less\(x0, .*\)\n {2}return y0 = less_0\n\}\n/);
    expect(found?.program).toMatch(/\nx0: float32\[.*\] = /);
    expect(formatReport(report)).toContain("✗ less (float32): output");
    expect(report.totals.disagreements).toBe(2);
  });

  test("lists what a backend declines", async () => {
    const report = await backendConformance(without("erf"), {
      ops: ["erf", "exp"],
      dtypes: ["float32"],
      runs: 5,
      programs: 0,
      checks: false,
    });
    assertConforms(report);
    expect(report.ops[0]).toMatchObject({
      name: "erf",
      passed: 0,
      unsupported: [{ label: "float32", cases: 7, reasons: ['op "erf": no kernel'] }],
    });
    expect(report.ops[1]).toMatchObject({ name: "exp", passed: 7, unsupported: [] });
    expect(report.totals).toEqual({ passed: 7, disagreements: 0, unsupported: 7 });
    expect(formatReport(report)).toContain('op "erf": no kernel: 7 cases of erf (float32)');
  });

  test("equal seeds give equal reports; progress and time are told", async () => {
    const seen: string[] = [];
    let clock = 0;
    const run = (): Promise<ConformanceReport> =>
      backendConformance(reference(), {
        ops: ["add"],
        runs: 3,
        programs: 3,
        checks: false,
        seed: 5,
        now: () => (clock += 100),
        onProgress: ({ section, done, total }) => seen.push(`${section.name} ${done}/${total}`),
      });
    const first = await run();
    expect(await run()).toEqual(first);
    expect(first.milliseconds).toBe(100);
    expect(seen.slice(0, 3)).toEqual([
      "add 1/5",
      "random programs, float32 2/5",
      "random programs, float32, symbolic 3/5",
    ]);
    expect(formatReport(first)).toMatch(
      /^reference \(javascript\), seed 5: \d+ cases passed, 0 disagreements, 0 cases unsupported in 0\.1 s$/,
    );
  });
});
