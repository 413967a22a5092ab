import { type Job, sweepJobs } from "@parsimony/lottery";

/** What the committed report was made with. */
export const settings = { seeds: [1, 2, 3, 4, 5], rounds: 20, steps: 10_000 };

/** Levels at which the ticket is compared with its mask on other weights, and with other masks on its weights. */
const reinitLevels = [2, 4, 7, 9, 12, 15, 18, 20];
const shuffleLevels = [7, 12, 15, 20];

export function lenetJobs({ seeds, rounds }: { readonly seeds: readonly number[]; readonly rounds: number }): Job[] {
  const reached = (levels: readonly number[]): number[] => levels.filter((level) => level <= rounds);
  return sweepJobs({
    seeds,
    rounds,
    controls: [
      { kind: "reinit", levels: reached(reinitLevels) },
      { kind: "randomMask", scope: "layer", levels: reached(shuffleLevels) },
    ],
  });
}
