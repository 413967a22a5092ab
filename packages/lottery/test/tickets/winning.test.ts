import { expect, test } from "vitest";
import { type LevelResult, matchingLevel, winningTickets } from "../../src/index.ts";
import { levelsOf, rejection } from "./helpers.ts";
import { tinyTrainer } from "./tinyTrainer.ts";

/** Levels that stop at a step with an accuracy; the rest of a level is not looked at. */
async function reportOf(
  ...runs: readonly (readonly [step: number, accuracy: number])[]
): Promise<{ levels: LevelResult[] }> {
  const [one] = await levelsOf(tinyTrainer({ steps: 2 }), { rounds: 1, seed: 1, rate: 0.1, evalEvery: 1 });
  return {
    levels: runs.map(([step, accuracy], level) => ({
      ...(one as LevelResult),
      level,
      earlyStop: { step, validation: { loss: 1 }, test: { loss: 2 - accuracy, accuracy } },
      final: { step: 100, validation: { loss: 1 }, test: { loss: 1, accuracy: 1 - accuracy } },
    })),
  };
}

const indices = (levels: readonly LevelResult[]): number[] => levels.map(({ level }) => level);

test("winning: no later, and no worse", async () => {
  const report = await reportOf([50, 0.9], [50, 0.9], [60, 0.95], [40, 0.89], [30, 0.91]);
  expect(indices(winningTickets(report))).toEqual([1, 4]);
  expect(indices(winningTickets(report, { tolerance: 0.02 }))).toEqual([1, 3, 4]);
  expect(indices(winningTickets(report, { metric: "loss" }))).toEqual([1, 4]);
  expect(indices(winningTickets(report, { at: "final" }))).toEqual([1, 3]);
  expect(indices(winningTickets(report, { better: "lower" }))).toEqual([1, 3]);
});

test("matching: the sparsest level that is as good", async () => {
  const report = await reportOf([50, 0.9], [90, 0.92], [60, 0.9], [40, 0.85]);
  expect(matchingLevel(report)?.level).toBe(2);
  expect(matchingLevel(report, { tolerance: 0.06 })?.level).toBe(3);
  expect(matchingLevel(await reportOf([50, 0.9], [50, 0.8]))).toBeUndefined();
});

test("of no levels there is neither", () => {
  expect([winningTickets({ levels: [] }), matchingLevel({ levels: [] })]).toEqual([[], undefined]);
});

test("iterations are counted from where a level begins", async () => {
  const { levels } = await reportOf([50, 0.9], [130, 0.9]);
  const later = levels.map((level, i) => ({
    ...level,
    ticket: { ...level.ticket, state: { ...level.ticket.state, step: 100 * i } },
  }));
  expect(indices(winningTickets({ levels: later }))).toEqual([1]);
  expect(indices(winningTickets({ levels }))).toEqual([]);
});

test("a metric that there is not, and a tolerance below 0", async () => {
  const report = await reportOf([50, 0.9], [50, 0.9]);
  expect((await rejection(Promise.resolve().then(() => winningTickets(report, { metric: "f1" })))).message).toMatch(
    /no metric f1, only loss, accuracy/,
  );
  expect((await rejection(Promise.resolve().then(() => matchingLevel(report, { tolerance: -1 })))).code).toBe(
    "E_OPTION",
  );
});
