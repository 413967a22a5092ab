import { expect, test } from "vitest";
import { ArgumentError, interpret, spec, tensor, trace } from "../../src/index.ts";
import {
  type Schedule,
  constantSchedule,
  cosineSchedule,
  exponentialSchedule,
  linearSchedule,
  piecewiseSchedule,
  polynomialSchedule,
  warmupSchedule,
} from "../../src/optim/index.ts";
import { golden } from "./problem.ts";

const schedules: Readonly<Record<string, Schedule>> = {
  cosine: cosineSchedule(0.5, 8, 0.05),
  "cosine annealing": cosineSchedule(0.5, 8, 0.1),
  linear: linearSchedule(0.5, 0.1, 5),
  exponential: exponentialSchedule(0.5, 0.9, 1),
  piecewise: piecewiseSchedule(0.5, [
    [3, 0.1],
    [7, 0.1],
  ]),
  warmup: warmupSchedule(4, exponentialSchedule(0.5, 0.9, 1)),
  polynomial: polynomialSchedule(0.5, 0, 10, 2),
};

test("every golden schedule is tested", () => {
  expect(Object.keys(schedules).sort()).toEqual(Object.keys(golden.schedules).sort());
});

for (const [name, schedule] of Object.entries(schedules)) {
  test(`${name}: the rates of torch, eagerly and traced, in the dtype of the step`, () => {
    golden.schedules[name]!.forEach((expected, step) => {
      const precise = schedule(tensor(step, { dtype: "float64" }));
      expect(precise.item()).toBeCloseTo(expected, 14);
      expect(precise.dtype).toBe("float64");
      expect(Math.abs(schedule(tensor(step)).item() - expected)).toBeLessThan(1e-7);
    });
    const graph = trace(schedule, spec([]));
    expect(interpret(graph, { input: 3 })["output"]!.item()).toBe(schedule(tensor(3)).item());
  });
}

test("ends stay where they are", () => {
  const at = (schedule: Schedule, step: number): number => schedule(tensor(step, { dtype: "float64" })).item();
  expect(at(constantSchedule(0.3), 17)).toBe(0.3);
  expect(at(cosineSchedule(1, 10, 0.2), 1e6)).toBeCloseTo(0.2, 15);
  expect(at(linearSchedule(1, 3, 10), 1e6)).toBe(3);
  expect(at(polynomialSchedule(1, 0.5, 10, 0.5), 1e6)).toBe(0.5);
  expect(at(piecewiseSchedule(2, []), 5)).toBe(2);
  expect([0, 2, 4, 5].map((step) => at(warmupSchedule(4, constantSchedule(8)), step))).toEqual([0, 4, 8, 8]);
});

test("options out of range are refused by name", () => {
  expect(() => constantSchedule(NaN)).toThrow(/constantSchedule: value/);
  expect(() => cosineSchedule(1, 0)).toThrow(/cosineSchedule: steps: expected a finite number > 0, got 0/);
  expect(() => cosineSchedule(Infinity, 1)).toThrow(/initial/);
  expect(() => linearSchedule(0, NaN, 1)).toThrow(ArgumentError);
  expect(() => linearSchedule(0, 1, -1)).toThrow(/steps/);
  expect(() => polynomialSchedule(1, 0, 1, 0)).toThrow(/power/);
  expect(() => polynomialSchedule(1, 0, 0, 1)).toThrow(/steps/);
  expect(() => exponentialSchedule(1, 0, 1)).toThrow(/exponentialSchedule: rate/);
  expect(() => exponentialSchedule(1, 0.5, NaN)).toThrow(/steps/);
  expect(() => warmupSchedule(0, constantSchedule(1))).toThrow(/warmup/);
  expect(() => piecewiseSchedule(1, [[1, NaN]])).toThrow(/factor/);
  expect(() => piecewiseSchedule(1, [[Infinity, 1]])).toThrow(/boundary/);
});
