import { type Job, sweepJobs } from "@parsimony/lottery";

/** What the committed report was made with. */
export const settings = { seeds: [1, 2, 3], rounds: 8, steps: 1500 };

export function convJobs({ seeds, rounds }: { readonly seeds: readonly number[]; readonly rounds: number }): Job[] {
  return sweepJobs({
    seeds,
    rounds,
    controls: [{ kind: "reinit", levels: [2, 4, 6, 8].filter((level) => level <= rounds) }],
  });
}
