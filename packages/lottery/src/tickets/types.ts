import type { Named } from "../base/parameters.ts";
import type { Mask, MaskDensity, Prunable } from "../mask/mask.ts";
import type { PruneOptions } from "../mask/prune.ts";
import type { TrainRun } from "../train/run.ts";
import type { Json, Metrics, TrainState } from "../train/trainer.ts";
import type { Control } from "./controls.ts";
import type { Store } from "./store.ts";
import type { Ticket } from "./ticket.ts";

export type { Ticket } from "./ticket.ts";

/** What a training run showed: its curve, its early stop and its end. */
export type RunResult = Omit<TrainRun, "state">;

/** One run of a control at a level. */
export interface ControlResult extends RunResult {
  /** The control's name: its kind, or what `name` says. */
  readonly control: string;
  /** 0, 1, ...: each with draws of its own. */
  readonly trial: number;
  /** Seed of its draws. */
  readonly seed: number;
  readonly density: MaskDensity;
}

/** A level of the experiment: the net after `level` prunings. Level 0 is the dense net. */
export interface LevelResult extends RunResult {
  readonly level: number;
  readonly mask: Mask;
  readonly density: MaskDensity;
  readonly ticket: Ticket;
  /** Decides about the order of the data in this level's run and its controls. */
  readonly dataSeed: number;
  readonly controls: readonly ControlResult[];
  /** Weights at the end of the level's training, where `keep` says that they are kept. */
  readonly trained?: Named;
}

/** The whole experiment, or as much of it as there is. */
export interface TicketReport {
  /** Level 0, 1, ... as far as they are finished. */
  readonly levels: readonly LevelResult[];
  /** Are these all of them? */
  readonly finished: boolean;
  readonly seed: number;
  /** Steps of the trainer's schedule, T. */
  readonly steps: number;
  /** Step k whose state is restored. */
  readonly rewindStep: number;
  /** Weights at step 0, unmasked. */
  readonly initial: Named;
  /** State at step k of level 0: unmasked, unless k > 0 and level 0 has a mask. */
  readonly rewound: TrainState;
  /** Options and the trainer's description as they stand in the store. */
  readonly experiment: Json;
}

/** What a criterion may look at besides the trained weights. */
export interface PruneContext {
  /** Weights at step 0. */
  readonly initial: Named;
  /** Weights at step k. */
  readonly rewound: Named;
  /** A seed of this level for criteria that draw. */
  readonly seed: number;
}

/**
 * The mask of the next level: what is left of `mask` given the weights at the end of training. `level` is the level of `mask`. It
 * must not keep what `mask` has removed.
 */
export type Prune = (trained: Named, mask: Mask, level: number, context: PruneContext) => Mask | Promise<Mask>;

/** Where the experiment stands, after every look at a net. */
export interface TicketProgress {
  readonly level: number;
  /** What is being trained: the ticket, the net that strategy "continue" prunes, or a control. */
  readonly run: "ticket" | "continued" | "control";
  readonly control?: string;
  readonly trial?: number;
  readonly step: number;
  readonly toStep: number;
  readonly validation: Metrics;
}

/** How magnitudes are pruned, as in `pruneByMagnitude`; `rate` is needed unless `prune` is given. */
export type MagnitudeOptions = Pick<
  PruneOptions,
  "rate" | "scope" | "outputLayer" | "outputRate" | "minPerTensor" | "allowEmpty" | "compat"
>;

export interface FindTicketsOptions extends MagnitudeOptions {
  /** Prunings, a whole number >= 1: the levels are 0 to `rounds`. One-shot pruning is 1. */
  readonly rounds: number;
  /** Seed of everything: `trainer.init(seed)` draws the weights, `dataSeedOf` and `drawSeedOf` give the others. */
  readonly seed: number;
  /** Criterion of its own in place of magnitudes; `rate` and the other options of `pruneByMagnitude` go unused. */
  readonly prune?: Prune;
  /** What tells `prune` from other criteria when a store is resumed. Default: the function's name. */
  readonly pruneDescription?: Json;
  /** Which tensors may be pruned. Default: `isPrunable`. */
  readonly prunable?: Prunable;
  /** The mask of level 0, to go on from a pruning of another kind. Default: everything is kept. */
  readonly mask?: Mask;
  /**
   * "reset" (the default): each level trains from the rewound weights, and what it trained is pruned (Frankle and Carbin 2019, the
   * strategy of the main text). "continue": the net that is pruned goes on training from where it is, and each level's mask is
   * tried on the rewound weights in a run of its own, which doubles the cost.
   */
  readonly strategy?: "reset" | "continue";
  /**
   * What goes back to step k after a pruning: "weights" with the optimiser's state (the default), "learningRate" for the schedule
   * only, or "none": the trained net is trained for T - k more steps as the schedule goes on.
   */
  readonly rewind?: "weights" | "learningRate" | "none";
  /** Step k, as a step or a fraction of the schedule; below T. Default step 0. */
  readonly rewindTo?: { readonly step: number } | { readonly fraction: number };
  /** Is the order of the data a new one at each level (the default), or that of level 0? */
  readonly dataOrder?: "fresh" | "same";
  /** Steps between two looks at the validation set. Default 100. */
  readonly evalEvery?: number;
  /** Steps between two looks at the test set, a multiple of `evalEvery`. Default: only at the early stop and the end. */
  readonly testEvery?: number;
  /** Nets that tell what the ticket owes to its weights and to its structure. Default: none. */
  readonly controls?: readonly Control[];
  /** Which trained weights are kept: those of "all" levels, of the "last", or "none" (the default). Masks and tickets always are. */
  readonly keep?: "all" | "last" | "none";
  /** Where the experiment is kept, and found when it is started again. Default: nowhere. */
  readonly store?: Store;
  /** Looks between two checkpoints in the store. Default 10; the end of a run is always one. */
  readonly checkpointEvery?: number;
  readonly onProgress?: (progress: TicketProgress) => void;
  readonly signal?: AbortSignal;
}
