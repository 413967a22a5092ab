import { LotteryError } from "../base/errors.ts";
import type { Job } from "./job.ts";

/** A set of ids, or a map by id. */
interface Ids {
  has(id: string): boolean;
}

/** What is known about the jobs of a sweep while it runs. */
export interface QueueState {
  /** Ids of jobs whose results are in the store. */
  readonly done: Ids;
  /** Ids of jobs that failed or are skipped: they will not be done. */
  readonly lost: Ids;
  /** For every job that said so, how many of its levels are in the store: levels 0 to one less can be used. */
  readonly levels: ReadonlyMap<string, number>;
}

/** Can this job start (`"ready"`), may it yet (`"waits"`), or never? Then the id of the job that it waits for in vain is given. */
export function readiness(job: Job, state: QueueState): "ready" | "waits" | { readonly lost: string } {
  const open = job.after.filter(
    (after) =>
      !state.done.has(after.job) && !(after.level !== undefined && (state.levels.get(after.job) ?? 0) > after.level),
  );
  if (open.length === 0) return "ready";
  const lost = open.find((after) => state.lost.has(after.job));
  return lost === undefined ? "waits" : { lost: lost.job };
}

/** Throws E_OPTION for two jobs of one id (some systems do not tell folders apart by case), and for one that waits for a job that does not come before it in the list. */
export function checkJobs(where: string, jobs: readonly Job[]): void {
  const known = new Set<string>();
  const folders = new Set<string>();
  for (const { id, after } of jobs) {
    if (!/^[A-Za-z0-9_-]+$/.test(id)) throw new LotteryError("E_OPTION", `${where}: ${JSON.stringify(id)} is no id`);
    if (folders.has(id.toLowerCase())) throw new LotteryError("E_OPTION", `${where}: there are two jobs ${id}`);
    const missing = after.find(({ job }) => !known.has(job));
    if (missing !== undefined) {
      throw new LotteryError(
        "E_OPTION",
        `${where}: ${id} waits for ${missing.job}, which is not before it in the list`,
      );
    }
    known.add(id);
    folders.add(id.toLowerCase());
  }
}
