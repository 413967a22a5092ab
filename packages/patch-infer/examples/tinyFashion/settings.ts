/** What is searched, trained and compared. */
export interface Settings {
  /** Arenas that networks are searched for, in kB of 1024 bytes. */
  readonly budgets: readonly number[];
  /** Those of them whose networks are trained and compared. */
  readonly compared: readonly number[];
  /** The most multiply-accumulates of a plan, recomputed ones included. */
  readonly macs: number;
  /** The most bytes of int8 weights and int32 biases. */
  readonly flashBytes: number;
  readonly population: number;
  readonly parents: number;
  readonly generations: number;
  /** Seeds of the evolutions: one search for each. */
  readonly rounds: readonly number[];
  /** How long the best network of each resolution is trained to choose one. */
  readonly finalistSteps: number;
  /** Of the chosen networks. */
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly batch: number;
  readonly testImages: number;
}

/** What the committed report was made with. */
export const settings: Settings = {
  budgets: [8, 16, 32],
  compared: [16, 32, 8],
  macs: 2_000_000,
  flashBytes: 64 * 1024,
  population: 16,
  parents: 6,
  generations: 4,
  rounds: [1],
  finalistSteps: 150,
  steps: 800,
  seeds: [1, 2],
  batch: 64,
  testImages: 4000,
};

/** The same in seconds: every step is there, nothing is trained enough to mean anything. */
export const smallSettings: Settings = {
  budgets: [16],
  compared: [16],
  macs: 500_000,
  flashBytes: 64 * 1024,
  population: 6,
  parents: 3,
  generations: 1,
  rounds: [1],
  finalistSteps: 2,
  steps: 4,
  seeds: [1],
  batch: 8,
  testImages: 20,
};
