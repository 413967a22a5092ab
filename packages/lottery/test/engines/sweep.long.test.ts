import { expect, test } from "vitest";
import { sweepHere, sweepIn } from "./sweep/sweeps.ts";

test("a worker process that is killed once is replaced, goes on, and writes the bytes of an undisturbed sweep", async () => {
  const killed = await sweepIn("child_process", 1, { id: "main-seed2-tickets", level: 1, step: 30 });
  const here = await sweepHere();
  expect(killed.report).toEqual(here.report);
  expect(killed.content).toEqual(here.content);
  // The second try began where the first one was: level 0 was in the store.
  expect(killed.attempts.filter((each) => each.startsWith("main-seed2-tickets"))).toEqual([
    "main-seed2-tickets 1: 0 0",
    "main-seed2-tickets 1: 0 1",
    "main-seed2-tickets 1: 1 1",
    "main-seed2-tickets 2: 0 0",
    "main-seed2-tickets 2: 0 1",
    "main-seed2-tickets 2: 1 1",
    "main-seed2-tickets 2: 1 2",
  ]);
});
