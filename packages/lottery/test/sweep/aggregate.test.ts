import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  aggregate,
  type JobLevel,
  type JobResult,
  learningCurves,
  memoryStore,
  runSweep,
  sweepJobs,
  type SweepResult,
  toCsv,
} from "../../src/index.ts";
import { executeIn, jobs } from "./harness.ts";

/** A run with this test accuracy at its end and early stop, whose validation loss falls to `loss` at step 20. */
function run(level: number, accuracy: number, loss = 0.1): JobLevel {
  const curve = [
    { step: 0, validation: { loss: 1 } },
    { step: 10, validation: { loss: 0.5 } },
    { step: 20, validation: { loss } },
  ];
  const final = { step: 20, validation: { loss }, test: { loss: 2 * loss, accuracy } };
  return { level, kept: 100 - level, size: 100, tensors: { w: 100 - level }, curve, earlyStop: final, final };
}

const list = sweepJobs({ seeds: [1, 2, 3], rounds: 1, controls: [{ kind: "reinit", trials: 2 }] });

function results(values: Readonly<Record<string, readonly JobLevel[]>>): SweepResult<JobResult>[] {
  return Object.entries(values).map(([id, levels]) => {
    const job = list.find((each) => each.id === id);
    if (job === undefined) throw new Error(`no job ${id}`);
    return { job, result: { levels } };
  });
}

const accuracy = "final.test.accuracy";

describe("aggregate", () => {
  test("is numpy's mean, scipy's standard error and their t interval, of values and of paired differences", () => {
    const file = new URL("../fixtures/sweep/statistics.json", import.meta.url);
    const { samples } = JSON.parse(readFileSync(file, "utf8")) as {
      samples: {
        confidence: number;
        tickets: number[];
        control: number[];
        ofTickets: Record<string, unknown>;
        ofDifferences: Record<string, unknown>;
      }[];
    };
    const close = (expected: Record<string, unknown>): Record<string, unknown> =>
      Object.fromEntries(
        Object.entries(expected).map(([key, value]) => [
          key,
          Array.isArray(value)
            ? value.map((each: number) => expect.closeTo(each, 12) as number)
            : (expect.closeTo(value as number, 12) as number),
        ]),
      );
    expect(samples.length).toBe(4);
    for (const { confidence, tickets, control, ofTickets, ofDifferences } of samples) {
      const seeds = tickets.map((_, i) => i);
      const all = sweepJobs({ seeds, rounds: 1, controls: [{ kind: "reinit" }] });
      const { rows } = aggregate(
        all.map((job) => ({
          job,
          result: { levels: [run(1, (job.kind === "tickets" ? tickets : control)[job.seed] as number)] },
        })),
        { confidence },
      );
      expect(rows.map(({ net }) => net)).toEqual(["ticket", "reinit"]);
      expect(rows[0]?.measures[accuracy]).toMatchObject({ n: tickets.length, missing: 0, ...close(ofTickets) });
      expect(rows[1]?.differences[accuracy]).toMatchObject({ n: tickets.length, ...close(ofDifferences) });
      expect(rows[0]?.measures[accuracy]).toMatchObject({ min: Math.min(...tickets), max: Math.max(...tickets) });
    }
  });

  test("counts what is there: missing seeds, trials of a seed as one value, pairs of both", () => {
    const { rows, confidence } = aggregate(
      results({
        "main-seed3-level1-reinit-0": [run(1, 0.5)],
        "main-seed2-tickets": [run(0, 0.8), run(1, 0.9)],
        "main-seed1-level1-reinit-1": [run(1, 0.7)],
        "main-seed1-level1-reinit-0": [run(1, 0.6)],
        "main-seed1-tickets": [run(0, 0.75), run(1, 0.8)],
        "main-seed2-level1-reinit-0": [run(1, 0.7)],
      }),
    );
    expect(confidence).toBe(0.95);
    expect(rows.map(({ net, level, seeds }) => [net, level, seeds])).toEqual([
      ["ticket", 0, [1, 2]],
      ["ticket", 1, [1, 2]],
      ["reinit", 1, [1, 2, 3]],
    ]);
    const [dense, ticket, reinit] = rows;
    expect(dense?.measures[accuracy]).toMatchObject({ n: 2, missing: 0, min: 0.75, max: 0.8 });
    expect(dense?.differences[accuracy]).toMatchObject({ n: 2, mean: 0, standardError: 0, interval: [0, 0] });
    // Ticket minus dense: 0.05 and 0.1.
    expect(ticket?.differences[accuracy]?.mean).toBeCloseTo(0.075, 12);
    // Seeds: (0.6 + 0.7) / 2, 0.7, 0.5.
    expect(reinit?.measures[accuracy]).toMatchObject({ n: 3, missing: 0, min: 0.5, max: 0.7 });
    expect(reinit?.measures[accuracy]?.mean).toBeCloseTo((0.65 + 0.7 + 0.5) / 3, 12);
    // Pairs: 0.8 - 0.65 and 0.9 - 0.7; seed 3 has no ticket.
    expect(reinit?.differences[accuracy]?.n).toBe(2);
    expect(reinit?.differences[accuracy]?.mean).toBeCloseTo(0.175, 12);
    expect(reinit?.measures["kept"]).toMatchObject({ mean: 99 });
    expect(reinit?.measures["density"]).toMatchObject({ mean: expect.closeTo(0.99, 12) as number, min: 0.99 });
  });

  test("says of steps to a loss how many never came there", () => {
    const { rows } = aggregate(
      results({
        "main-seed1-tickets": [run(0, 0.8, 0.1)],
        "main-seed2-tickets": [run(0, 0.8, 0.3)],
        "main-seed3-tickets": [run(0, 0.8, 0.3)],
      }),
      { losses: [0.5, 0.2, 0.01] },
    );
    expect(rows[0]?.measures["stepsTo(0.5)"]).toMatchObject({ n: 3, missing: 0, mean: 10, standardError: 0 });
    expect(rows[0]?.measures["stepsTo(0.2)"]).toEqual({ n: 1, missing: 2, mean: 20, min: 20, max: 20 });
    expect(rows[0]?.measures["stepsTo(0.01)"]).toEqual({ n: 0, missing: 3 });
  });

  test("reads metrics on the training data, measures of one's own, and no NaN", () => {
    const withTrain = { ...run(0, Number.NaN), train: { loss: 0.05 } };
    const { rows } = aggregate(results({ "main-seed1-tickets": [withTrain], "main-seed2-tickets": [run(0, 0.5)] }), {
      measures: { points: ({ curve }) => curve.length },
    });
    expect(rows[0]?.measures["final.train.loss"]).toEqual({ n: 1, missing: 1, mean: 0.05, min: 0.05, max: 0.05 });
    expect(rows[0]?.measures[accuracy]).toEqual({ n: 1, missing: 1, mean: 0.5, min: 0.5, max: 0.5 });
    expect(rows[0]?.measures["points"]).toMatchObject({ n: 2, mean: 3 });
  });

  test("does not depend on the order of the results, and reads what a sweep gives", async () => {
    const store = memoryStore();
    const { results: found } = await runSweep(jobs, { store, execute: executeIn(store, { train: true }) });
    const summary = aggregate(found, { losses: [0.4] });
    expect(aggregate([...found].reverse(), { losses: [0.4] })).toEqual(summary);
    expect(summary.rows.map(({ net, level }) => `${net} ${level}`)).toEqual([
      ...[0, 1, 2, 3].map((level) => `ticket ${level}`),
      ...[1, 3].map((level) => `randomMask ${level}`),
      ...[1, 2, 3].map((level) => `reinit ${level}`),
    ]);
    expect(Object.keys(summary.rows[0]?.measures ?? {})).toEqual([
      "kept",
      "density",
      "earlyStop.step",
      "earlyStop.validation.accuracy",
      "earlyStop.validation.loss",
      "earlyStop.test.accuracy",
      "earlyStop.test.loss",
      "final.validation.accuracy",
      "final.validation.loss",
      "final.test.accuracy",
      "final.test.loss",
      "final.train.accuracy",
      "final.train.loss",
      "stepsTo(0.4)",
    ]);
    for (const { net, level, measures } of summary.rows) {
      // 20 weights, of which 0.3 of the survivors go: W1 12 -> 8 -> 6 -> 4, W2 8 -> 6 -> 4 -> 3.
      expect(measures["kept"]?.mean, `${net} ${level}`).toBe([20, 14, 10, 7][level]);
      expect(measures["final.train.loss"]).toMatchObject({ n: 3, missing: 0 });
    }
  });

  test.each([
    ["one run twice", [run(0, 0.5), run(0, 0.5)], {}, "E_OPTION"],
    ["a confidence of 1", [run(0, 0.5)], { confidence: 1 }, "E_RATE"],
  ])("refuses %s", (_what, levels, options, code) => {
    const found = results({ "main-seed1-tickets": levels });
    expect(() => aggregate(found, options)).toThrow(expect.objectContaining({ code }));
  });
});

describe("learningCurves", () => {
  test("is a statistic for every step at which a run was looked at", () => {
    const short = { ...run(0, 0.5), curve: run(0, 0.5).curve.slice(0, 2) };
    const curves = learningCurves(
      results({
        "main-seed1-tickets": [run(0, 0.5, 0.1)],
        "main-seed2-tickets": [run(0, 0.5, 0.3)],
        "main-seed3-tickets": [short],
      }),
    );
    expect(
      curves.map(({ net, level, step, statistic: { n, missing, mean } }) => [net, level, step, n, missing, mean]),
    ).toEqual([
      ["ticket", 0, 0, 3, 0, 1],
      ["ticket", 0, 10, 3, 0, 0.5],
      ["ticket", 0, 20, 2, 1, 0.2],
    ]);
  });

  test("draws what it is told to", () => {
    const curves = learningCurves(results({ "main-seed1-tickets": [run(0, 0.5)] }), {
      measure: ({ step }) => 2 * step,
    });
    expect(curves.map(({ statistic: { mean } }) => mean)).toEqual([0, 20, 40]);
  });
});

describe("toCsv", () => {
  const found = results({
    "main-seed1-tickets": [run(1, 0.5)],
    "main-seed2-tickets": [run(1, 0.75)],
    "main-seed1-level1-reinit-0": [run(1, 0.25)],
  });

  test("is a line for every net, level and measure, with empty cells where there is no number", () => {
    const lines = toCsv(aggregate(found, { measures: { 'a "quoted", name': () => 1 } })).split("\n");
    expect(lines[0]).toBe(
      "experiment,net,level,measure,n,missing,mean,min,max,standardError,low,high,difference.n,difference.missing," +
        "difference.mean,difference.min,difference.max,difference.standardError,difference.low,difference.high",
    );
    expect(lines.filter((line) => line.includes(accuracy))).toEqual([
      expect.stringMatching(
        /^main,ticket,1,final\.test\.accuracy,2,0,0\.625,0\.5,0\.75,0\.125,-0\.963\d+,2\.213\d+,0,0,,,,,,$/,
      ),
      `main,reinit,1,${accuracy},1,0,0.25,0.25,0.25,,,,1,0,0.25,0.25,0.25,,,`,
    ]);
    expect(lines.some((line) => line.startsWith('main,ticket,1,"a ""quoted"", name",2,0,1,1,1,0,1,1'))).toBe(true);
    expect(lines.at(-1)).toBe("");
  });

  test("writes learning curves too", () => {
    const [head, first] = toCsv(learningCurves(found)).split("\n");
    expect(head).toBe("experiment,net,level,step,n,missing,mean,min,max,standardError,low,high");
    expect(first).toBe("main,ticket,1,0,2,0,1,1,1,0,1,1");
  });
});
