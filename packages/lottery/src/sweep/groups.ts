import { LotteryError } from "../base/errors.ts";
import type { JobLevel, JobResult } from "./executeJob.ts";
import type { SweepResult } from "./runSweep.ts";
import { meanOf } from "./statistics.ts";

/** A number that is read off a run; undefined where the run has none. */
export type Measure = (run: JobLevel) => number | undefined;

/** Runs of one net by seed, in rising order of seeds and trials. */
export interface Group {
  readonly experiment: string;
  readonly net: string;
  readonly level: number;
  readonly seeds: ReadonlyMap<number, readonly JobLevel[]>;
}

export const ticketNet = "ticket";

/** The runs of a sweep by net. Throws E_OPTION for one run that is there twice. */
export function groupRuns(where: string, results: readonly SweepResult<JobResult>[]): Group[] {
  const inOrder = results
    .flatMap(({ job, result }) => {
      const net = job.kind === "tickets" ? ticketNet : job.control;
      const trial = job.kind === "tickets" ? 0 : job.trial;
      return result.levels.map((run) => ({ experiment: job.experiment, net, seed: job.seed, trial, run }));
    })
    .sort(
      (a, b) =>
        byText(a.experiment, b.experiment) ||
        Number(a.net !== ticketNet) - Number(b.net !== ticketNet) ||
        byText(a.net, b.net) ||
        a.run.level - b.run.level ||
        a.seed - b.seed ||
        a.trial - b.trial,
    );
  const groups = new Map<string, Omit<Group, "seeds"> & { seeds: Map<number, JobLevel[]> }>();
  const seen = new Set<string>();
  for (const { experiment, net, seed, trial, run } of inOrder) {
    const name = JSON.stringify([experiment, net, run.level]);
    const place = `${name}, seed ${seed}, trial ${trial}`;
    if (seen.has(place)) throw new LotteryError("E_OPTION", `${where}: there are two results of ${place}`);
    seen.add(place);
    const group = groups.get(name) ?? { experiment, net, level: run.level, seeds: new Map<number, JobLevel[]>() };
    groups.set(name, group);
    group.seeds.set(seed, [...(group.seeds.get(seed) ?? []), run]);
  }
  return [...groups.values()];
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** What a measure reads off the runs of every seed. */
export function valuesOf({ seeds }: Group, measure: Measure): (number | undefined)[][] {
  return [...seeds.values()].map((runs) => runs.map(measure));
}

/** Differences of seeds, one for each that has runs on both sides; undefined where a side has no value. */
export function differencesOf(
  from: Group | undefined,
  minus: Group | undefined,
  measure: Measure,
): (number | undefined)[][] {
  return [...(from?.seeds ?? [])].flatMap(([seed, runs]) => {
    const others = minus?.seeds.get(seed);
    if (others === undefined) return [];
    const left = presentMean(runs.map(measure));
    const right = presentMean(others.map(measure));
    return [[left === undefined || right === undefined ? undefined : left - right]];
  });
}

function presentMean(values: readonly (number | undefined)[]): number | undefined {
  const present = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  return present.length === 0 ? undefined : meanOf(present);
}
