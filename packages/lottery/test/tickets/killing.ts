import { expect } from "vitest";
import { type FindTicketsOptions, type Store, memoryStore } from "../../src/index.ts";
import { type Cut, countingStore, killedAt } from "./brokenStore.ts";
import { contentOf, runAll } from "./helpers.ts";
import { trainer } from "./experiment.ts";

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
