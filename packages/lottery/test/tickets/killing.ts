import { expect } from "vitest";
import { type Control, type FindTicketsOptions, type Store, memoryStore } from "../../src/index.ts";
import { type Cut, countingStore, killedAt } from "./brokenStore.ts";
import { contentOf, runAll } from "./helpers.ts";
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

export function finishedIn(store: Store, options: FindTicketsOptions): ReturnType<typeof runAll> {
  return runAll(trainer, { ...options, store });
}

/** An experiment without a break: its results, its files, and how often it changed the store. */
export async function measured(options: FindTicketsOptions): Promise<{
  readonly results: Awaited<ReturnType<typeof runAll>>;
  readonly content: Readonly<Record<string, string>>;
  readonly changes: number;
}> {
  const { store, changes } = countingStore();
  const results = await finishedIn(store, options);
  return { results, content: await contentOf(store), changes: changes() };
}

/** Kills the experiment at each of these changes and starts it again: expects the same results and the same bytes. */
export async function killAndResume(
  options: FindTicketsOptions,
  points: ArrayLike<number>,
  cuts: readonly Cut[] = ["before", "torn", "after"],
): Promise<void> {
  const { results, content } = await measured(options);
  for (const [i, point] of Array.from(points).entries()) {
    const cut = cuts[i % cuts.length] as Cut;
    const store = memoryStore();
    await expect(finishedIn(killedAt(store, point, cut), options)).rejects.toThrow("killed");
    expect(await finishedIn(store, options)).toEqual(results);
    expect(await contentOf(store), `${cut} change ${point}`).toEqual(content);
  }
}
