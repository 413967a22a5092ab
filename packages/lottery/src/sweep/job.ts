import type { CustomControl, KnownControl } from "../tickets/controls.ts";
import type { FindTicketsOptions } from "../tickets/types.ts";
import type { Json } from "../train/trainer.ts";

/** Options of `findTickets` that are plain data. */
export type PlainTicketOptions = Omit<
  FindTicketsOptions,
  "rounds" | "seed" | "prune" | "prunable" | "mask" | "controls" | "store" | "onProgress" | "signal"
>;

/** What the jobs of an experiment share, as plain data. */
export interface ExperimentOptions {
  /** Options of the search; `executeJob` uses them. */
  readonly tickets?: PlainTicketOptions;
  /** For the one who builds the trainer of a job: a learning rate, the name of a data set. */
  readonly trainer?: Json;
}

/** Something that has to be there before a job can start: a whole job, or one level of a job that may still go on. */
export interface Dependency {
  /** Id of the job. */
  readonly job: string;
  /** Its ticket of this level is enough. Absent: the job must be over. */
  readonly level?: number;
}

/** What every job has. */
export interface JobBase {
  /** Names the job in its sweep, and its folder in the store. The same arguments of `sweepJobs` give the same ids. */
  readonly id: string;
  /** Name of the option set, `"main"` when there is only one. */
  readonly experiment: string;
  readonly options: ExperimentOptions;
  /** Decides about initial weights and the order of the data. */
  readonly seed: number;
  readonly after: readonly Dependency[];
}

/** One search for tickets: levels 0 to `rounds`, one after the other. */
export interface TicketJob extends JobBase {
  readonly kind: "tickets";
  readonly rounds: number;
}

/** A control as plain data. A custom one has only its name here; `executeJob` is handed the rest. */
export type PlainControl =
  | Pick<KnownControl, "kind" | "scope" | "keepSigns">
  | Pick<CustomControl, "kind" | "description">;

/** One training run that a ticket is compared with. */
export interface ControlJob extends JobBase {
  readonly kind: "control";
  /** Level of the ticket that it is compared with. */
  readonly level: number;
  /** Name of the control, such as `"reinit"`. */
  readonly control: string;
  readonly settings: PlainControl;
  /** Position in the list of controls: it decides about the seed of the draws, as in `findTickets`. */
  readonly index: number;
  /** Number of the repetition, from 0: another draw with the same ticket. */
  readonly trial: number;
}

/** One piece of a sweep that runs by itself: plain data, which can be kept as JSON and sent to another process or machine. */
export type Job = TicketJob | ControlJob;
