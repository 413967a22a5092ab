import { sortedNames } from "../base/parameters.ts";
import type { MaskDensity } from "../mask/mask.ts";
import type { JobLevel, JobResult } from "../sweep/executeJob.ts";
import type { Job } from "../sweep/job.ts";
import type { SweepResult } from "../sweep/runSweep.ts";
import type { ControlResult, RunResult, TicketReport } from "../tickets/types.ts";

/**
 * What `findTickets` found for one or more seeds, in the form that `aggregate`, `learningCurves` and the charts take: a sweep that
 * was run by hand.
 */
export function sweepResultsOf(reports: readonly Pick<TicketReport, "levels" | "seed">[]): SweepResult<JobResult>[] {
  return reports.flatMap(({ levels, seed }) => {
    const base = { experiment: "main", options: {}, seed };
    const id = `main-seed${seed}-tickets`;
    const search: Job = { ...base, id, kind: "tickets", rounds: levels.length - 1, after: [] };
    const tickets = { job: search, result: { levels: levels.map((level) => jobLevel(level.level, level)) } };
    const controls = levels.flatMap(({ level, controls: found }) =>
      found.map((run) => ({
        job: controlJob(base, id, level, run),
        result: { levels: [jobLevel(level, run)] },
      })),
    );
    return [tickets, ...controls];
  });
}

function controlJob(
  base: Pick<Job, "experiment" | "options" | "seed">,
  search: string,
  level: number,
  { control, trial }: ControlResult,
): Job {
  return {
    ...base,
    id: `main-seed${base.seed}-level${level}-${control}-${trial}`,
    kind: "control",
    level,
    control,
    settings: { kind: "custom" },
    index: 0,
    trial,
    after: [{ job: search, level }],
  };
}

function jobLevel(level: number, run: RunResult & { readonly density: MaskDensity }): JobLevel {
  const { density, curve, earlyStop, final } = run;
  const { kept, size, tensors } = density;
  const counts = Object.fromEntries(sortedNames(tensors).map((name) => [name, tensors[name]?.kept ?? 0]));
  return { level, kept, size, tensors: counts, curve, earlyStop, final };
}
