import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cubicSchedule,
  densityLadder,
  exponentialSchedule,
  gradualSparsity,
  linearSchedule,
  ratePerRound,
} from "../../src/index.ts";
import { scheduleCases, scheduleLaws } from "../../src/testing/index.ts";
import { codeOf } from "./helpers.ts";

describe.each([
  ["exponential", exponentialSchedule],
  ["linear", linearSchedule],
  ["cubic", cubicSchedule],
])("%s schedule", (_name, schedule) => {
  test.each(scheduleLaws(schedule))("$name", ({ check }) => {
    fc.assert(fc.property(scheduleCases(), check), { seed: 3, numRuns: 60 });
  });

  test("bad input", () => {
    expect(codeOf(() => schedule(1.5, 1, 2))).toBe("E_RATE");
    expect(codeOf(() => schedule(0.5, 3, 2))).toBe("E_OPTION");
    expect(codeOf(() => schedule(0.5, -1, 2))).toBe("E_OPTION");
    expect(codeOf(() => schedule(0.5, 0, 0))).toBe("E_OPTION");
    expect(codeOf(() => schedule(0.5, 0.5, 2))).toBe("E_OPTION");
  });
});

test("schedules by hand", () => {
  expect([1, 2, 3, 4].map((round) => exponentialSchedule(1 / 16, round, 4))).toEqual([1 / 2, 1 / 4, 1 / 8, 1 / 16]);
  expect([0, 1, 2, 3, 4].map((round) => linearSchedule(0.5, round, 4))).toEqual([1, 0.875, 0.75, 0.625, 0.5]);
  expect([0, 1, 2].map((round) => cubicSchedule(0.2, round, 2))).toEqual([1, 0.30000000000000004, 0.2]);
});

test("rate per round", () => {
  expect(ratePerRound(0.25, 2)).toBe(0.5);
  expect(ratePerRound(1, 5)).toBe(0);
  expect(ratePerRound(0, 5)).toBe(1);
  expect((1 - ratePerRound(0.036, 15)) ** 15).toBeCloseTo(0.036, 14);
  expect(codeOf(() => ratePerRound(1.1, 2))).toBe("E_RATE");
  expect(codeOf(() => ratePerRound(0.5, 0))).toBe("E_OPTION");
  expect(codeOf(() => ratePerRound(0.5, 1.5))).toBe("E_OPTION");
});

test("a ladder with this rate ends at the density, to within the rounding of each round", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 20 }),
      (size, density, rounds) => {
        const last = densityLadder({ w: size }, { rate: ratePerRound(density, rounds), rounds }).at(-1);
        expect(Math.abs((last?.kept ?? 0) - density * size)).toBeLessThanOrEqual(rounds / 2 + 1e-6);
      },
    ),
    { seed: 4, numRuns: 100 },
  );
});

test("bad ladders", () => {
  expect(codeOf(() => densityLadder({ w: 10 }, { rate: 0.2, rounds: -1 }))).toBe("E_OPTION");
  expect(codeOf(() => densityLadder({ w: 1.5 }, { rate: 0.2, rounds: 1 }))).toBe("E_OPTION");
  expect(codeOf(() => densityLadder({ w: 10 }, { rate: 2, rounds: 1 }))).toBe("E_RATE");
  expect(codeOf(() => densityLadder({ w: 10 }, { rounds: 1 }))).toBe("E_OPTION");
  expect(codeOf(() => densityLadder({ w: 10 }, { rate: { v: 0.1 }, rounds: 1 }))).toBe("E_OPTION v");
  expect(densityLadder({ v: 10, w: 0 }, { rate: { v: 0.5 }, rounds: 1 }).map(({ kept }) => kept)).toEqual([10, 5]);
});

describe("gradual sparsity", () => {
  test("from 0.5 to 0.8 in ten steps", () => {
    const found = [0, 2, 4, 6, 8, 10].map((step) => gradualSparsity(step, { initial: 0.5, final: 0.8, end: 10 }));
    expect(found.map((each) => Number(each.toFixed(4)))).toEqual([0.5, 0.6464, 0.7352, 0.7808, 0.7976, 0.8]);
  });

  test("it waits before and holds after; power 1 is a line", () => {
    const options = { initial: 0, final: 0.8, begin: 10, end: 20, power: 1 };
    expect([0, 10, 15, 20, 99].map((step) => gradualSparsity(step, options))).toEqual([0, 0, 0.4, 0.8, 0.8]);
  });

  test("bad input", () => {
    expect(codeOf(() => gradualSparsity(1, { final: 1.2, end: 2 }))).toBe("E_RATE");
    expect(codeOf(() => gradualSparsity(1, { initial: -1, final: 0.2, end: 2 }))).toBe("E_RATE");
    expect(codeOf(() => gradualSparsity(1, { initial: 0.5, final: 0.2, end: 2 }))).toBe("E_RATE");
    expect(codeOf(() => gradualSparsity(1, { final: 0.2, begin: 2, end: 2 }))).toBe("E_OPTION");
    expect(codeOf(() => gradualSparsity(-1, { final: 0.2, end: 2 }))).toBe("E_OPTION");
    expect(codeOf(() => gradualSparsity(1, { final: 0.2, end: 2, power: 0 }))).toBe("E_OPTION");
  });
});
