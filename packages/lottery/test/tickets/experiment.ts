import type { Control, FindTicketsOptions } from "../../src/index.ts";
import { tinyTrainer } from "./tinyTrainer.ts";

/** An experiment of some milliseconds on which seeds, steps and the optimiser's state make a difference. */
export const trainer = tinyTrainer({ steps: 12, batch: 4, momentum: 0.9, rate: 0.1, drawn: true });
export const plain: FindTicketsOptions = { rounds: 2, seed: 3, rate: 0.25, evalEvery: 3, checkpointEvery: 2 };
export const controls: readonly Control[] = [{ kind: "reinit", levels: [1] }];
export const variants = {
  rewound: { ...plain, rewindTo: { step: 4 }, keep: "all", controls },
  continued: { ...plain, strategy: "continue", rewindTo: { step: 3 } },
  onward: { ...plain, rewind: "none", keep: "last" },
} as const satisfies Readonly<Record<string, FindTicketsOptions>>;
