import fc from "fast-check";
import type { DensitySchedule } from "../mask/schedules.ts";
import type { Law } from "./law.ts";

/** A pruning in several rounds to a density. */
export interface ScheduleCase {
  /** In [0, 1]. */
  readonly target: number;
  /** A whole number >= 1. */
  readonly rounds: number;
}

/** fast-check arbitrary of prunings in up to 60 rounds. */
export function scheduleCases(): fc.Arbitrary<ScheduleCase> {
  const target = fc.oneof(fc.constantFrom(0.01, 0.1, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }));
  return fc.record({ target, rounds: fc.integer({ min: 1, max: 60 }) });
}

/** What users may expect of a density schedule, for `checkLaws` with `scheduleCases()` or one's own test runner. */
export function scheduleLaws(schedule: DensitySchedule): readonly Law<ScheduleCase>[] {
  const densities = ({ target, rounds }: ScheduleCase): number[] =>
    Array.from({ length: rounds }, (_, i) => schedule(target, i + 1, rounds));
  return [
    {
      name: "densities lie between the target and 1",
      check: (example) => {
        const outside = densities(example).find((each) => !(each >= example.target - 1e-12 && each <= 1));
        if (outside !== undefined) throw new Error(`there is a density ${outside}`);
      },
    },
    {
      name: "densities never rise",
      check: (example) => {
        const list = densities(example);
        const rise = list.findIndex((each, i) => i > 0 && each > (list[i - 1] as number));
        if (rise >= 0) throw new Error(`round ${rise + 1} has ${list[rise]} after ${list[rise - 1]}`);
      },
    },
    {
      name: "the last round has the target",
      check: ({ target, rounds }) => {
        const last = schedule(target, rounds, rounds);
        if (Math.abs(last - target) > 1e-12) throw new Error(`the last density is ${last}`);
      },
    },
    {
      name: "the same round has the same density",
      check: (example) => {
        const [first, second] = [densities(example), densities(example)];
        if (first.some((each, i) => !Object.is(each, second[i])))
          throw new Error("the second call gave another density");
      },
    },
  ];
}
