import type { EagerMatmul } from "./eager.ts";
import type { Machine } from "./machine.ts";
import type { ProgramCost } from "./programs.ts";
import type { GoalResult, WorkloadResult } from "./results.ts";
import { ms, table } from "./table.ts";

export function printMachine({ cpu, cores, memoryGiB, system, node, versions, loadBefore }: Machine): string {
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}`,
    ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
    `load average before: ${loadBefore.map((load) => load.toFixed(2)).join(" ")}`,
  ].join("\n");
}

export function printEager({ size, gigaflops, milliseconds }: EagerMatmul): string {
  return `eager reference matmul of ${size}: ${gigaflops.toFixed(2)} GFLOP/s (${ms(milliseconds.median)} ms)`;
}

export function printPrograms(programs: readonly ProgramCost[]): string {
  return table(
    [
      "program",
      "parameters",
      "traced",
      "nodes",
      "ONNX nodes",
      "ONNX KB",
      "trace ms",
      "simplify",
      "lower",
      "compile",
      "total",
      "first",
    ],
    programs.map((p) => [
      p.name,
      String(p.parameters),
      String(p.tracedNodes),
      String(p.nodes),
      String(p.onnxNodes),
      (p.onnxBytes / 1000).toFixed(0),
      ...[p.trace, p.simplify, p.lower, p.compile, p.total, p.totalFirst].map(ms),
    ]),
  );
}

export function printWorkload({ name, work, flops, limit, contenders, absent, agreement }: WorkloadResult): string {
  const agreed = new Map(
    agreement.map(({ contender, values, steps }) => [contender, `${values.toExponential(0)} (${steps})`]),
  );
  return [
    `${name}: ${work}`,
    `${(flops / 1e9).toPrecision(3)} GFLOP a step; limit at the machine's peak ${ms(limit)} ms`,
    table(
      ["contender", "ms a step", "quartiles", "min", "samples", "x ours", "of peak", "differs (steps)"],
      contenders.map((c) => [
        c.contender,
        ms(c.median),
        c.quartiles.map(ms).join(" - "),
        ms(c.min),
        String(c.samples),
        c.timesOurs.toFixed(2),
        `${(100 * c.shareOfPeak).toFixed(1)} %`,
        agreed.get(c.contender) ?? "",
      ]),
    ),
    ...Object.entries(absent).map(([contender, reason]) => `without ${contender}: ${reason.split("\n")[0]}`),
  ].join("\n");
}

export function printGoals(goals: readonly GoalResult[]): string {
  return table(
    ["goal", "wanted", "measured", "met"],
    goals.map(({ goal, wanted, measured, met }) => [goal, wanted, measured, met ? "yes" : "NO"]),
  );
}
