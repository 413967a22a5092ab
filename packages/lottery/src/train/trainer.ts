import type { Named } from "../base/parameters.ts";
import type { Mask } from "../mask/mask.ts";

/** Plain data, as JSON holds it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Where training stands: everything that the next step depends on, besides mask and seed. Plain tensors on the host. */
export interface TrainState {
  /** Steps of the schedule that are behind it. */
  readonly step: number;
  readonly params: Named;
  /** The optimiser's state by name; a moment of the parameter `p` has a name that ends in `.p` and its shape. */
  readonly optimizer: Named;
}

/** Means over a part of the data: `loss` always; `accuracy` and others where the model has them. */
export interface Metrics {
  readonly loss: number;
  readonly [name: string]: number;
}

/** The three parts of the data: what steps are taken on, what decides when to stop, what is reported. */
export type DataPart = "train" | "validation" | "test";

/**
 * What an experiment needs of a model, its data and its engine. `jitTrainer` makes one of a loss; any other engine can
 * implement it (`trainerLaws` of `@parsimony/lottery/testing` checks one).
 *
 * The contract: the same arguments give the same bits; `advance(advance(s, a), b)` is `advance(s, b)`, so that a run may be
 * interrupted anywhere; after `advance` every masked weight and its optimiser entries are +0, whatever the state that went in held.
 */
export interface Trainer {
  /** All that decides about results besides seeds (program, data, batch, engine): a run is resumed only under an equal one. */
  readonly description: Json;
  /** Steps of the whole schedule, T. */
  readonly steps: number;
  /** Fresh parameters: a draw from the distribution of initial weights. */
  init(seed: number): Promise<Named> | Named;
  /** Step 0 with these parameters and a fresh optimiser. */
  begin(params: Named): Promise<TrainState> | TrainState;
  /**
   * Trains on to step `toStep` (>= `state.step`; beyond `steps` the schedule goes on as it defines itself). The order of the data is
   * a function of `dataSeed` and the step alone.
   */
  advance(state: TrainState, mask: Mask, toStep: number, dataSeed: number, signal?: AbortSignal): Promise<TrainState>;
  evaluate(params: Named, part: DataPart, signal?: AbortSignal): Promise<Metrics>;
}
