import { largeProgram } from "./programs.ts";
import type { GoalResult, Results, WorkloadResult } from "./results.ts";

/** Median of a contender, or of the fastest among those whose names fit. */
function fastest({ contenders }: WorkloadResult, fits: (name: string) => boolean): number | undefined {
  const medians = contenders.filter(({ contender }) => fits(contender)).map(({ median }) => median);
  return medians.length === 0 ? undefined : Math.min(...medians);
}

const is = (wanted: string) => (name: string) => name === wanted;
const ours = "jit on onnxruntime";

/** `numerator / denominator` against a bound; nothing when one of them was not measured. */
function ratioGoal(
  goal: string,
  numerator: number | undefined,
  denominator: number | undefined,
  bound: { atLeast: number } | { atMost: number },
): GoalResult[] {
  if (numerator === undefined || denominator === undefined) return [];
  const ratio = numerator / denominator;
  const measured = ratio.toPrecision(3);
  if ("atLeast" in bound) return [{ goal, wanted: `>= ${bound.atLeast}`, measured, met: ratio >= bound.atLeast }];
  return [{ goal, wanted: `<= ${bound.atMost}`, measured, met: ratio <= bound.atMost }];
}

function workloadGoals(workload: WorkloadResult): GoalResult[] {
  const { name, kind } = workload;
  const single = fastest(workload, is(ours));
  if (kind === "forward") {
    return ratioGoal(`${name}: time over hand-built session`, single, fastest(workload, is("hand-built session")), {
      atMost: 1.05,
    });
  }
  const scan = fastest(workload, is(`${ours}, scan`));
  const rivals = workload.contenders.map(({ contender }) => contender);
  return rivals.flatMap((rival) => {
    const theirs = fastest(workload, is(rival));
    if (rival.startsWith("PyTorch"))
      return ratioGoal(`${name}: time over that of ${rival}, scan`, scan, theirs, { atMost: 0.2 });
    if (!rival.includes("tfjs-wasm")) return [];
    return [
      ...ratioGoal(`${name}: times as fast as ${rival}, scan`, theirs, scan, { atLeast: 40 }),
      ...ratioGoal(`${name}: times as fast as ${rival}, single steps`, theirs, single, { atLeast: 20 }),
    ];
  });
}

/** The goals that this run can say something about. */
export function checkGoals({ workloads, programs, eager }: Omit<Results, "goals">): GoalResult[] {
  const large = programs.find(({ name }) => name === largeProgram);
  const seconds = large === undefined ? undefined : large.totalFirst / 1000;
  return [
    ...workloads.flatMap(workloadGoals),
    ...(seconds === undefined
      ? []
      : [
          {
            goal: `${largeProgram}: trace, grad and compile, first time`,
            wanted: "< 3 s",
            measured: `${seconds.toFixed(2)} s`,
            met: seconds < 3,
          },
        ]),
    ...(eager === undefined
      ? []
      : [
          {
            goal: "eager reference matmul",
            wanted: ">= 0.3 GFLOP/s",
            measured: `${eager.gigaflops.toFixed(2)} GFLOP/s`,
            met: eager.gigaflops >= 0.3,
          },
        ]),
  ];
}
