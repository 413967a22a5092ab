import type { Mask } from "../mask/mask.ts";
import type { TrainState } from "../train/trainer.ts";

/** A subnetwork and the weights that it is trained from. */
export interface Ticket {
  readonly mask: Mask;
  /** The masked weights, the optimiser's state and the step of the schedule at which its training begins. */
  readonly state: TrainState;
}
