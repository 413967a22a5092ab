import { type Job, sweepJobs } from "@parsimony/lottery";

/** What the committed report was made with. */
export const settings = { seeds: [1, 2, 3, 4, 5], rounds: 20, steps: 10_000 };

/** Levels at which the ticket is compared with its mask over freshly drawn weights. */
const reinitLevels = [2, 7, 12, 15, 20];

export function lenetJobs({ seeds, rounds }: { readonly seeds: readonly number[]; readonly rounds: number }): Job[] {
  return sweepJobs({
    seeds,
    rounds,
    controls: [{ kind: "reinit", levels: reinitLevels.filter((level) => level <= rounds) }],
  });
}
