/** A way of betting against the uniformity of p-values: a density on (0, 1] for the next one, given those before. */
export interface Betting {
  /** Name with parameters: a saved martingale is resumed by a betting of the same name only. */
  readonly name: string;
  /**
   * A process before the first p-value, or one that goes on from what its `state()` gave.
   *
   * @throws ConformalError E_JSON for a state that is none of its own
   */
  start(state?: unknown): BettingProcess;
}

/** One run of a betting. */
export interface BettingProcess {
  /**
   * The logarithm of the density at p; then learns p. The density must be positive, fixed before p is seen, and
   * integrate to 1 over (0, 1] (to less keeps everything valid).
   */
  step(p: number): number;
  /** Plain data for JSON from which `start` goes on bit for bit. */
  state(): unknown;
}
