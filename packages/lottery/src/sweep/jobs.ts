import { checkWhole } from "../base/checks.ts";
import { LotteryError } from "../base/errors.ts";
import { type Control, planControls } from "../tickets/controls.ts";
import type { ControlJob, ExperimentOptions, Job, PlainControl, TicketJob } from "./job.ts";
import { checkJobs } from "./queue.ts";

export interface SweepJobsOptions {
  /** One search for tickets each; whole numbers >= 0, no two the same. */
  readonly seeds: readonly number[];
  /** Number of prunings. */
  readonly rounds: number;
  /** As in `findTickets`, with the same draws. Default: none. */
  readonly controls?: readonly Control[];
  /** Option sets by name (letters, digits, `_`, `-`): everything is run under each of them. Default: one, `main`, without options. */
  readonly experiments?: Readonly<Record<string, ExperimentOptions>>;
}

/**
 * The jobs of a sweep: for every option set and seed one search for tickets, and for every control, level and trial one training run.
 *
 * A control of level L waits for the ticket of level L of its own seed, no more: it may run while later levels still train. The
 * order of the list is that of the searches first, so that the long jobs start early; it decides about no result.
 *
 * @throws LotteryError E_OPTION for no or repeated seeds, rounds below 1, a control of a level that is not in 0..rounds, or
 *   a name that cannot be part of an id.
 */
export function sweepJobs(options: SweepJobsOptions): Job[] {
  const { seeds, rounds, controls = [], experiments = { main: {} } } = options;
  checkWhole("sweepJobs", "rounds", rounds, 1);
  seeds.forEach((seed, i) => checkWhole("sweepJobs", `seeds[${i}]`, seed, 0));
  if (seeds.length === 0) throw new LotteryError("E_OPTION", "sweepJobs: there are no seeds");
  const names = Object.keys(experiments).sort();
  if (names.length === 0) throw new LotteryError("E_OPTION", "sweepJobs: there are no experiments");
  const planned = planControls("sweepJobs", controls, rounds);
  for (const name of [...names, ...planned.map(({ name }) => name)]) checkName(name);
  const searches = names.flatMap((experiment) =>
    seeds.map(
      (seed): TicketJob => ({
        id: `${experiment}-seed${seed}-tickets`,
        kind: "tickets",
        experiment,
        options: experiments[experiment] as ExperimentOptions,
        seed,
        rounds,
        after: [],
      }),
    ),
  );
  const runs = searches.flatMap(({ id, experiment, options, seed }) =>
    planned.flatMap(({ control, name, levels, trials }, index) =>
      levels.flatMap((level) =>
        Array.from(
          { length: trials },
          (_, trial): ControlJob => ({
            id: `${experiment}-seed${seed}-level${level}-${name}-${trial}`,
            kind: "control",
            experiment,
            options,
            seed,
            level,
            control: name,
            settings: plainControl(control),
            index,
            trial,
            after: [{ job: id, level }],
          }),
        ),
      ),
    ),
  );
  const jobs = [...searches, ...runs];
  checkJobs("sweepJobs", jobs);
  return jobs;
}

function plainControl(control: Control): PlainControl {
  if (control.kind === "custom") {
    const { kind, description } = control;
    return { kind, ...(description === undefined ? {} : { description }) };
  }
  const { kind, scope, keepSigns } = control;
  return { kind, ...(scope === undefined ? {} : { scope }), ...(keepSigns === undefined ? {} : { keepSigns }) };
}

function checkName(name: string): void {
  if (/^[A-Za-z0-9_-]+$/.test(name)) return;
  throw new LotteryError("E_OPTION", `sweepJobs: the name ${JSON.stringify(name)} must be letters, digits, _ and -`);
}
